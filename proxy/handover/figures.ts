/** What the observer knows in numbers, told to the live process now and then, for `/metrics`.
 *
 *    observer ──figures (JSON, every 2 s)──► live process ──at a scrape──► /metrics
 *
 * They are those of one observer: one that is started again begins at zero, as counters may. */

import type { Severity } from "../../model/report.ts";

/** Upper bounds of the buckets that durations are counted in; what is longer goes into one more. */
export const durationBounds: readonly number[] = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10];

/** A histogram: answers by duration, in seconds. */
export interface Durations {
  readonly sum: number;
  /** One for each of `durationBounds`, and one for what is longer; each answer counts once. */
  readonly counts: readonly number[];
}

export interface EndpointFigures {
  readonly compared: number;
  /** Compared ones in which the candidate showed a difference; noise is among them. */
  readonly different: number;
  readonly candidate: Durations;
  readonly control: Durations;
}

export interface ObserverFigures {
  /** By template; at most 200, what comes later is `other`. */
  readonly endpoints: Readonly<Record<string, EndpointFigures>>;
  /** Differences that are all but certain, raised while traffic flows. */
  readonly alarms: Readonly<Record<Severity, number>>;
  readonly probes: number;
  /** From the end of an exchange to its arrival here; of the latest one. */
  readonly lagSeconds: number;
  /** By what is kept there: `recording`, `run`. */
  readonly freeBytes: Readonly<Record<string, number>>;
}
