/** The `sampling` list of the configuration file: YAML in, checked rules out, or one line about the first that is wrong. */

import { z } from "zod";
import { PenumbraError } from "../model/errors.ts";
import { ratio } from "../model/units.ts";
import type { SamplingRule } from "../proxy/live/sampling-rules.ts";
import { nearestName } from "./nearest-name.ts";
import { having } from "./value-schemas.ts";
import { share } from "./values.ts";

const name = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, "it is no name of HTTP");
const writtenRule = z.strictObject({
  method: name.optional(),
  path: z.string().regex(/^\//, "it does not begin with a slash").optional(),
  host: z.string().min(1, "it is empty").optional(),
  header: z.union([name, z.record(name, z.string()).meta({ minProperties: 1, maxProperties: 1 })]).optional(),
  rate: z.union([z.string(), z.number()]).meta({ anyOf: share.schema }).optional(),
  perSecond: z.number().positive("it is not above 0").optional(),
});
type WrittenRule = z.infer<typeof writtenRule>;
/** One entry, for the schema of the configuration file. */
export const samplingShape: z.ZodType = writtenRule.meta({ anyOf: ["rate", "perSecond"].map(having) });

const keys: readonly string[] = Object.keys(writtenRule.shape);
/** Every request is held against them, on the way of users. */
const mostRules = 100;
const see = "see docs/sampling.md";

/** @param document what stands under `sampling`
 * @throws PenumbraError naming the file, the first rule that is wrong, and what to do */
export function readSamplingRules(document: unknown, path: string): readonly SamplingRule[] {
  if (!Array.isArray(document)) throw wrong(path, "sampling", "is no list", `write each rule as "- path: …"; ${see}`);
  if (document.length > mostRules) throw wrong(path, "sampling", `has more than ${mostRules} rules`, "let * stand for what differs");
  return document.map((written: unknown, index) => readRule(written, path, `sampling rule ${index + 1}`));
}

function readRule(written: unknown, path: string, rule: string): SamplingRule {
  const checked = writtenRule.safeParse(written);
  if (!checked.success) throw shapeProblem(checked.error, path, rule);
  const { method, path: at, host, rate, perSecond } = checked.data;
  if (rate === undefined && perSecond === undefined) throw wrong(path, rule, "says no rate", "give rate: SHARE, perSecond: N, or both");
  return {
    method: method ?? null,
    path: at ?? null,
    host: host ?? null,
    header: headerOf(checked.data, path, rule),
    rate: rate === undefined ? null : ratio(share(String(rate), `rate of ${rule} in ${path}`)),
    perSecond: perSecond ?? null,
  };
}

function headerOf({ header }: WrittenRule, path: string, rule: string): SamplingRule["header"] {
  if (header === undefined) return null;
  if (typeof header === "string") return { name: header.toLowerCase(), value: null };
  const [first, ...others] = Object.entries(header);
  if (first === undefined || others.length > 0)
    throw wrong(path, rule, "does not name one header", "write header: NAME or header: { NAME: VALUE }");
  return { name: first[0].toLowerCase(), value: first[1] };
}

function shapeProblem(error: z.ZodError, path: string, rule: string): PenumbraError {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const nearest = nearestName(key, keys);
    return wrong(
      path,
      rule,
      `has an unknown key "${key}"`,
      nearest === null ? `it may have ${keys.join(", ")}` : `did you mean "${nearest}"?`,
    );
  }
  const at = issue?.path.join(".") ?? "";
  return wrong(path, rule, at === "" ? "is no rule" : `has a wrong ${at}: ${issue?.message ?? ""}`, see);
}

function wrong(path: string, what: string, problem: string, advice: string): PenumbraError {
  return new PenumbraError("CONFIG_INVALID", `${what} in ${path} ${problem}`, advice);
}
