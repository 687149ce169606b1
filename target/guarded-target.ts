/** A target behind its circuit breaker: while that is open, requests are skipped instead of sent. */

import type { Clock } from "../model/clock.ts";
import type { HttpRequest, Outcome } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import { Breaker } from "./breaker.ts";
import type { Patience } from "./patience.ts";
import type { Target } from "./target.ts";

/** The part of a target that a shadow uses. */
export type ShadowTarget = Pick<Target, "name" | "send">;

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

  /** Never rejects. */
  async send(request: HttpRequest, patience?: Patience): Promise<Outcome> {
    const permit = this.#breaker.permit(this.#clock.monotonic());
    if (permit === "stop") return { kind: "skipped", tookMs: milliseconds(0), detail: "breaker_open" };
    const outcome = await this.#target.send(request, patience);
    this.#breaker.report(permit, outcome, this.#clock.monotonic());
    return outcome;
  }
}
