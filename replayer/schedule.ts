/** When each recorded request is due. Pure: recorded start times in, offsets from the replay's first
 * moment T0 out; no clock, no wait, so that it is tested as a table.
 *
 *    recorded   t0 ── t1 ───────── t2 ── t3           due = T0 + (t − t0) / speed
 *    replayed   T0 ─ T1 ──── T2 ─ T3                  absolute: being late once never moves a later due time
 *
 * Exchanges come from a stream in order of their start, one at a time: the schedule holds no list of them. */

import { type Random, seededRandom } from "../model/random.ts";
import { type EpochMs, type Milliseconds, milliseconds } from "../model/units.ts";

/** How fast requests leave. */
export type Pace =
  /** At their recorded times, `speed` times faster; no wait for the next request is longer than `maxGap` (replay time). */
  | { readonly kind: "recorded"; readonly speed: number; readonly maxGap: Milliseconds | null }
  /** Open loop at a fixed mean rate, whatever the recorded times were. */
  | { readonly kind: "rate"; readonly perSecond: number; readonly arrivals: "poisson" | "uniform" }
  /** Closed loop: the next request leaves when fewer than `concurrency` are under way. */
  | { readonly kind: "max"; readonly concurrency: number }
  /** One at a time. */
  | { readonly kind: "serial" };

export const recordedPace: Pace = { kind: "recorded", speed: 1, maxGap: null };

const millisecondsPerSecond = 1000;

/** Gives out due times in the order of the recording. */
export interface Schedule {
  /** Offset from T0 at which the next exchange is due; null = as soon as a place is free (closed loop). */
  due(startedAt: EpochMs): Milliseconds | null;
}

/** A schedule for one replay; the seed only matters for Poisson arrivals. */
export function createSchedule(pace: Pace, seed: number): Schedule {
  switch (pace.kind) {
    case "recorded":
      return new RecordedSchedule(pace.speed, pace.maxGap);
    case "rate":
      return pace.arrivals === "uniform" ? new UniformSchedule(pace.perSecond) : new PoissonSchedule(pace.perSecond, seededRandom(seed));
    case "max":
    case "serial":
      return closedLoop;
    default:
      return pace satisfies never;
  }
}

/** How many requests a closed loop keeps under way; null for open loops. */
export function closedLoopSize(pace: Pace): number | null {
  switch (pace.kind) {
    case "max":
      return pace.concurrency;
    case "serial":
      return 1;
    case "recorded":
    case "rate":
      return null;
    default:
      return pace satisfies never;
  }
}

/** The divisor for recorded think times between a request and its predecessor. Where the pace does not keep
 * recorded distances (rates, closed loops, squeezed gaps) a predecessor's answer releases at once: infinity. */
export function thinkSpeedOf(pace: Pace): number {
  return pace.kind === "recorded" && pace.maxGap === null ? pace.speed : Number.POSITIVE_INFINITY;
}

class RecordedSchedule implements Schedule {
  readonly #speed: number;
  readonly #maxGap: number;
  #first: number | null = null;
  #latest = 0;
  /** Replay time taken out by squeezed gaps so far. */
  #squeezed = 0;

  constructor(speed: number, maxGap: Milliseconds | null) {
    this.#speed = speed;
    this.#maxGap = maxGap ?? Number.POSITIVE_INFINITY;
  }

  due(startedAt: EpochMs): Milliseconds {
    if (this.#first === null) {
      this.#first = startedAt;
      this.#latest = startedAt;
    }
    // A merged recording can step back a little where two instances' clocks disagree: never schedule backwards.
    const at = Math.max(this.#latest, startedAt);
    const gap = (at - this.#latest) / this.#speed;
    if (gap > this.#maxGap) this.#squeezed += gap - this.#maxGap;
    this.#latest = at;
    return milliseconds((at - this.#first) / this.#speed - this.#squeezed);
  }
}

class UniformSchedule implements Schedule {
  readonly #perSecond: number;
  #sent = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  due(): Milliseconds {
    // From the count, not from the previous due time: rounding errors must not add up.
    const due = (this.#sent * millisecondsPerSecond) / this.#perSecond;
    this.#sent += 1;
    return milliseconds(due);
  }
}

class PoissonSchedule implements Schedule {
  readonly #perSecond: number;
  readonly #random: Random;
  #next = 0;

  constructor(perSecond: number, random: Random) {
    this.#perSecond = perSecond;
    this.#random = random;
  }

  due(): Milliseconds {
    const due = this.#next;
    // Exponential gap by inversion; 1 − u is in (0, 1], so the logarithm is finite.
    this.#next += (-Math.log(1 - this.#random.next()) * millisecondsPerSecond) / this.#perSecond;
    return milliseconds(due);
  }
}

const closedLoop: Schedule = { due: () => null };
