/** The `rules` of the configuration file: YAML in, checked rules out, or one line about the first that is wrong. */

import { z } from "zod";
import type { Rule, RuleEffect } from "../diff/rules/rule.ts";
import { checkRule } from "../diff/rules/scope.ts";
import { PenumbraError } from "../model/errors.ts";
import { nearestName } from "./nearest-name.ts";
import { having } from "./value-schemas.ts";
import { duration, share } from "./values.ts";

const text = z.string().min(1, "it is empty");
const amount = z.number().finite().min(0, "it is below 0");
const yes = z.literal(true, "only true means something there");

/** Rules as they stand in the file. */
const writtenTolerance = z.strictObject({
  absolute: amount.optional(),
  relative: z.union([amount, text]).meta({ anyOf: share.schema }).optional(),
  time: text.meta({ allOf: duration.schema }).optional(),
});
const writtenRule = z.strictObject({
  endpoint: text.optional(),
  at: text,
  reason: text.optional(),
  ignore: yes.optional(),
  tolerance: writtenTolerance.meta({ minProperties: 1 }).optional(),
  unordered: yes.optional(),
  key: text.optional(),
  format: z.union([yes, text], "write true, the name of a format, or a /regex/").optional(),
});
type WrittenRule = z.infer<typeof writtenRule>;

const effects = ["ignore", "tolerance", "unordered", "key", "format"] as const satisfies readonly (keyof WrittenRule)[];
/** One entry, for the schema of the configuration file. */
export const rulesShape: z.ZodType = writtenRule.meta({
  oneOf: effects.map(having),
  dependentRequired: { ignore: ["reason"] },
});
const ruleKeys: readonly string[] = Object.keys(writtenRule.shape);
const toleranceKeys: readonly string[] = Object.keys(writtenTolerance.shape);
/** They are handed to the observer in an environment variable, which the system bounds at 128 KiB. */
const mostCharacters = 64 * 1024;
const see = "see docs/rules.md";

/** @param document what stands under `rules`
 * @throws PenumbraError naming the file, the first rule that is wrong, and what to do */
export function readRules(document: unknown, path: string): readonly Rule[] {
  if (!Array.isArray(document)) throw wrongRules(path, "rules", "is no list", `write each rule as "- at: …"; ${see}`);
  const rules = document.map((written: unknown, index) => readRule(written, { path, name: `rule ${index + 1}` }));
  if (JSON.stringify(rules).length > mostCharacters)
    throw wrongRules(path, "rules", "are longer than 64 KiB", "use * in endpoints and $..name in paths, so that one rule does for many");
  return rules;
}

interface Where {
  readonly path: string;
  /** "rule 3", counted from 1. */
  readonly name: string;
}

function readRule(written: unknown, where: Where): Rule {
  const checked = writtenRule.safeParse(written);
  if (!checked.success) throw shapeProblem(checked.error, where);
  const { data } = checked;
  const given = effects.filter((effect) => data[effect] !== undefined);
  if (given.length !== 1) {
    const problem = given.length === 0 ? "says nothing of what to do" : `says both ${given.join(" and ")}`;
    throw wrongRules(where.path, where.name, problem, `give one of ${effects.join(", ")}`);
  }
  if (data.ignore === true && data.reason === undefined)
    throw wrongRules(where.path, where.name, "ignores without a reason", "say why in reason: TEXT, for whoever reads the report");
  const rule = { endpoint: data.endpoint ?? null, at: data.at, effect: effectOf(data, where), reason: data.reason ?? null };
  const usable = checkRule(rule);
  if (usable.kind === "wrong") throw wrongRules(where.path, where.name, `is wrong: ${usable.problem}`, usable.advice);
  return rule;
}

function effectOf({ tolerance, unordered, key, format }: WrittenRule, where: Where): RuleEffect {
  if (tolerance !== undefined) return toleranceOf(tolerance, where);
  if (unordered !== undefined) return { kind: "unordered" };
  if (key !== undefined) return { kind: "key", member: key };
  if (format !== undefined) return { kind: "format", format: format === true ? null : format };
  return { kind: "ignore" };
}

function toleranceOf({ absolute, relative, time }: NonNullable<WrittenRule["tolerance"]>, { path, name }: Where): RuleEffect {
  if (absolute === undefined && relative === undefined && time === undefined)
    throw wrongRules(path, name, "has an empty tolerance", "give absolute: 0.01, relative: 1% or time: 5s");
  return {
    kind: "tolerance",
    absolute: absolute === undefined ? null : String(absolute),
    relative: relative === undefined ? null : String(share(String(relative), `${name} in ${path}: relative`)),
    timeMs: time === undefined ? null : duration(time, `${name} in ${path}: time`),
  };
}

/** The first thing that is wrong with the shape of a rule. */
function shapeProblem({ issues }: z.ZodError, { path, name }: Where): PenumbraError {
  const [issue] = issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const nearest = nearestName(key, issue.path.length === 0 ? ruleKeys : toleranceKeys);
    return wrongRules(path, name, `has an unknown key "${key}"`, nearest === null ? see : `did you mean "${nearest}"?`);
  }
  const key = issue?.path.join(".") ?? "";
  if (key === "") return wrongRules(path, name, "is no list of NAME: VALUE", see);
  if (key === "at" && issue?.code === "invalid_type")
    return wrongRules(path, name, "does not say where", "give at: status, header NAME, body or body $.json.path");
  return wrongRules(path, name, `has a wrong ${key} (${issue?.message ?? ""})`, see);
}

function wrongRules(path: string, name: string, problem: string, hint: string): PenumbraError {
  return new PenumbraError("RULE_INVALID", `${name} in ${path} ${problem}`, hint);
}
