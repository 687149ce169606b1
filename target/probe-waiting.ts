/** How long probes of a run may wait for answers that do not come, all together.
 *
 *    candidate timed out after 10 s ──► nine sends more will do the same: 90 s are taken from the budget, or it is not probed
 *
 * A build in which many endpoints hang would otherwise hold up the end of a replay for an hour, and keep its connections. */

import type { Trial } from "../model/observation.ts";
import { probeTimes } from "../model/observation.ts";

/** With eight sends under way some two and a half minutes: thirteen probes at the usual time limit of 10 s, and hundreds at a short one. */
const defaultBudgetMs = 20 * 60 * 1000;

export class ProbeWaiting {
  #leftMs: number;

  constructor(budgetMs: number = defaultBudgetMs) {
    this.#leftMs = budgetMs;
  }

  /** Whether a request may be probed that was answered like this, or not in time; takes the expected waiting from the budget. */
  take({ outcome }: Trial): boolean {
    if (outcome.kind !== "timed-out") return true;
    const expectedMs = probeTimes * outcome.tookMs;
    if (expectedMs > this.#leftMs) return false;
    this.#leftMs -= expectedMs;
    return true;
  }
}
