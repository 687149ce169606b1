/** Sends copies of live requests to candidate and controls and writes what came of them to the run.
 *
 *    requestComplete ──► refuse? ──► queue (items, bytes, age) ──► shadow.submit ──┐
 *    exchangeComplete ─────────────────────────────► shadow.primaryFinished ───────┼─► ShadowLog ─► run
 *                                                                                  └─► one disposition
 *
 * A copy is sent when its request is complete, without waiting for the primary's answer, so that the overlap of
 * production is kept. Every captured sequence gets exactly one mirror disposition: `done` or why not. Refused copies are
 * observations too, with their reason, so that the report's totals hold every captured exchange. */

import type { Clock } from "../../model/clock.ts";
import { type Body, type Exchange, type HttpRequest, heldBodyBytes, isSafeMethod, type Outcome } from "../../model/exchange.ts";
import type { NotComparableReason } from "../../model/observation.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { whyNotComparable } from "../../target/comparable.ts";
import type { LoopGuard } from "../../target/loop-guard.ts";
import type { Shadow, ShadowResult } from "../../target/shadow.ts";
import type { Observed, ShadowLog } from "../../target/shadow-log.ts";
import type { MirrorDropReason } from "../handover/reasons.ts";
import type { Credentials } from "./credentials.ts";
import { DeniedPaths } from "./denied-paths.ts";
import { InFlight } from "./in-flight.ts";
import type { AbandonedExchange, CapturedExchange, CapturedRequest } from "./intake.ts";

/** What the operator decides; plain JSON. */
export interface MirrorSettings {
  /** Unsafe methods are sent too: candidate and controls have their own state. */
  readonly writes: boolean;
  /** Path prefixes that are never sent, whatever the method (GETs with effects). */
  readonly deny: readonly string[];
  /** Copies that the shadow has, and single sends of probes, together; no target has more requests under way. */
  readonly maxInFlight: number;
  readonly maxQueueItems: number;
  /** Bodies of queued requests and of answers that wait for the targets, together. */
  readonly maxQueueBytes: number;
  /** A copy that leaves later than this after its request began says nothing about production's overlap. */
  readonly staleAfterMs: number;
}

export const defaultMirrorSettings: MirrorSettings = {
  writes: false,
  deny: [],
  // A target with 1 s latency still takes 256 requests/s; held requests (order) count as well.
  maxInFlight: 256,
  // One second of traffic at the rate that one sidecar core can hand over.
  maxQueueItems: 4096,
  maxQueueBytes: 64 * 1024 * 1024,
  staleAfterMs: 5000,
};

/** The part of a shadow that the mirror uses. */
export type MirrorShadow = Pick<Shadow, "submit" | "primaryFinished">;

export interface MirrorOptions {
  readonly shadow: MirrorShadow;
  readonly log: ShadowLog;
  readonly settings: MirrorSettings;
  /** Knows what a mirror has sent: that is never mirrored again. */
  readonly guard: Pick<LoopGuard, "recognises">;
  readonly credentials: Pick<Credentials, "areWithheldFrom">;
  readonly clock: Clock;
  /** Called once for every captured sequence. */
  readonly dispose: (sequence: number, result: "done" | MirrorDropReason) => void;
  /** Told how many requests left, for the probe budget. */
  readonly onSent?: (sends: number) => void;
  /** An exchange that could not be written (redaction or disk); it is disposed of as `mirror_error`. */
  readonly onError: (id: string, error: unknown) => void;
}

/** What happened so far; every counter only grows. */
export interface MirrorCounters {
  readonly submitted: number;
  readonly done: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** One captured request until its observation is written. */
interface Copy {
  readonly sequence: number;
  readonly captured: CapturedRequest;
  /** Bytes of bodies that this copy holds beyond the intake's. */
  held: number;
  state: "queued" | "sent" | "refused";
  /** Why nothing was sent. */
  refusal: NotComparableReason | null;
  result: ShadowResult | null;
  primary: CapturedExchange | null;
  disposed: boolean;
}

export class Mirror {
  readonly #options: MirrorOptions;
  readonly #denied: DeniedPaths;
  readonly #places: InFlight;
  readonly #copies = new Map<number, Copy>();
  readonly #dropped = new Map<MirrorDropReason, number>();
  #queue: Copy[] = [];
  #heldBytes = 0;
  #inFlight = 0;
  #submitted = 0;
  #done = 0;
  #closing = false;
  #writesStopped = false;
  readonly #idleWaiters: (() => void)[] = [];
  readonly #sendsWaiters: (() => void)[] = [];

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#places = new InFlight(options.settings.maxInFlight, () => this.#pump());
    this.#denied = new DeniedPaths(options.settings.deny);
  }

