/** Decides which copies are stored, once it is known how they ended. What is mirrored does not depend on it.
 *
 *    failed, a server error, slower than 99 of 100 at its route    stored
 *    the first of a kind (its data shape)                          stored
 *    the rest                                                      at the rate of its kind (dynamic-rates.ts)
 *
 * Each decision is by what was seen before, so that its probability is known and stored. The rest is drawn by the place of the lane, so that
 * a session whose place is low is stored nearly whole. */

import type { Exchange } from "../../model/exchange.ts";
import type { MonotonicMs } from "../../model/units.ts";
import { placeOfLane } from "../live/sampling.ts";
import { DynamicRates } from "./dynamic-rates.ts";
import { SlowRequests } from "./slow-requests.ts";

/** Of each kind, before its rate counts. */
const firstOfKind = 3;
/** Kinds that are remembered to have been seen; with more, kinds are data, and none is new. */
const mostSeen = 20_000;
const serverError = 500;

export interface TailSamplingOptions {
  /** Exchanges a second that are stored, about. */
  readonly perSecond: number;
  /** What it is an example of: equal for exchanges of the same kind. */
  readonly kindOf: (exchange: Exchange) => { readonly route: string; readonly shape: string };
}

export class TailSampling {
  private readonly kindOf: TailSamplingOptions["kindOf"];
  private readonly rates: DynamicRates;
  private readonly slow = new SlowRequests();
  private readonly seen = new Map<string, number>();

  constructor({ perSecond, kindOf }: TailSamplingOptions) {
    this.kindOf = kindOf;
    this.rates = new DynamicRates(perSecond);
  }

  /** Call once for each copy.
   * @returns the probability with which it is stored, if it is; null = it is not */
  draw(exchange: Exchange, now: MonotonicMs): number | null {
    const { route, shape } = this.kindOf(exchange);
    const { outcome } = exchange;
    const isSlow = this.slow.observe(route, outcome.tookMs);
    const isNew = this.isNew(shape);
    const rate = this.rates.rateOf(shape, now);
    if (isNew || isSlow || outcome.kind !== "answered" || outcome.answer.status >= serverError) return 1;
    // Among the lanes that are copied at all, places are spread evenly over [0, 1).
    return placeOfLane(exchange.lane) / (exchange.inclusion ?? 1) < rate ? rate : null;
  }

  private isNew(shape: string): boolean {
    const count = this.seen.get(shape) ?? 0;
    if (count >= firstOfKind) return false;
    if (count === 0 && this.seen.size >= mostSeen) return false;
    this.seen.set(shape, count + 1);
    return true;
  }
}
