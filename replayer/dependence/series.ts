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
    const answers = await laboratory.run(plan);
    if (answers === null) return { ...own, missedThoughAnswered, each, complete: false };
    looking.begin();
    for (const answered of answers) {
      const sight = seen(answered, looking);
      if (sight === null || sight === "unknown") continue;
      countSight(each.get(answered.exchange.id) ?? added(each, answered.exchange.id), sight);
      if (answered.exchange.id === subject.id) countSight(tried, sight);
      const isMiss = answered.exchange.id === subject.id && sight !== "candidate";
      if (isMiss && answered.pair !== null && isAsRecorded(subject, answered.pair.control.outcome)) missedThoughAnswered++;
    }
  }
  return { ...own, missedThoughAnswered, each, complete: true };
}

function seen({ exchange, pair }: Answers, looking: SymptomSeries): Sight | null {
  return pair === null ? null : looking.see(exchange, pair);
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

function isAsRecorded({ outcome }: Exchange, control: Outcome): boolean {
  return outcome.kind === "answered" && control.kind === "answered" && outcome.answer.status === control.answer.status;
}
