/** How late requests left: the measure of whether a replay kept its schedule.
 *
 *    lateness = sent − max(due, release by the last predecessor)
 *
 * Waiting for a slow target is not lateness: the release already contains it. Percentiles come from a
 * histogram whose size does not grow with the recording. */

import type { Spread } from "../model/observation.ts";
import type { Milliseconds, MonotonicMs } from "../model/units.ts";
import { milliseconds } from "../model/units.ts";

/** When one request could have left and when it did. */
export interface Departure {
  /** null on a closed loop: nothing was due, so nothing is late. */
  readonly due: MonotonicMs | null;
  /** When its last predecessor let it go; null when it had none to wait for. */
  readonly released: MonotonicMs | null;
  readonly sent: MonotonicMs;
}

/** Lateness of one request; null where it does not apply. */
export function latenessOf({ due, released, sent }: Departure): Milliseconds | null {
  if (due === null) return null;
  return milliseconds(Math.max(0, sent - Math.max(due, released ?? due)));
}

/** Smallest lateness told apart: a hundredth of the 0.2 ms that a good replay reaches at the median. */
const smallest = 0.002;
/** Neighbouring buckets differ by 2 %: far below what a decision hangs on. */
const growth = 1.02;
/** Covers up to 0.002 × 1.02^1200 ≈ 10 hours; later is counted in the last bucket, the maximum is exact. */
const buckets = 1200;

/** A histogram of times with logarithmic buckets. */
export class LatenessRecord {
  readonly #counts: Uint32Array = new Uint32Array(buckets);
  #total = 0;
  #max = 0;

  add(lateness: Milliseconds): void {
    const bucket = lateness <= smallest ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(lateness / smallest) / Math.log(growth)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    if (lateness > this.#max) this.#max = lateness;
  }

  get isEmpty(): boolean {
    return this.#total === 0;
  }

  /** The upper edge of the bucket that holds the given share of all requests, never above the maximum; 0 when empty. */
  quantile(share: number): number {
    const rank = Math.ceil(share * this.#total);
    let seen = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(this.#max, smallest * growth ** bucket);
    }
    return this.#max;
  }

  /** p50, p95, p99 and max in milliseconds, as in `ReplayFacts`. */
  summary(): Spread {
    const rounded = (value: number): number => Math.round(value * thousandths) / thousandths;
    return {
      p50: rounded(this.quantile(0.5)),
      p95: rounded(this.quantile(0.95)),
      p99: rounded(this.quantile(0.99)),
      max: rounded(this.#max),
    };
  }
}

/** Reports show microseconds; more digits would be noise of the clock. */
const thousandths = 1000;
