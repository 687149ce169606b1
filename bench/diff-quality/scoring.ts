/** Compares what an arm reported with what was planted. A report that stands in the twin run as well, where nothing was planted,
 * is no discovery: only what the fault changed counts as found. */

import type { Fault } from "./faults.ts";
import { keyOf, type Place, type Reported } from "./reported.ts";

export interface Score {
  /** Planted faults, and how many of them were found. */
  runs: number;
  found: number;
  /** … by a report that fails the run. */
  confirmed: number;
  /** … under the planted kind's name. */
  named: number;
  /** Things shown, and how many of them are due to the fault. */
  shown: number;
  due: number;
  /** Faults found, and found as exactly one thing with nothing else in it. */
  pure: number;
  /** Faults found that need a condition, and those where it is named. */
  conditions: number;
  conditionsNamed: number;
}

export function emptyScore(): Score {
  return { runs: 0, found: 0, confirmed: 0, named: 0, shown: 0, due: 0, pure: 0, conditions: 0, conditionsNamed: 0 };
}

export interface Planted {
  readonly fault: Fault;
  /** Words that the condition consists of; null = none was planted. */
  readonly words: readonly string[] | null;
}

/** Adds one run to a score. */
export function count(score: Score, reported: readonly Reported[], twin: ReadonlySet<string>, planted: Planted): void {
  const { fault, words } = planted;
  const isDue = (place: Place): boolean =>
    place.endpoint === "main" && fault.explains(place.location, place.path) && !twin.has(keyOf(place));
  const due = reported.filter(({ places }) => places.some(isDue));
  score.runs++;
  score.shown += reported.length;
  score.due += due.length;
  const [first] = due;
  if (first === undefined) return;
  score.found++;
  if (due.some(({ isConfirmed }) => isConfirmed)) score.confirmed++;
  if (due.some(({ places }) => places.some((place) => isDue(place) && place.kind === fault.kind))) score.named++;
  if (due.length === 1 && first.places.every((place) => place.endpoint === "main" && fault.explains(place.location, place.path)))
    score.pure++;
  if (words === null) return;
  score.conditions++;
  if (due.some(({ condition }) => condition !== null && names(condition, words))) score.conditionsNamed++;
}

/** "only when query currency=JPY: 18/18, else 0/900" names currency and JPY. */
function names(condition: string, words: readonly string[]): boolean {
  const predicate = condition.slice(0, condition.lastIndexOf(":"));
  return words.every((word) => predicate.includes(word));
}

export function keysOf(reported: readonly Reported[]): ReadonlySet<string> {
  return new Set(reported.flatMap(({ places }) => places.map(keyOf)));
}

export function recall({ runs, found }: Score): number {
  return runs === 0 ? Number.NaN : found / runs;
}

/** NaN when nothing was shown. */
export function precision({ shown, due }: Score): number {
  return shown === 0 ? Number.NaN : due / shown;
}

export function add(into: Score, from: Score): void {
  for (const key of Object.keys(into) as (keyof Score)[]) into[key] += from[key];
}
