/** How many requests were under way at once in the recording: a sweep over the intervals in order of their
 * start. Memory grows with the overlap, not with the length of the recording. */

import type { Exchange } from "../model/exchange.ts";

export class ConcurrencySweep {
  /** Ends of the intervals that are still open, ascending. */
  readonly #ends: number[] = [];
  #max = 0;

  /** Takes the next exchange in order of start; intervals that touch do not overlap.
   * @returns how many were under way when it began, with itself */
  add(exchange: Exchange): number {
    const ends = this.#ends;
    const ended = firstAbove(ends, exchange.at);
    if (ended > 0) ends.splice(0, ended);
    const end = exchange.at + exchange.outcome.tookMs;
    ends.splice(firstAbove(ends, end), 0, end);
    if (ends.length > this.#max) this.#max = ends.length;
    return ends.length;
  }

  get max(): number {
    return this.#max;
  }
}

/** Index of the first element above the value (binary search in an ascending list). */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
