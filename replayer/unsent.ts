/** What becomes of the exchanges of a replay that begins in vain, because a target is not there: all that were planned are counted by
 * the reason why they were not sent, so that the run's totals are those of the plan. */

import type { HeaderList } from "../model/exchange.ts";
import type { NotComparableReason } from "../model/observation.ts";
import { whyNotSent } from "../target/comparable.ts";
import { overrideHeaders } from "../target/overrides.ts";
import { type Multiplication, once } from "./multiply.ts";
import type { Selection } from "./selection.ts";
import { type ExchangeSource, mergeByStart, selectExchanges } from "./stream.ts";

export interface Plan {
  readonly recordings: readonly ExchangeSource[];
  readonly selection: Selection;
  readonly multiplication?: Multiplication;
  readonly writes: boolean;
  readonly headers: HeaderList;
  readonly signal: AbortSignal;
}

/** What stands for "its target was not there": as if it had been given a rest at once. */
const targetAbsent: NotComparableReason = "breaker_open";

export function whyUnsent(request: Parameters<typeof whyNotSent>[0], options: { readonly writes: boolean }): NotComparableReason {
  return whyNotSent(request, options) ?? targetAbsent;
}

/** All planned exchanges by reason; until then where the signal ends it. */
export async function countUnsent(plan: Plan): Promise<ReadonlyMap<NotComparableReason, number>> {
  const { recordings, selection, multiplication = once, headers, signal } = plan;
  const copies = multiplication.amplify * multiplication.loop;
  const counts = new Map<NotComparableReason, number>();
  for await (const { request } of selectExchanges(mergeByStart(recordings), selection)) {
    if (signal.aborted) break;
    const reason = whyUnsent(overrideHeaders(request, headers), plan);
    counts.set(reason, (counts.get(reason) ?? 0) + copies);
  }
  return counts;
}
