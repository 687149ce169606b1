/** From what was given to what holds: flag > environment `PENUMBRA_*` > configuration file > default. */

import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import type { Rule } from "../diff/rules/rule.ts";
import { PenumbraError } from "../model/errors.ts";
import type { SamplingRule } from "../proxy/live/sampling-rules.ts";
import type { RedactionRule } from "../recording/redaction-rules.ts";
import { nearestName } from "./nearest-name.ts";
import { type OptionName, type OptionSpec, type OptionValues, options } from "./options.ts";
import { readRedactionRules } from "./redaction-rules.ts";
import { readRules } from "./rules.ts";
import { readSamplingRules } from "./sampling-rules.ts";

/** What the command line gave: texts by option name. */
export type GivenTexts = Readonly<Partial<Record<string, readonly string[]>>>;

/** The values of a command's options, and what only the configuration file can say. */
export type Resolved<Name extends OptionName> = OptionValues<Name> & ConfiguredRules;

export interface ConfiguredRules {
  readonly rules: readonly Rule[];
  readonly sampling: readonly SamplingRule[];
  readonly redaction: readonly RedactionRule[];
}

/** @param read gives the text of the configuration file
 * @throws PenumbraError when a value, the file or one of its keys is wrong */
export function resolveOptions<Name extends OptionName>(
  names: readonly Name[],
  given: GivenTexts,
  environment: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Resolved<Name> {
  const said = (name: OptionName): readonly Source[] => [
    { texts: given[name], label: `--${name}` },
    { texts: fromEnvironment(name, options[name], environment), label: environmentName(name) },
  ];
  const configFile = readFirst(options.config, said("config"));
  const { texts: fromFile, ...configured } = configFile === null ? emptyFile : readConfigFile(configFile, read);
  const resolved: Record<string, unknown> = { ...configured };
  for (const name of names) {
    const inFile = { texts: fromFile[name], label: `${name} in ${configFile ?? ""}` };
    resolved[name] = readFirst<unknown>(options[name], [...said(name), inFile]);
  }
  return resolved as Resolved<Name>;
}

interface Source {
  readonly texts: readonly string[] | undefined;
  /** As the user knows it, for the error. */
  readonly label: string;
}

/** The value of the first source that says anything. */
function readFirst<T>(spec: OptionSpec<T>, sources: readonly Source[]): T {
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

interface ConfigFile extends ConfiguredRules {
  readonly texts: GivenTexts;
}

/** The keys of the file that are no options. */
const rulesKey = "rules";
const samplingKey = "sampling";
const redactionKey = "redaction";
const emptyFile: ConfigFile = { texts: {}, rules: [], sampling: [], redaction: [] };

function readConfigFile(path: string, read: (path: string) => string): ConfigFile {
  let document: unknown;
  try {
    document = parseYaml(read(path));
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new PenumbraError(
      "CONFIG_UNREADABLE",
      `the configuration file ${path} cannot be read (${why})`,
      "mend it or leave --config out",
      cause,
    );
  }
  if (document === null || document === undefined) return emptyFile;
  if (typeof document !== "object" || Array.isArray(document)) {
    throw new PenumbraError("CONFIG_INVALID", `the configuration file ${path} is not a list of NAME: VALUE`, "see docs/options.md");
  }
  const texts: Record<string, readonly string[]> = {};
  const {
    [rulesKey]: rules,
    [samplingKey]: sampling,
    [redactionKey]: redaction,
    ...values
  }: Readonly<Record<string, unknown>> = { ...document };
  for (const [key, value] of Object.entries(values)) {
    if (!Object.hasOwn(options, key)) throw unknownKey(path, key);
    if (key === "config")
      throw new PenumbraError("CONFIG_INVALID", `config in ${path} cannot name another configuration file`, "put its lines into this one");
    if (Array.isArray(value) && options[key as OptionName].shape !== "list") {
      throw new PenumbraError("CONFIG_INVALID", `${key} in ${path} takes one value, not a list`, "write it as NAME: VALUE");
    }
    const each: readonly unknown[] = Array.isArray(value) ? value : [value];
    texts[key] = each.map((item) => textOf(item, key, path));
  }
  return {
    texts,
    rules: rules === undefined ? [] : readRules(rules, path),
    sampling: sampling === undefined ? [] : readSamplingRules(sampling, path),
    redaction: redaction === undefined ? [] : readRedactionRules(redaction, path),
  };
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
  const nearest = nearestName(key, [...Object.keys(options), rulesKey, samplingKey, redactionKey]);
  const hint = nearest === null ? "see docs/options.md for the names" : `did you mean "${nearest}"?`;
  return new PenumbraError("CONFIG_UNKNOWN_KEY", `the configuration file ${path} has an unknown key "${key}"`, hint);
}
