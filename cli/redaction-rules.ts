/** The `redaction` list of the configuration file: YAML in, checked rules out, or one line about the first that is wrong. */

import { z } from "zod";
import { readJsonPath } from "../diff/rules/json-path.ts";
import { isRegex, readRegex } from "../diff/rules/pattern.ts";
import type { Reading } from "../diff/rules/reading.ts";
import { PenumbraError } from "../model/errors.ts";
import type { RedactionRule } from "../recording/redaction-rules.ts";
import type { RedactionMode } from "../recording/secrets.ts";
import { nearestName } from "./nearest-name.ts";
import { having } from "./value-schemas.ts";

const text = z.string().min(1, "it is empty");
const writtenRule = z.strictObject({
  header: text.optional(),
  query: text.optional(),
  form: text.optional(),
  json: text.optional(),
  regex: text.optional(),
  name: text.optional(),
  keep: text.optional(),
  how: z.enum(["token", "mask", "drop"], "it is token, mask or drop").optional(),
});
type WrittenRule = z.infer<typeof writtenRule>;

const places = ["header", "query", "form", "json", "regex", "name", "keep"] as const satisfies readonly (keyof WrittenRule)[];
/** They are about all that there is, and know no way of their own. */
const withoutHow: readonly string[] = ["name", "keep"];
/** One entry, for the schema of the configuration file. */
export const redactionShape: z.ZodType = writtenRule.meta({
  oneOf: places.map((place) => ({ ...having(place), ...(withoutHow.includes(place) ? { not: having("how") } : {}) })),
});
const keys: readonly string[] = Object.keys(writtenRule.shape);
/** Every exchange is held against them. */
const mostRules = 100;
/** They are handed to the observer in an environment variable, which the system bounds at 128 KiB. */
const mostCharacters = 32 * 1024;
const see = "see docs/redaction.md";

/** @param document what stands under `redaction`
 * @throws PenumbraError naming the file, the first rule that is wrong, and what to do */
export function readRedactionRules(document: unknown, path: string): readonly RedactionRule[] {
  if (!Array.isArray(document)) throw wrong(path, "redaction", "is no list", `write each rule as "- header: …"; ${see}`);
  if (document.length > mostRules) throw wrong(path, "redaction", `has more than ${mostRules} rules`, "let * stand for what differs");
  const rules = document.map((written: unknown, index) => readRule(written, path, `redaction rule ${index + 1}`));
  if (JSON.stringify(rules).length > mostCharacters) throw wrong(path, "redaction", "is longer than 32 KiB", "say it shorter");
  return rules;
}

function readRule(written: unknown, path: string, rule: string): RedactionRule {
  const checked = writtenRule.safeParse(written);
  if (!checked.success) throw shapeProblem(checked.error, path, rule);
  const { data } = checked;
  const given = places.filter((place) => data[place] !== undefined);
  const [place] = given;
  if (place === undefined || given.length > 1) throw wrong(path, rule, "does not name one place", `give one of ${places.join(", ")}`);
  return ruleAt(place, data[place] ?? "", data.how ?? null, { path, rule });
}

function ruleAt(
  kind: (typeof places)[number],
  value: string,
  how: RedactionMode | null,
  { path, rule }: { readonly path: string; readonly rule: string },
): RedactionRule {
  const valueOf = <T>(reading: Reading<T>): T => {
    if (reading.kind === "wrong") throw wrong(path, rule, `has a wrong ${kind}: ${reading.problem}`, reading.advice);
    return reading.value;
  };
  switch (kind) {
    case "header":
    case "query":
    case "form":
      return { kind, name: value, how };
    case "json":
      return { kind, path: value, steps: valueOf(readJsonPath(value)), how };
    case "regex":
      if (!isRegex(value)) throw wrong(path, rule, `has a wrong regex: ${value} does not stand between slashes`, "write it like /[0-9]+/");
      valueOf(readRegex(value));
      return { kind, pattern: value.slice(1, -1), how };
    case "name":
    case "keep":
      if (how === null) return { kind, name: value };
      throw wrong(
        path,
        rule,
        `says how, which ${kind} does not know`,
        kind === "keep" ? "leave how out" : "--redact says how; leave how out",
      );
    default:
      return kind satisfies never;
  }
}

function shapeProblem(error: z.ZodError, path: string, rule: string): PenumbraError {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const nearest = nearestName(key, keys);
    const hint = nearest === null ? `it may have ${keys.join(", ")}` : `did you mean "${nearest}"?`;
    return wrong(path, rule, `has an unknown key "${key}"`, hint);
  }
  const at = issue?.path.join(".") ?? "";
  return wrong(path, rule, at === "" ? "is no rule" : `has a wrong ${at}: ${issue?.message ?? ""}`, see);
}

function wrong(path: string, what: string, problem: string, advice: string): PenumbraError {
  return new PenumbraError("CONFIG_INVALID", `${what} in ${path} ${problem}`, advice);
}