  get counters(): MirrorCounters {
    return { submitted: this.#submitted, done: this.#done, dropped: Object.fromEntries(this.#dropped) };
  }

  /** Copies that are queued, under way, or wait for the primary's answer. */
  get pending(): number {
    return this.#copies.size;
  }

  /** Sends for a probe when there is a place among the copies under way. */
  probing<T>(send: () => Promise<T>): Promise<T> {
    return this.#places.probing(send);
  }

  /** A captured request is whole: refuse it, or queue it and send what there is room for. */
  requestComplete(captured: CapturedRequest): void {
    const copy: Copy = {
      sequence: captured.sequence,
      captured,
      held: 0,
      state: "queued",
      refusal: null,
      result: null,
      primary: null,
      disposed: false,
    };
    this.#copies.set(copy.sequence, copy);
    const refusal = this.#whyRefused(captured.request);
    if (refusal !== null) {
      this.#refuse(copy, refusal);
      return;
    }
    this.#holdBody(copy, captured.request.body);
    this.#queue.push(copy);
    this.#pump();
  }

  /** The primary's answer has ended. */
  exchangeComplete(completed: CapturedExchange): void {
    const copy = this.#copies.get(completed.sequence);
    if (copy === undefined) return;
    copy.primary = completed;
    if (copy.state === "sent") this.#options.shadow.primaryFinished(copy.captured.id, completed.exchange.outcome, completed.endedAt);
    if (copy.result === null) this.#hold(copy, [completed.exchange.outcome]);
    // What is under way is bounded in number; what only waits gives its room up.
    if (copy.state === "queued" && this.#isOverfull) this.#refuse(copy, "queue_full");
    else this.#settle(copy);
  }

  /** The primary's answer will never be known. */
  abandoned({ sequence, id, reason }: AbandonedExchange): void {
    const copy = this.#copies.get(sequence);
    if (copy === undefined) return;
    // Nobody will compare it: what is still queued needs not leave.
    if (copy.state === "queued") copy.state = "refused";
    // The order must not wait for an answer that never comes.
    if (copy.state === "sent") this.#options.shadow.primaryFinished(id, unknownOutcome(reason), this.#options.clock.now());
    // Only what the observer itself gave up is still on the ledger; the live process has settled the rest.
    if (reason === "observer_budget") this.#dispose(copy, "observer_budget");
    copy.disposed = true;
    this.#forget(copy);
  }

  /** Resolves when no copy is queued, under way or waiting for its primary. */
  async idle(): Promise<void> {
    while (this.#copies.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve);
      });
    }
  }

