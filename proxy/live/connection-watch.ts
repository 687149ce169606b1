/** Watches one client connection beside the splice: joins the two framing scans, the sampling decision and the hand-over.
 *
 *    client bytes ──► RequestScanner ─┐                     ┌─► HandOver (sampled)
 *                                     ├─► exchanges, in order ─┤
 *    primary bytes ──► AnswerScanner ─┘                     └─► ledger   (all)
 *
 * Fail open: whatever goes wrong in here ends the observation of this connection (`scan_error`), never the splice. */

import type { Clock } from "../../model/clock.ts";
import { epochMs, type MonotonicMs, monotonicMs } from "../../model/units.ts";
import type { BrokenOffReason, DropReason } from "../handover/reasons.ts";
import {
  type AnswerContext,
  AnswerScanner,
  answerContextOf,
  decidesProtocol,
  type FramingSink,
  RequestScanner,
  type StopReason,
} from "./framing.ts";
import type { HandOver } from "./hand-over.ts";
import type { HeadView } from "./head-view.ts";
import type { Ledger } from "./ledger.ts";
import type { Lane, LanePeer, Sampler } from "./sampling.ts";

/** Why a connection is no longer observed. */
export type UnobservedReason = StopReason | "scan_error" | "unanswered_limit";

/** What all watches of a process share. */
export interface WatchContext {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly sampler: Sampler;
  readonly handOver: HandOver;
  readonly view: HeadView;
  /** Connections that ended to be observed before they ended. */
  readonly unobserved: Record<UnobservedReason, number>;
  /** Reports a fault of the observation itself. */
  readonly fault: (error: unknown) => void;
}

export function noneUnobserved(): Record<UnobservedReason, number> {
  return { ambiguous_framing: 0, head_too_large: 0, not_http: 0, http2: 0, tunnel: 0, scan_error: 0, unanswered_limit: 0 };
}

/** One request on its way; `sequence` 0 = not copied. */
interface OpenExchange {
  readonly sequence: number;
  readonly lane: Lane;
  readonly context: Exclude<AnswerContext, null>;
  requestEnded: boolean;
  answerEnded: boolean;
}

/** Requests on one connection that wait for an answer. Browsers do not pipeline and HTTP libraries send some ten at once;
 * a client that goes on sending to a primary that does not answer must not fill this process. */
const mostUnanswered = 1000;

const never: MonotonicMs = monotonicMs(0);

export class ConnectionWatch {
  readonly #shared: WatchContext;
  readonly #peer: LanePeer;
  readonly #requests: RequestScanner;
  readonly #answers: AnswerScanner;
  /** Oldest first; answers come in this order (RFC 9112 §9.3.2). At most `mostUnanswered`. */
  readonly #exchanges: OpenExchange[] = [];
  #index = 0;
  #requestOpen: OpenExchange | null = null;
  #requestBegun: MonotonicMs = never;
  #answerBegun: MonotonicMs = never;
  #clientEnded = false;
  #observing = true;

  constructor(shared: WatchContext, connection: number, address: string) {
    this.#shared = shared;
    this.#peer = { connection, address, own: null, last: null };
    this.#requests = new RequestScanner(this.#requestSink(), shared.view);
    this.#answers = new AnswerScanner(this.#answerSink(), shared.view, () => this.#waiting()?.context ?? null);
  }

  /** True when no exchange is under way; unknown, so false, once the connection is not observed any more. */
  get isIdle(): boolean {
    return this.#observing && this.#exchanges.length === 0 && this.#requests.isBetweenMessages && this.#answers.isBetweenMessages;
  }

  /** A whole request waits for its answer, or for the rest of it. */
  get awaitsAnswer(): boolean {
    return this.#observing && this.#exchanges.some(({ requestEnded }) => requestEnded);
  }

