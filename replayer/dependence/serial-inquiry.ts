/** Does it show without any overlap? One request at a time from a fresh state, with ever more of what came before.
 *
 *    alone ─► its lane ─► all that share its first path segment ─► everything      always: minimised, then deterministic or sequence
 *                                                                                 now and then: unsteady                            */

import { frequencyOf, isUnsteady, runsForAlways } from "../../diff/dependence/decision.ts";
import type { Exchange } from "../../model/exchange.ts";
import { type Conclusion, distinct, type Means, withSubject } from "./conclusion.ts";
import { ddmin } from "./ddmin.ts";
import { serialPlan } from "./plan.ts";
import { series, type Tally } from "./series.ts";
import type { Surroundings } from "./surroundings.ts";

/** A set that has not shown it in so many runs is left: what comes and goes is looked for with cheaper means. */
const runsForNever = 2;
/** Of each subset while it is minimised; the result is confirmed with more. */
const runsEach = 2;

export type SerialResult =
  | { readonly kind: "always"; readonly conclusion: Conclusion }
  /** The same send of the same run shows it in one repetition and not in another. */
  | { readonly kind: "unsteady"; readonly tally: Tally; readonly set: readonly Exchange[] }
  | { readonly kind: "never" };

export async function inquireSerially(surroundings: Surroundings, means: Means): Promise<SerialResult> {
  const { subject, alone, lane, related, all } = surroundings;
  let missedThoughAnswered = 0;
  for (const [index, set] of distinct([alone, lane, related, all]).entries()) {
    const tally = await series(means, {
      plan: serialPlan(set),
      subject,
      times: runsForAlways,
      until: ({ shown, runs }) => shown === 0 && runs >= runsForNever,
    });
    missedThoughAnswered += tally.missedThoughAnswered;
    if (frequencyOf(tally) === "always") {
      const isAlone = index === 0;
      return await minimise({ set, subject, tally, isEnough: isAlone, missedThoughAnswered }, means);
    }
    if (isUnsteady([...tally.each.values()])) return { kind: "unsteady", tally, set };
    if (!tally.complete) break;
  }
  return { kind: "never" };
}

interface Shown {
  readonly set: readonly Exchange[];
  readonly subject: Exchange;
  readonly tally: Tally;
  /** The set holds only what the request takes values from. */
  readonly isEnough: boolean;
  /** Runs of smaller sets in which the control answered as recorded and the candidate did so too. */
  readonly missedThoughAnswered: number;
}

async function minimise(shown: Shown, means: Means): Promise<SerialResult> {
  const { set, subject, tally, isEnough } = shown;
  let { missedThoughAnswered } = shown;
  const rest = set.filter((exchange) => exchange !== subject);
  const delta = await ddmin(rest, async (part) => {
    const plan = serialPlan(withSubject(part, subject, set));
    const tried = await series(means, { plan, subject, times: runsEach, until: (count) => count.shown < count.runs });
    missedThoughAnswered += tried.missedThoughAnswered;
    if (!tried.complete) return null;
    return tried.runs > 0 && tried.shown === tried.runs;
  });
  const needed = withSubject(delta.items, subject, set);
  const smallest = serialPlan(needed);
  const isSmaller = delta.items.length < rest.length;
  const confirmed = isSmaller ? await series(means, { plan: smallest, subject, times: runsForAlways }) : tally;
  if (isUnsteady([...confirmed.each.values()])) return { kind: "unsteady", tally: confirmed, set: needed };
  // A part that was not confirmed, for want of budget or by a chance that has shown it twice, is not claimed.
  const isConfirmed = frequencyOf(confirmed) === "always";
  // What only has to be there for the request to be answered at all is no sequence; that it is no more takes all parts to tell.
  const isDeterministic = isEnough || (isConfirmed && delta.minimal && missedThoughAnswered === 0);
  return {
    kind: "always",
    conclusion: {
      class: isDeterministic ? "deterministic" : "sequence",
      count: isConfirmed ? confirmed : tally,
      plan: isConfirmed ? smallest : serialPlan(set),
      repeat: 1,
      minimal: isConfirmed && delta.minimal,
      within: null,
    },
  };
}
