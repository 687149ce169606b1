/** What the experiments about one finding came to, and the means that every stage of them has. */

import type { Count } from "../../diff/dependence/decision.ts";
import type { Symptom } from "../../diff/dependence/symptom.ts";
import type { DependenceClass } from "../../model/dependence.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { Milliseconds } from "../../model/units.ts";
import type { Laboratory } from "./laboratory.ts";
import type { Plan } from "./plan.ts";

export interface Means {
  readonly laboratory: Laboratory;
  readonly symptom: Symptom;
  /** All runs that were made for the finding so far. */
  readonly tried: Tried;
}

export interface Tried {
  shown: number;
  control: number;
  runs: number;
}

export interface Conclusion {
  readonly class: DependenceClass;
  /** Of the runs of `plan`. */
  readonly count: Count;
  /** The reproduction; empty when there is none. */
  readonly plan: Plan;
  /** So many copies of it show the finding a few times. */
  readonly repeat: number;
  readonly minimal: boolean;
  readonly within: Milliseconds | null;
}

/** Without those that are like an earlier one: they would only be asked the same again. */
export function distinct(sets: readonly (readonly Exchange[])[]): (readonly Exchange[])[] {
  const byIds = new Map(sets.map((set) => [set.map(({ id }) => id).join("\n"), set]));
  return [...byIds.values()].filter((set) => set.length > 0);
}

/** The exchanges of a set that are in a part of it or the subject, in the order of the set. */
export function withSubject(part: readonly Exchange[], subject: Exchange, set: readonly Exchange[]): Exchange[] {
  const chosen = new Set([...part, subject]);
  return set.filter((exchange) => chosen.has(exchange));
}
