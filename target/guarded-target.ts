/** A target behind its circuit breaker: while that is open, requests are skipped instead of sent.
 *
 *    send ───► breaker: closed, trial ──► target ──► outcome, which the breaker learns from
 *    probe ──► breaker: closed only ────► target ──► outcome; the breaker learns of answers only
 *
 * A probe asks nine times about what has failed already. Its failures are expected and bounded, so that they say nothing about the
 * target as a whole and must not keep the traffic from it. */

import type { Clock } from "../model/clock.ts";
import type { HttpRequest, Outcome } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import { Breaker, countsAsSuccess } from "./breaker.ts";
import type { Patience } from "./patience.ts";
import type { Target } from "./target.ts";

/** The part of a target that a shadow uses. */
export type ShadowTarget = Pick<Target, "name" | "send">;

const skipped: Outcome = { kind: "skipped", tookMs: milliseconds(0), detail: "breaker_open" };

export class GuardedTarget {
  readonly #target: ShadowTarget;
  readonly #clock: Clock;
  readonly #breaker = new Breaker();

  constructor(target: ShadowTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  get isFailing(): boolean {
    return this.#breaker.isFailing;
  }

  /** Whether nothing but a trial goes out now. */
  get isOpen(): boolean {
    return this.#breaker.state !== "closed";
  }

  /** Never rejects. */
  async send(request: HttpRequest, patience?: Patience): Promise<Outcome> {
    const sentAt = this.#clock.monotonic();
    const permit = this.#breaker.permit(sentAt);
    if (permit === "stop") return skipped;
    const outcome = await this.#target.send(request, patience);
    this.#breaker.report(permit, outcome, { sentAt, endedAt: this.#clock.monotonic() });
    return outcome;
  }

  /** Never rejects. */
  async probe(request: HttpRequest): Promise<Outcome> {
    if (this.isOpen) return skipped;
    const outcome = await this.#target.send(request);
    if (countsAsSuccess(outcome)) this.#breaker.answered(this.#clock.monotonic());
    return outcome;
  }
}
