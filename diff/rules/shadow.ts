/** Which rule decides where another one would have: of two that do the same at one place the first one in the file does, and what
 * is ignored is ignored whatever else is said of it (scope.ts). */

import type { Signature } from "../../model/report.ts";
import { type HeldRules, holdNothing } from "./held-rules.ts";
import { pointerSteps } from "./place.ts";
import type { RuleEffect } from "./rule.ts";
import type { RuleScope } from "./scope.ts";

/** Whether a rule of the effect `first` leaves nothing to do for one of the effect `second` where both hold. */
export function overrules(first: RuleEffect, second: RuleEffect): boolean {
  return first.kind === "ignore" || partOf(first) === partOf(second);
}

/** Whether a rule holds where a difference was found.
 * @param alone the scope of that rule and no other */
export function holdsAt(alone: RuleScope, { kind }: RuleEffect, { location, path }: Signature): boolean {
  if (kind === "ignore") return alone.ignoring(location, path) !== null;
  const { value, unorderedBy, key } = heldAt(alone, location, path);
  if (kind === "unordered") return unorderedBy !== null;
  return (kind === "key" ? key : value) !== null;
}

/** A value compares by its tolerance or by its format. */
function partOf({ kind }: RuleEffect): string {
  return kind === "tolerance" || kind === "format" ? "value" : kind;
}

function heldAt(scope: RuleScope, location: Signature["location"], path: string): HeldRules {
  if (location === "header") return scope.header(path);
  if (location !== "body") return holdNothing;
  let rules = scope.json;
  for (const { selector } of pointerSteps(path)) rules = selector.kind === "member" ? rules.member(selector.name) : rules.element(null);
  return rules;
}
