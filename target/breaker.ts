/** Stops sending to a target that fails again and again, and finds out by single trials when it is back.
 *
 *    closed ──5 failures in a row──► open ──after the delay──► half-open ──trial answered──► closed
 *                                     ▲                            │
 *                                     └── trial failed: delay × 2 ─┘     (1 s … 30 s)
 *
 * A failure counts when the target answered nothing while that request was under way: otherwise it is the request's own, as at an
 * endpoint that hangs in a build that is well.
 *
 *    /slow ├──────────────── timed out ┤     not counted
 *    /well        ├──┤ answered              the target lives
 *
 * A pure state machine: the time is an argument. */

import type { Outcome } from "../model/exchange.ts";
import type { MonotonicMs } from "../model/units.ts";

export interface BreakerOptions {
  /** Transport failures in a row that open it. */
  readonly failures?: number;
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

/** `trial`: the one request that is let through to see whether the target is back. */
export type Permit = "pass" | "trial" | "stop";

/** One lost connection is no outage; five in a row are hardly chance. */
const defaultFailures = 5;
/** One failure may be the request's own; a second one in a row is rather the target's. */
const failuresOfTarget = 2;
const defaultFirstDelayMs = 1000;
const defaultLongestDelayMs = 30_000;

type State =
  | { readonly kind: "closed"; readonly failures: number }
  | { readonly kind: "open"; readonly until: number; readonly delayMs: number }
  | { readonly kind: "half-open"; readonly delayMs: number };

/** When a request went out, and when it was known what became of it. */
export interface Span {
  readonly sentAt: MonotonicMs;
  readonly endedAt: MonotonicMs;
}

export class Breaker {
  readonly #failures: number;
  readonly #firstDelayMs: number;
  readonly #longestDelayMs: number;
  #state: State = { kind: "closed", failures: 0 };
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor({ failures, firstDelayMs, longestDelayMs }: BreakerOptions = {}) {
    this.#failures = failures ?? defaultFailures;
    this.#firstDelayMs = firstDelayMs ?? defaultFirstDelayMs;
    this.#longestDelayMs = longestDelayMs ?? defaultLongestDelayMs;
  }

  get state(): State["kind"] {
    return this.#state.kind;
  }

  /** Whether what was sent last got no answer again and again: nothing is learnt there by asking once more. */
  get isFailing(): boolean {
    return this.#state.kind !== "closed" || this.#state.failures >= failuresOfTarget;
  }

  /** Asks whether a request may go out now; what became of it must be given to `report` with this permit. */
  permit(now: MonotonicMs): Permit {
    if (this.#state.kind === "closed") return "pass";
    if (this.#state.kind === "half-open" || now < this.#state.until) return "stop";
    this.#state = { kind: "half-open", delayMs: this.#state.delayMs };
    return "trial";
  }

  report(permit: Permit, outcome: Outcome, span: Span): void {
    if (permit === "stop") return;
    if (permit === "trial") {
      this.#state = this.#afterTrial(outcome, span.endedAt);
      return;
    }
    // What was sent before it opened says nothing new.
    if (this.#state.kind !== "closed") return;
    if (countsAsSuccess(outcome)) this.answered(span.endedAt);
    else if (countsAsFailure(outcome) && span.sentAt >= this.#answeredAt) this.#fail(this.#state.failures + 1, span.endedAt);
  }

  /** A sign of life. */
  answered(now: MonotonicMs): void {
    if (this.#state.kind !== "closed") return;
    this.#state = { kind: "closed", failures: 0 };
    this.#answeredAt = now;
  }

  #fail(failures: number, now: MonotonicMs): void {
    const delayMs = this.#firstDelayMs;
    this.#state = failures < this.#failures ? { kind: "closed", failures } : { kind: "open", until: now + delayMs, delayMs };
  }

  #afterTrial(outcome: Outcome, now: MonotonicMs): State {
    const delayMs = this.#state.kind === "half-open" ? this.#state.delayMs : this.#firstDelayMs;
    if (countsAsSuccess(outcome)) return { kind: "closed", failures: 0 };
    // A trial that never went out leaves the question open: ask again with the next request.
    if (!countsAsFailure(outcome)) return { kind: "open", until: now, delayMs };
    const longer = Math.min(delayMs * 2, this.#longestDelayMs);
    return { kind: "open", until: now + longer, delayMs: longer };
  }
}

/** The target did not take requests. An answer that breaks off or cannot be read came from a living one. */
function countsAsFailure({ kind }: Outcome): boolean {
  return kind === "refused" || kind === "timed-out" || kind === "reset";
}

export function countsAsSuccess({ kind }: Outcome): boolean {
  return kind === "answered" || kind === "truncated" || kind === "not-http" || kind === "too-large";
}
