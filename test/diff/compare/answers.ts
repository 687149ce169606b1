/** Answers made by hand, and short forms of what a comparison finds in them. */

import { compareOutcomes } from "../../../diff/compare/outcomes.ts";
import { References } from "../../../diff/compare/references.ts";
import type { RuleScope } from "../../../diff/rules/scope.ts";
import type { Comparison } from "../../../model/difference.ts";
import { type Body, noBody, type Outcome } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";

/** Header values; null takes a header out, a list sends it several times. */
export type Headers = Readonly<Record<string, string | null | readonly string[]>>;

export interface Setting {
  readonly method?: string;
  readonly target?: string;
  readonly leftSentTarget?: string;
  readonly rightSentTarget?: string;
  readonly references?: References;
  readonly rules?: RuleScope;
}

/** An answer with JSON of `value` as its body. */
export function json(value: unknown, headers: Headers = {}, status = 200): Outcome {
  return raw(JSON.stringify(value), headers, status);
}

/** An answer with these bytes as its body; application/json unless told otherwise. */
export function raw(body: string | Uint8Array | null, headers: Headers = {}, status = 200): Outcome {
  const bytes: Body = body === null ? noBody : { kind: "whole", bytes: typeof body === "string" ? Buffer.from(body) : body };
  const all = Object.entries({ "content-type": "application/json; charset=utf-8", ...headers });
  const fields = all.flatMap(([name, value]) => (value === null ? [] : [value].flat().map((one): [string, string] => [name, one])));
  return {
    kind: "answered",
    answer: { status, reason: "", headers: fields, body: bytes },
    firstByteMs: milliseconds(1),
    tookMs: milliseconds(1),
  };
}

/** A text answer of the given type. */
export function text(body: string, type = "text/plain; charset=utf-8"): Outcome {
  return raw(body, { "content-type": type });
}

export function compare(left: Outcome, right: Outcome, setting: Setting = {}): Comparison {
  const { method = "GET", target = "/things", references = new References(), ...sent } = setting;
  return compareOutcomes(left, right, { request: { method, target, version: "1.1", headers: [], body: noBody }, references, ...sent });
}

/** One line a difference: `path kind level transition`. */
export function found(left: Outcome, right: Outcome, setting: Setting = {}): string[] {
  return compare(left, right, setting).differences.map(({ path, kind, level, transition }) =>
    `${path} ${kind} ${level} ${transition}`.trim(),
  );
}

/** A UUID with `number` in it. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