  fromClient(chunk: Buffer): void {
    if (!this.#observing) return;
    try {
      this.#requests.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  fromPrimary(chunk: Buffer): void {
    if (!this.#observing) return;
    try {
      this.#answers.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client has half-closed: it may still wait for its answers, but an unfinished request stays unfinished. */
  clientEnded(): void {
    this.#clientEnded = true;
    this.#guarded(() => {
      if (this.#observing && !this.#requests.finish()) this.#breakOff("client_abort", true);
    });
  }

  /** The primary has half-closed: nothing that is unanswered will be answered. */
  primaryEnded(): void {
    this.#guarded(() => {
      if (!this.#observing) return;
      this.#answers.finish();
      this.#breakOff(this.#clientEnded ? "client_abort" : "primary_abort", false);
    });
  }

  /** The connection is gone; `reason` names the side that went first. */
  closed(reason: BrokenOffReason): void {
    this.#guarded(() => {
      if (this.#observing) this.#breakOff(this.#clientEnded ? "client_abort" : reason, false);
      this.#endObservation();
    });
  }

  #requestSink(): FramingSink {
    const { clock, ledger, sampler, handOver } = this.#shared;
    return {
      begin: () => {
        this.#requestBegun = clock.monotonic();
      },
      head: (view) => {
        if (this.#exchanges.length >= mostUnanswered) {
          ledger.countDropped("unanswered_limit");
          this.#stop("unanswered_limit");
          return;
        }
        const lane = sampler.laneOf(view, this.#peer);
        const index = this.#index++;
        const context = answerContextOf(view);
        let sequence = 0;
        const monotonic = this.#requestBegun;
        const inclusion = sampler.draw(view, lane, monotonic);
        if (inclusion !== null) {
          const at = epochMs(clock.now() - (clock.monotonic() - monotonic));
          sequence = handOver.begin({ connection: this.#peer.connection, index, at, monotonic, inclusion, lane: lane.id }, view);
        } else {
          ledger.countUnsampled();
        }
        this.#requestOpen = { sequence, lane, context, requestEnded: false, answerEnded: false };
        this.#exchanges.push(this.#requestOpen);
      },
      informational: () => undefined,
      data: (source, start, end) => {
        const sequence = this.#requestOpen?.sequence ?? 0;
        if (sequence !== 0) handOver.requestData(sequence, source, start, end);
      },
      trailers: (section) => {
        const sequence = this.#requestOpen?.sequence ?? 0;
        if (sequence !== 0) handOver.requestTrailers(sequence, section);
      },
      end: () => {
        const exchange = this.#requestOpen;
        this.#requestOpen = null;
        if (exchange === null) return;
        exchange.requestEnded = true;
        if (exchange.sequence !== 0) handOver.requestEnd(exchange.sequence);
        if (exchange.answerEnded) this.#complete(exchange);
      },
      stopped: (reason) => {
        // A head that was refused was a request all the same; one that is no HTTP/1 was not.
        const refusedHead = this.#requestOpen === null && (reason === "ambiguous_framing" || reason === "head_too_large");
        if (refusedHead) ledger.countDropped(reason);
        this.#stop(reason);
      },
    };
  }

  #answerSink(): FramingSink {
    const { clock, sampler, handOver } = this.#shared;
    return {
      begin: () => {
        const sequence = this.#waiting()?.sequence ?? 0;
        if (sequence !== 0) this.#answerBegun = clock.monotonic();
      },
      head: (view) => {
        const exchange = this.#waiting();
        if (exchange === undefined) return;
        sampler.learn(view, exchange.lane);
        if (exchange.sequence !== 0) handOver.answerHead(exchange.sequence, this.#answerBegun, view);
        if (decidesProtocol(exchange.context)) this.#requests.release();
      },
      informational: () => undefined,
      data: (source, start, end) => {
        const sequence = this.#waiting()?.sequence ?? 0;
        if (sequence !== 0) handOver.answerData(sequence, source, start, end);
      },
      trailers: (section) => {
        const sequence = this.#waiting()?.sequence ?? 0;
        if (sequence !== 0) handOver.answerTrailers(sequence, section);
      },
      end: () => {
        const exchange = this.#waiting();
        if (exchange === undefined) return;
        exchange.answerEnded = true;
        if (exchange.sequence !== 0) handOver.answerEnd(exchange.sequence);
        if (exchange.requestEnded) this.#complete(exchange);
      },
      stopped: (reason) => this.#stop(reason),
    };
  }

  /** The exchange whose answer comes next or is coming. */
  #waiting(): OpenExchange | undefined {
    const [first, second] = this.#exchanges;
    return first?.answerEnded === true ? second : first;
  }

  #complete(exchange: OpenExchange): void {
    this.#exchanges.shift();
    if (exchange.sequence !== 0) this.#shared.handOver.capture(exchange.sequence);
  }

  #stop(reason: UnobservedReason): void {
    if (!this.#observing) return;
    this.#shared.unobserved[reason]++;
    const isOwnWord = reason === "scan_error" || reason === "head_too_large" || reason === "unanswered_limit";
    const dropReason: DropReason = isOwnWord ? reason : "ambiguous_framing";
    for (const exchange of this.#exchanges) {
      if (exchange.sequence !== 0) this.#shared.handOver.drop(exchange.sequence, dropReason);
    }
    this.#endObservation();
  }

  /** Ends the copies that can get nothing more; `incompleteOnly` spares those that still wait for an answer.
   * The exchanges stay in their places, since answers may still come and find theirs by order. */
  #breakOff(reason: BrokenOffReason, incompleteOnly: boolean): void {
    for (const exchange of this.#exchanges) {
      if (exchange.sequence === 0) continue;
      if (!exchange.requestEnded) this.#shared.handOver.drop(exchange.sequence, reason);
      else if (!incompleteOnly) this.#shared.handOver.breakOff(exchange.sequence, reason);
    }
  }

  #endObservation(): void {
    this.#observing = false;
    this.#requests.abandon();
    this.#answers.abandon();
    this.#exchanges.length = 0;
    this.#requestOpen = null;
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The last resort: not even a fault in giving the copies up may reach the splice, and no copy stays open. */
  #fail(error: unknown): void {
    this.#shared.fault(error);
    const { ledger } = this.#shared;
    const sequences = this.#exchanges.map((exchange) => exchange.sequence);
    try {
      this.#stop("scan_error");
    } catch (secondError) {
      this.#shared.fault(secondError);
      for (const sequence of sequences) ledger.drop(sequence, "scan_error");
      this.#endObservation();
    }
  }
}