  /** Resolves when no copy is under way; queued ones and those that wait for their primary do not count. */
  async sendsEnded(): Promise<void> {
    while (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#sendsWaiters.push(resolve);
      });
    }
  }

  /** Sends no more writes, also none that is queued: the targets share a state. Reads go on. The shadow holds writes too, and is
   * told by whoever calls this. */
  stopWrites(): void {
    this.#writesStopped = true;
  }

  /** Takes no more copies: what is queued is dropped, what is under way may end. */
  close(): void {
    this.#closing = true;
    const queued = this.#queue;
    this.#queue = [];
    for (const copy of queued) this.#refuse(copy, "shutdown");
  }

  /** Gives up what still waits for its primary; call after the shadow was aborted, so that nothing is under way. */
  abandonRest(): void {
    for (const copy of [...this.#copies.values()]) {
      this.#dispose(copy, "shutdown");
      this.#forget(copy);
    }
  }

  /** In order of cost; each reason is a word of the ledger. */
  #whyRefused(request: HttpRequest): MirrorDropReason | null {
    const { settings } = this.#options;
    if (this.#closing) return "shutdown";
    if (this.#options.guard.recognises(request.headers)) return "loop";
    if (!settings.writes && !isSafeMethod(request.method)) return "write_not_allowed";
    if (this.#isStoppedWrite(request)) return "shared_state";
    if (this.#denied.deny(request.target)) return "denied";
    if (request.body.kind === "capped") return "capped";
    if (this.#queue.length >= settings.maxQueueItems || this.#heldBytes + heldBodyBytes(request.body) > settings.maxQueueBytes)
      return "queue_full";
    return null;
  }

  #isStoppedWrite(request: HttpRequest): boolean {
    return this.#writesStopped && !isSafeMethod(request.method);
  }

  #pump(): void {
    while (this.#places.hasRoom) {
      const copy = this.#queue.shift();
      if (copy === undefined) return;
      // Refused while it was queued.
      if (copy.state !== "queued") continue;
      if (this.#isStoppedWrite(copy.captured.request)) this.#refuse(copy, "shared_state");
      else if (this.#options.clock.now() - copy.captured.at > this.#options.settings.staleAfterMs) this.#refuse(copy, "stale");
      else this.#send(copy);
    }
  }

  #send(copy: Copy): void {
    const { shadow } = this.#options;
    const { id, lane, connection, at, request } = copy.captured;
    copy.state = "sent";
    this.#inFlight += 1;
    this.#places.enter();
    this.#submitted += 1;
    const submitted = shadow.submit({ id, lane, connection, startedAt: at, request });
    // The answer may have ended while the copy was queued.
    if (copy.primary !== null) shadow.primaryFinished(id, copy.primary.exchange.outcome, copy.primary.endedAt);
    submitted.then(
      (result) => this.#answered(copy, result),
      (error: unknown) => {
        this.#inFlight -= 1;
        this.#places.leave();
        this.#options.onError(id, error);
        this.#dispose(copy, "mirror_error");
        this.#forget(copy);
        this.#pump();
        this.#wakeSends();
      },
    );
  }

  #answered(copy: Copy, result: ShadowResult): void {
    this.#inFlight -= 1;
    this.#places.leave();
    copy.result = result;
    this.#options.onSent?.(1 + result.controls.length);
    if (copy.primary === null)
      this.#hold(
        copy,
        [result.candidate, ...result.controls].map(({ outcome }) => outcome),
      );
    // The targets' answers wait for the primary's, which may be long: over the bound they are given up.
    if (copy.primary === null && this.#isOverfull) this.#giveUp(copy);
    else this.#settle(copy);
    this.#pump();
    this.#wakeSends();
  }

  #wakeSends(): void {
    if (this.#inFlight > 0) return;
    for (const resolve of this.#sendsWaiters.splice(0)) resolve();
  }

  /** Writes the observation when both sides are known. */
  #settle(copy: Copy): void {
    if (copy.primary === null || !this.#copies.has(copy.sequence)) return;
    const { exchange } = copy.primary;
    if (copy.state === "refused") {
      this.#observe(copy, exchange, copy.refusal ?? "interrupted");
      this.#forget(copy);
      return;
    }
    if (copy.result === null) return;
    const withheld = this.#options.credentials.areWithheldFrom(copy.captured.request);
    const written = this.#observe(copy, exchange, whyNotComparable(exchange, { ...copy.result, credentialsWithheld: withheld }));
    this.#dispose(copy, written ? sentDisposition(copy.result) : "mirror_error");
    this.#forget(copy);
  }

  #refuse(copy: Copy, reason: MirrorDropReason): void {
    copy.state = "refused";
    copy.refusal = refusalAsReason(reason);
    this.#release(copy);
    this.#dispose(copy, reason);
    this.#settle(copy);
  }

  #giveUp(copy: Copy): void {
    copy.result = null;
    this.#refuse(copy, "queue_full");
  }

  #observe(copy: Copy, exchange: Exchange, reason: NotComparableReason | null): boolean {
    const observed: Observed = { exchange, request: copy.captured.request, sent: copy.result, reason };
    try {
      this.#options.log.write(observed);
      return true;
    } catch (error) {
      this.#options.onError(exchange.id, error);
      return false;
    }
  }

  #dispose(copy: Copy, result: "done" | MirrorDropReason): void {
    if (copy.disposed) return;
    copy.disposed = true;
    if (result === "done") this.#done += 1;
    else this.#dropped.set(result, (this.#dropped.get(result) ?? 0) + 1);
    this.#options.dispose(copy.sequence, result);
  }

  get #isOverfull(): boolean {
    return this.#heldBytes > this.#options.settings.maxQueueBytes;
  }

  #hold(copy: Copy, outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) if (outcome.kind === "answered") this.#holdBody(copy, outcome.answer.body);
  }

  #holdBody(copy: Copy, body: Body): void {
    const size = heldBodyBytes(body);
    copy.held += size;
    this.#heldBytes += size;
  }

  #release(copy: Copy): void {
    this.#heldBytes -= copy.held;
    copy.held = 0;
  }

  #forget(copy: Copy): void {
    if (!this.#copies.delete(copy.sequence)) return;
    this.#release(copy);
    if (this.#copies.size > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}

/** A request that no target was sent, or whose answers were not waited for at the end, was not mirrored, and `detail` says why. */
function sentDisposition(result: ShadowResult): "done" | MirrorDropReason {
  const trials = [result.candidate, ...result.controls];
  if (!trials.every(({ outcome }) => outcome.kind === "skipped" || outcome.kind === "aborted")) return "done";
  const { outcome } = result.candidate;
  const detail = outcome.kind === "answered" ? undefined : outcome.detail;
  if (detail === "breaker_open" || detail === "capped" || detail === "stale" || detail === "shared_state") return detail;
  return detail === "interrupted" || detail === "closed" ? "shutdown" : "mirror_error";
}

/** The ledger's word in the report's vocabulary. */
function refusalAsReason(reason: MirrorDropReason): NotComparableReason {
  switch (reason) {
    case "write_not_allowed":
    case "capped":
    case "queue_full":
    case "stale":
    case "breaker_open":
    case "client_abort":
    case "primary_abort":
    case "no_credentials":
    case "loop":
    case "shared_state":
      return reason;
    // The operator says that the request has effects.
    case "denied":
      return "write_not_allowed";
    case "off":
    case "observer_budget":
    case "observer_lost":
    case "mirror_error":
    case "shutdown":
      return "interrupted";
    default:
      return reason satisfies never;
  }
}

/** Stands for a primary's answer that the observer lost sight of. */
function unknownOutcome(reason: string): Outcome {
  return { kind: "skipped", tookMs: unknownDuration, detail: reason };
}

const unknownDuration: Milliseconds = milliseconds(0);
