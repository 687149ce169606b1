/** What the user's rules did, in the same words in every format: what each hid, where and why, and which did nothing. */

import { whyIdle } from "../diff/rules/idle-rule.ts";
import type { Report, RuleSummary } from "../model/report.ts";
import { count, counted } from "./figures.ts";
import { placeOf } from "./sentences.ts";
import { clipped, visible } from "./visible.ts";

export interface RuleView {
  /** "ignore body $.served at GET /posts" */
  readonly text: string;
  /** "hid 12 differences in 5 exchanges", "had nothing to do: no endpoint is called so" */
  readonly did: string;
  /** "" when the user gave none. */
  readonly reason: string;
  readonly places: readonly string[];
}

/** Places named of each rule before the rest is counted. */
const namedPlaces = 5;
const textLimit = 300;

/** Those that had something to do first, each group in the order of the configuration; empty without rules. */
export function rulesInWords({ rules = [] }: Report): RuleView[] {
  const isIdle = ({ idle }: RuleSummary): boolean => idle !== null;
  return [...rules.filter((rule) => !isIdle(rule)), ...rules.filter(isIdle)].map((rule) => ({
    text: shown(rule.text),
    did: deedOf(rule),
    reason: rule.reason === null ? "" : shown(rule.reason),
    places: placesOf(rule),
  }));
}

/** "2 rules hid 15 differences"; null when no rule hid anything. */
export function hiddenSentence({ rules = [] }: Report): string | null {
  const hiding = rules.filter(({ hidden }) => hidden > 0);
  const hidden = hiding.reduce((sum, rule) => sum + rule.hidden, 0);
  return hidden === 0 ? null : `${counted(hiding.length, "rule")} of the configuration hid ${counted(hidden, "difference")}`;
}

function deedOf(rule: RuleSummary): string {
  const { hidden, exchanges } = rule;
  const why = whyIdle(rule);
  if (why !== null) return `had nothing to do: ${shown(why)}`;
  return hidden === 0
    ? `used in ${counted(exchanges, "exchange")}`
    : `hid ${counted(hidden, "difference")} in ${counted(exchanges, "exchange")}`;
}

function placesOf({ places }: RuleSummary): string[] {
  const named = places.slice(0, namedPlaces).map((place) => shown(`${place.endpoint} · ${placeOf(place)} · ${place.kind}`));
  const left = places.length - namedPlaces;
  return left > 0 ? [...named, `and ${count(left)} more`] : named;
}

function shown(text: string): string {
  return clipped(visible(text), textLimit);
}
