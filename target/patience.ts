/** How long an answer may take. A live copy is sent while the primary still answers, so what is fair is known late:
 *
 *    0 ─────────── least ───────────────────── 3 × least
 *    the primary has not answered yet ─────────┘ longest without its answer
 *    the primary took t ───────────────────────► max(least, 3 × t)
 *
 * It only ever grows: whoever waits asks again when the time that it knew of is over. */

import type { Outcome } from "../model/exchange.ts";
import { type Milliseconds, milliseconds } from "../model/units.ts";

export interface Patience {
  /** What every answer gets. */
  readonly least: Milliseconds;
  /** What is known to be fair now; asked when `least`, or an earlier answer to this question, is over. */
  limit(): Milliseconds;
}

/** A new build that takes three times as long as production is slow; it says more than that it gave no answer. */
const timesOfPrimary = 3;

export function fixedPatience(timeoutMs: number): Patience {
  const least = milliseconds(timeoutMs);
  return { least, limit: () => least };
}

/** Patience with the targets of one exchange, by its primary. */
export class PrimaryPatience implements Patience {
  readonly least: Milliseconds;
  #primary: Outcome | null = null;

  constructor(leastMs: number) {
    this.least = milliseconds(leastMs);
  }

  /** The primary has answered, or will not: then nobody will compare, and nothing is gained by waiting longer. */
  primaryEnded(outcome: Outcome): void {
    this.#primary = outcome;
  }

  limit(): Milliseconds {
    // Unanswered when `least` is over: the primary takes that long at least. An endless answer must not hold on for ever.
    if (this.#primary === null) return milliseconds(timesOfPrimary * this.least);
    if (this.#primary.kind !== "answered") return this.least;
    return milliseconds(Math.max(this.least, timesOfPrimary * this.#primary.tookMs));
  }
}
