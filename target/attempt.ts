/** One attempt at one request: transports report events, the first thing that ends it decides the outcome.
 *
 *    writing ─► firstByte ─► head ─► data … ─► ended      answered, with trailers if there are any
 *        └────────┴───────────┴─ failed | deadline | cap   a failure, and the transport is cancelled
 *
 * Sockets are in the transports; here are only rules, so that both transports obey the same ones. */

import type { Clock } from "../model/clock.ts";
import { type HeaderList, type Outcome, trailersIfAny } from "../model/exchange.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../model/units.ts";
import { BodyCollector } from "./body-collector.ts";
import { failureOf, type Stage } from "./failure.ts";
import type { Patience } from "./patience.ts";

export interface AttemptOptions {
  readonly clock: Clock;
  /** When the request was given to the target: times and the deadline count from here, over all attempts. */
  readonly startedAt: MonotonicMs;
  readonly patience: Patience;
  readonly answerCapBytes: number;
  readonly bodyCapBytes: number;
}

export interface AttemptEnd {
  readonly outcome: Outcome;
  /** A connection that had served earlier requests was found closed, and no byte of an answer came. */
  readonly staleConnection: boolean;
}

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly firstByteMs: Milliseconds;
}

export class Attempt {
  readonly end: Promise<AttemptEnd>;
  readonly #options: AttemptOptions;
  readonly #settle: (end: AttemptEnd) => void;
  #cancelDeadline: () => void = () => {};
  readonly #body: BodyCollector;
  #stage: Stage = "connecting";
  #firstByteMs: Milliseconds | null = null;
  #head: Head | null = null;
  #settled = false;
  #cancelTransport: ((reason: Error) => void) | null = null;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#body = new BodyCollector(options.bodyCapBytes);
    const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
    this.end = promise;
    this.#settle = resolve;
    this.#waitUntil(options.patience.least);
  }

  /** What the transport does when the attempt is over before it is; called at once when it already is. */
  onCancel(cancel: (reason: Error) => void): void {
    this.#cancelTransport = cancel;
    if (this.#settled) cancel(new Error("the attempt is over"));
  }

  /** A connection is there and the request is being written. */
  writing(): void {
    this.#stage = "waiting";
  }

  /** A (possibly interim) answer begins; the last one counts. */
  firstByte(): void {
    this.#stage = "answering";
    this.#firstByteMs = this.#took();
  }

  /** The head of the final answer. */
  head(status: number, reason: string, headers: HeaderList): void {
    this.#stage = "answering";
    this.#head = { status, reason, headers, firstByteMs: this.#firstByteMs ?? this.#took() };
  }

  data(chunk: Uint8Array): void {
    if (this.#settled) return;
    this.#body.add(chunk);
    const cap = this.#options.answerCapBytes;
    if (this.#body.length > cap) this.#stop({ kind: "too-large", tookMs: this.#took(), detail: `more than ${cap} bytes` });
  }

  ended(trailers: HeaderList): void {
    if (this.#head === null) return;
    const { firstByteMs, ...head } = this.#head;
    const answer = { ...head, body: this.#body.finish(), ...trailersIfAny(trailers) };
    this.#finish({ kind: "answered", answer, firstByteMs, tookMs: this.#took() }, false);
  }

  /** @param reused the connection had served earlier requests */
  failed(error: Error, reused: boolean): void {
    const failure = failureOf(error, this.#stage);
    this.#finish({ ...failure, tookMs: this.#took() }, reused && failure.kind === "reset");
  }

  /** Ends the attempt from our side. */
  abort(detail: string): void {
    this.#stop({ kind: "aborted", tookMs: this.#took(), detail });
  }

  /** Gives up when the limit is over, unless it has grown meanwhile. */
  #waitUntil(limit: Milliseconds): void {
    const { clock, patience } = this.#options;
    this.#cancelDeadline = clock.after(milliseconds(Math.max(0, limit - this.#took())), () => {
      const grown = patience.limit();
      if (grown > limit) this.#waitUntil(grown);
      else this.#stop({ kind: "timed-out", tookMs: this.#took() });
    });
  }

  #stop(outcome: Outcome): void {
    this.#finish(outcome, false);
    this.#cancelTransport?.(new Error("the attempt is over"));
  }

  #finish(outcome: Outcome, staleConnection: boolean): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelDeadline();
    this.#settle({ outcome, staleConnection });
  }

  #took(): Milliseconds {
    return milliseconds(this.#options.clock.monotonic() - this.#options.startedAt);
  }
}
