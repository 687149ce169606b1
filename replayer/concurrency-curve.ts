/** How many requests were under way over the time of a replay: what production had beside what the replay reached.
 *
 *    recorded   ▂▃▅▇▅▃▂      greatest number in each step; steps double whenever the replay outgrows them,
 *    achieved   ▂▃▅▆▅▃▂      so that the curve stays as short as it is, however long the replay goes on           */

import type { ConcurrencySteps } from "../model/observation.ts";
import type { Milliseconds } from "../model/units.ts";

/** As many as a page shows side by side. */
const mostSteps = 120;
const firstStepMs = 50;

export class ConcurrencyCurve {
  #stepMs = firstStepMs;
  #recorded: number[] = [];
  #achieved: number[] = [];

  /** So many were under way in production when a request began.
   * @param at since the replay's first departure */
  addRecorded(at: Milliseconds, underWay: number): void {
    // The step first: finding it may put shorter lists in the place of these.
    const step = this.#stepOf(at);
    raise(this.#recorded, step, underWay);
  }

  /** So many were at the targets when a request left. */
  addAchieved(at: Milliseconds, underWay: number): void {
    const step = this.#stepOf(at);
    raise(this.#achieved, step, underWay);
  }

  steps(): ConcurrencySteps {
    const length = Math.max(this.#recorded.length, this.#achieved.length);
    const padded = (values: readonly number[]): number[] => Array.from({ length }, (_, step) => values[step] ?? 0);
    return { stepMs: this.#stepMs, recorded: padded(this.#recorded), achieved: padded(this.#achieved) };
  }

  #stepOf(at: Milliseconds): number {
    while (at >= this.#stepMs * mostSteps) {
      this.#stepMs *= 2;
      this.#recorded = inPairs(this.#recorded);
      this.#achieved = inPairs(this.#achieved);
    }
    return Math.max(0, Math.floor(at / this.#stepMs));
  }
}

function raise(values: number[], step: number, value: number): void {
  while (values.length <= step) values.push(0);
  values[step] = Math.max(values[step] ?? 0, value);
}

function inPairs(values: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(values.length / 2) }, (_, pair) => Math.max(values[2 * pair] ?? 0, values[2 * pair + 1] ?? 0));
}
