/** How long answers took, counted twice: from when the request was sent, and from when it was meant to be.
 *
 *    due ──── waits for its predecessors ──── sent ──── answered
 *     └────────────── response time ───────────────────────┘        what a user would have seen
 *                                              └─ service ─┘        what the target needed for this one
 *
 * A target that stalls holds back the requests behind the stall; their service times do not show it (coordinated
 * omission), their response times do. Histograms: memory does not grow with the recording. */

import type { AnswerTimes, TargetTimes } from "../model/observation.ts";
import { milliseconds } from "../model/units.ts";
import type { ShadowResult } from "../target/shadow.ts";
import { LatenessRecord } from "./lateness.ts";

class TimesOfTarget {
  readonly #service = new LatenessRecord();
  readonly #response = new LatenessRecord();

  add(tookMs: number, delayMs: number | null): void {
    this.#service.add(milliseconds(tookMs));
    if (delayMs !== null) this.#response.add(milliseconds(tookMs + delayMs));
  }

  summary(): TargetTimes | null {
    if (this.#service.isEmpty) return null;
    return { service: this.#service.summary(), response: this.#response.isEmpty ? null : this.#response.summary() };
  }
}

export class ResponseTimes {
  readonly #candidate = new TimesOfTarget();
  readonly #control = new TimesOfTarget();

  /** Counts what was answered.
   * @param due null on a closed loop, which means no request for a moment */
  add({ candidate, controls, sentAt }: ShadowResult, due: number | null): void {
    const delay = due === null ? null : Math.max(0, sentAt - due);
    if (candidate.outcome.kind === "answered") this.#candidate.add(candidate.outcome.tookMs, delay);
    const [control] = controls;
    if (control?.outcome.kind === "answered") this.#control.add(control.outcome.tookMs, delay);
  }

  summary(): AnswerTimes {
    return { candidate: this.#candidate.summary(), control: this.#control.summary() };
  }
}
