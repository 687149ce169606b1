/** Counts what the observer sees, by endpoint, for `/metrics`. Bounded: so many endpoints, and times in buckets. */

import type { LiveResult } from "../../diff/live-comparison.ts";
import type { Observation, Trial } from "../../model/observation.ts";
import type { Severity } from "../../model/report.ts";
import { type Durations, durationBounds, type ObserverFigures } from "../handover/figures.ts";

/** Each costs some 20 time series. */
const mostEndpoints = 200;
/** Operations of GraphQL are named by clients. */
const longestName = 200;
const otherEndpoints = "other";
const msPerSecond = 1000;

interface Counts {
  compared: number;
  different: number;
  readonly candidate: Histogram;
  readonly control: Histogram;
}

/** What only those know who own it, at the moment of asking. */
export interface Surroundings {
  readonly probes: number;
  readonly freeBytes: Readonly<Record<string, number>>;
}

export class Figures {
  readonly #endpoints = new Map<string, Counts>();
  readonly #alarms: Record<Severity, number> = { info: 0, low: 0, medium: 0, high: 0 };
  #lagMs = 0;

  /** One observation of the run, with what its live comparison said. */
  observed({ candidate, controls }: Observation, { endpoint, differs, alarms = [] }: LiveResult): void {
    for (const { severity } of alarms) this.#alarms[severity]++;
    if (endpoint === undefined) return;
    const counts = this.#countsOf(endpoint);
    counts.compared++;
    if (differs) counts.different++;
    if (candidate !== null) counts.candidate.add(secondsOf(candidate));
    for (const control of controls) counts.control.add(secondsOf(control));
  }

  /** @param lagMs since the exchange had ended */
  arrived(lagMs: number): void {
    this.#lagMs = Math.max(0, lagMs);
  }

  snapshot({ probes, freeBytes }: Surroundings): ObserverFigures {
    const endpoints = [...this.#endpoints].map(([name, { compared, different, candidate, control }]) => [
      name,
      { compared, different, candidate: candidate.snapshot(), control: control.snapshot() },
    ]);
    return {
      endpoints: Object.fromEntries(endpoints) as ObserverFigures["endpoints"],
      alarms: this.#alarms,
      probes,
      lagSeconds: this.#lagMs / msPerSecond,
      freeBytes,
    };
  }

  #countsOf(endpoint: string): Counts {
    const isKnown = this.#endpoints.has(endpoint);
    const name = isKnown || (this.#endpoints.size < mostEndpoints && endpoint.length <= longestName) ? endpoint : otherEndpoints;
    const counts = this.#endpoints.get(name) ?? { compared: 0, different: 0, candidate: new Histogram(), control: new Histogram() };
    this.#endpoints.set(name, counts);
    return counts;
  }
}

class Histogram {
  readonly #counts: number[] = [...durationBounds, Number.POSITIVE_INFINITY].map(() => 0);
  #sum = 0;

  add(seconds: number): void {
    const at = durationBounds.findIndex((bound) => seconds <= bound);
    const bucket = at === -1 ? durationBounds.length : at;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  snapshot(): Durations {
    return { sum: this.#sum, counts: this.#counts };
  }
}

function secondsOf({ outcome }: Trial): number {
  return outcome.tookMs / msPerSecond;
}
