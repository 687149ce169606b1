/** From what was given to what holds: flag > environment `PENUMBRA_*` > configuration file > default. */

import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { PenumbraError } from "../model/errors.ts";
import { type OptionName, type OptionSpec, type OptionValues, options } from "./options.ts";

/** What the command line gave: texts by option name. */
export type GivenTexts = Readonly<Partial<Record<string, readonly string[]>>>;

/** @throws PenumbraError when a value, the file or one of its keys is wrong */
export function resolveOptions<Name extends OptionName>(
  names: readonly Name[],
  given: GivenTexts,
  environment: Readonly<Record<string, string | undefined>>,
): OptionValues<Name> {
  const configFile = given["config"]?.at(-1) ?? environment["PENUMBRA_CONFIG"];
  const fromFile = configFile === undefined ? {} : readConfigFile(configFile);
  const resolved: Record<string, unknown> = {};
  for (const name of names) {
    const spec: OptionSpec<unknown> = options[name];
    resolved[name] = readFirst(spec, [
      { texts: given[name], label: `--${name}` },
      { texts: fromEnvironment(name, spec, environment), label: environmentName(name) },
      { texts: fromFile[name], label: `${name} in ${configFile ?? ""}` },
      { texts: [], label: `--${name}` },
    ]);
  }
  return resolved as OptionValues<Name>;
}

interface Source {
  readonly texts: readonly string[] | undefined;
  /** As the user knows it, for the error. */
  readonly label: string;
}

/** The value of the first source that says anything. */
function readFirst(spec: OptionSpec<unknown>, sources: readonly Source[]): unknown {
  const said = sources.find(({ texts }) => texts !== undefined);
  return spec.read(said?.texts ?? [], said?.label ?? "");
}

/** `--mirror-writes` → `PENUMBRA_MIRROR_WRITES`; lists are separated by commas. */
export function environmentName(name: string): string {
  return `PENUMBRA_${name.toUpperCase().replaceAll("-", "_")}`;
}

function fromEnvironment(
  name: string,
  spec: OptionSpec<unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): string[] | undefined {
  const value = environment[environmentName(name)];
  if (value === undefined || value === "") return undefined;
  return spec.shape === "list" ? value.split(",").map((each) => each.trim()) : [value];
}

function readConfigFile(path: string): GivenTexts {
  let document: unknown;
  try {
    document = parseYaml(readFileSync(path, "utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new PenumbraError(
      "CONFIG_UNREADABLE",
      `the configuration file ${path} cannot be read (${why})`,
      "mend it or leave --config out",
      cause,
    );
  }
  if (document === null || document === undefined) return {};
  if (typeof document !== "object" || Array.isArray(document)) {
    throw new PenumbraError("CONFIG_INVALID", `the configuration file ${path} is not a list of NAME: VALUE`, "see docs/options.md");
  }
  const texts: Record<string, readonly string[]> = {};
  for (const [key, value] of Object.entries(document)) {
    if (!Object.hasOwn(options, key)) throw unknownKey(path, key);
    if (Array.isArray(value) && options[key as OptionName].shape !== "list") {
      throw new PenumbraError("CONFIG_INVALID", `${key} in ${path} takes one value, not a list`, "write it as NAME: VALUE");
    }
    const each: readonly unknown[] = Array.isArray(value) ? value : [value];
    texts[key] = each.map((item) => textOf(item, key, path));
  }
  return texts;
}

/** A scalar of the file as it would stand on the command line. */
function textOf(value: unknown, key: string, path: string): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  const what = value === null ? "has no value" : "is neither a text nor a list of texts";
  throw new PenumbraError(
    "CONFIG_INVALID",
    `${key} in ${path} ${what}`,
    "write it as on the command line, e.g. NAME: VALUE, or leave it out",
  );
}

function unknownKey(path: string, key: string): PenumbraError {
  const nearest = nearestName(key, Object.keys(options));
  const hint = nearest === null ? "see docs/options.md for the names" : `did you mean "${nearest}"?`;
  return new PenumbraError("CONFIG_UNKNOWN_KEY", `the configuration file ${path} has an unknown key "${key}"`, hint);
}

/** The name that differs least (at most two letters), or null. */
function nearestName(wrong: string, names: readonly string[]): string | null {
  const greatestDistance = 2;
  let best: string | null = null;
  let bestDistance = greatestDistance + 1;
  for (const name of names) {
    const distance = editDistance(wrong, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
