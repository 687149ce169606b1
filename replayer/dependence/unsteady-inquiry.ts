/** Does it come and go? The same requests again and again, one at a time, twice over from a fresh state: what shows at a send in one
 * run and not at the same send in another depends on nothing that was sent. */

import { isUnsteady, totalOf } from "../../diff/dependence/decision.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { Conclusion, Means } from "./conclusion.ts";
import { type Plan, repeated, serialPlan } from "./plan.ts";
import { series, type Tally } from "./series.ts";

/** A fault of 5 % is missed by so many sends, made twice, once in 470 times. */
const copies = 60;
const runs = 2;
/** Times that the reproduction is expected to show it. */
const expectedShows = 3;

/** @param alone a request with those that it takes values from
 * @returns null when it never showed, or always at the same sends */
export async function inquireUnsteadiness(alone: readonly Exchange[], subject: Exchange, means: Means): Promise<Conclusion | null> {
  const tally = await series(means, { plan: repeated(serialPlan(alone), copies), subject, times: runs });
  const counts = [...tally.each.values()];
  if (!isUnsteady(counts)) return null;
  const count = totalOf(counts);
  const repeat = Math.min(copies, Math.ceil((expectedShows * count.runs) / count.shown));
  return { class: "flaky", count, plan: serialPlan(alone), repeat, minimal: true, within: null };
}

/** What a series has shown already, where repeating the request alone does not show it. */
export function unsteadyAsSeen(tally: Tally, plan: Plan): Conclusion {
  return { class: "flaky", count: totalOf(tally.each.values()), plan, repeat: 1, minimal: false, within: null };
}
