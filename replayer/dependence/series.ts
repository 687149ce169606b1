/** Repeats one experiment and counts in how many runs the finding showed at the exchange that is asked about. */

import type { Count } from "../../diff/dependence/decision.ts";
import type { Sight, SymptomSeries } from "../../diff/dependence/symptom.ts";
import type { Exchange, Outcome } from "../../model/exchange.ts";
import type { Means, Tried } from "./conclusion.ts";
import type { Answers } from "./laboratory.ts";
import type { Plan } from "./plan.ts";

/** Of one series of runs. */
export interface Tally extends Count {
  /** Runs that did not show it although the control answered with the recorded status: nothing was missing for the request itself. */
  readonly missedThoughAnswered: number;
  /** Of every exchange at which the finding can be seen. */
  readonly each: ReadonlyMap<string, Count>;
  /** False when the budget or an interruption ended it. */
  readonly complete: boolean;
}

export interface SeriesOptions {
  readonly plan: Plan;
  readonly subject: Exchange;
  readonly times: number;
  /** Enough is known: the rest is left out. */
  readonly until?: (count: Count) => boolean;
}

export async function series({ laboratory, symptom, tried }: Means, options: SeriesOptions): Promise<Tally> {
  const { plan, subject, times, until = () => false } = options;
  const looking = symptom.series();
  const each = new Map<string, Tried>();
  const own: Tried = { shown: 0, control: 0, runs: 0 };
  each.set(subject.id, own);
  let missedThoughAnswered = 0;
  // A run that cannot tell does not count, but it is not repeated for ever either.
  for (let run = 0; own.runs < times && run < times * 2 && !until(own); run++) {
    looking.begin();
    const sights: Seen[] = [];
    const isWhole = await laboratory.run(plan, (answers) => sights.push(...seen(answers, looking)));
    if (!isWhole) return { ...own, missedThoughAnswered, each, complete: false };
    for (const { id, sight, isAsRecorded } of sights) {
      countSight(each.get(id) ?? added(each, id), sight);
      if (id !== subject.id) continue;
      countSight(tried, sight);
      if (sight !== "candidate" && isAsRecorded) missedThoughAnswered++;
    }
  }
  return { ...own, missedThoughAnswered, each, complete: true };
}

interface Seen {
  readonly id: string;
  readonly sight: Sight;
  /** The control answered with the recorded status. */
  readonly isAsRecorded: boolean;
}

/** Empty where the answers cannot tell. */
function seen({ exchange, pair }: Answers, looking: SymptomSeries): Seen[] {
  const sight = pair === null ? null : looking.see(exchange, pair);
  if (pair === null || sight === null || sight === "unknown") return [];
  return [{ id: exchange.id, sight, isAsRecorded: statusOf(exchange.outcome) === statusOf(pair.control.outcome) }];
}

function added(each: Map<string, Tried>, id: string): Tried {
  const count: Tried = { shown: 0, control: 0, runs: 0 };
  each.set(id, count);
  return count;
}

function countSight(count: Tried, sight: Sight): void {
  count.runs++;
  if (sight === "candidate") count.shown++;
  if (sight === "control") count.control++;
}

function statusOf(outcome: Outcome): number | string {
  return outcome.kind === "answered" ? outcome.answer.status : outcome.kind;
}
