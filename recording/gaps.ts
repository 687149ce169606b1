/** The longest times in which nothing was under way; exchanges come by request start. Bounded: only the longest are kept. */

import type { Exchange } from "../model/exchange.ts";

export interface Gap {
  /** End of the last exchange before it, and start of the first after it: ms since 1970. */
  readonly from: number;
  readonly to: number;
}

const mostGaps = 5;
/** Shorter pauses are between any two requests. */
const leastMs = 1000;

export class Gaps {
  #busyUntil: number | null = null;
  #longest: Gap[] = [];

  add({ at, outcome }: Exchange): void {
    if (this.#busyUntil !== null && at - this.#busyUntil >= leastMs) this.#note({ from: this.#busyUntil, to: at });
    this.#busyUntil = Math.max(this.#busyUntil ?? at, at + outcome.tookMs);
  }

  /** Longest first. */
  longest(): readonly Gap[] {
    return this.#longest;
  }

  #note(gap: Gap): void {
    this.#longest = [...this.#longest, gap].toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, mostGaps);
  }
}
