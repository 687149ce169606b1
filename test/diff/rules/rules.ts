/** Rules made by hand, in short. */

import type { Rule, RuleEffect } from "../../../diff/rules/rule.ts";
import { RuleBook, type RuleScope } from "../../../diff/rules/scope.ts";

export const ignore: RuleEffect = { kind: "ignore" };
export const unordered: RuleEffect = { kind: "unordered" };

export function key(member: string): RuleEffect {
  return { kind: "key", member };
}

export function format(name: string | null = null): RuleEffect {
  return { kind: "format", format: name };
}

export function tolerance(bounds: { readonly absolute?: string; readonly relative?: string; readonly timeMs?: number }): RuleEffect & {
  readonly kind: "tolerance";
} {
  return { kind: "tolerance", absolute: null, relative: null, timeMs: null, ...bounds };
}

export function rule(at: string, effect: RuleEffect, endpoint: string | null = null): Rule {
  return { endpoint, at, effect, reason: effect.kind === "ignore" ? "a test says so" : null };
}

/** The rules for any endpoint. */
export function scope(...rules: readonly Rule[]): RuleScope {
  return new RuleBook(rules).scopeOf("GET /things");
}
