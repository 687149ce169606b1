/** Where the comparison asks the user's rules (rules/): each function compares as it would without rules, and puts what it finds
 * under the rule that hides it. So ids are learnt all the same, and a rule takes away differences but never adds or moves one. */

import type { Difference, DifferenceKind, Location } from "../../model/difference.ts";
import type { HeldRules, ValueRule } from "../rules/held-rules.ts";
import { isWithin } from "../rules/tolerance.ts";
import { formatOf, sameFormat } from "./formats.ts";
import type { UserRule } from "./ledger.ts";
import type { AnswerPair } from "./pair.ts";

/** Compares what a rule ignores; null = none does. */
export function underIgnoring(rule: number | null, pair: AnswerPair, compare: () => void): void {
  if (rule === null) compare();
  else pair.ledger.under({ number: rule, leaves: "untested" }, compare);
}

type FormatRule = ValueRule & { readonly kind: "format" };

/** Two values at one place, and how they are shown. */
interface ValuePair {
  readonly location: Location;
  readonly path: string;
  /** Of values of which one has the format that a rule asks for, and the other has not. */
  readonly formatKind: DifferenceKind;
  readonly left: string;
  readonly right: string;
  readonly render: (value: string) => string;
}

/** Compares two values for which the user has given a tolerance or a format. */
export function underValueRule(rule: ValueRule, values: ValuePair, pair: AnswerPair, compare: () => void): void {
  const { left, right } = values;
  if (rule.kind === "format") return underFormat(rule, values, pair, compare);
  if (left === right || !isWithin(left, right, rule.tolerance)) return compare();
  pair.ledger.apply(rule.by);
  return pair.ledger.under({ number: rule.by, leaves: "byValue" }, compare);
}

/** Where neither side has the format that the rule asks for, the rule is about other values than these. */
function underFormat(rule: FormatRule, values: ValuePair, pair: AnswerPair, compare: () => void): void {
  const { left, right } = values;
  const byFormat: UserRule = { number: rule.by, leaves: "byFormat" };
  if (left === right) return pair.ledger.under(byFormat, compare);
  if (!pair.patternWork.spend((rule.holds?.size ?? 0) * (left.length + right.length))) {
    pair.ledger.apply(rule.by);
    return pair.ledger.skip();
  }
  const holds = rule.holds?.fits ?? (() => sameFormat(left, right));
  const [before, after] = [holds(left), holds(right)];
  if (!before && !after) return compare();
  pair.ledger.apply(rule.by);
  if (before && after) return pair.ledger.under(byFormat, compare);
  const transition = before ? `${rule.name}→${formatOf(right)}` : `${formatOf(left)}→${rule.name}`;
  return pair.ledger.differ(brokenFormat(values, transition));
}

function brokenFormat({ location, path, formatKind, left, right, render }: ValuePair, transition: string): Difference {
  return { location, path, kind: formatKind, level: "format", from: render(left), to: render(right), transition };
}

/** Notes that elements stand in another order. */
export function noteOrder(difference: Difference, { unorderedBy }: HeldRules, pair: AnswerPair): void {
  if (unorderedBy === null) pair.ledger.note(difference);
  else pair.ledger.under({ number: unorderedBy, leaves: "byValue" }, () => pair.ledger.note(difference));
}
