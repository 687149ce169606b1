/** Sees one exchange of the gateway and hands it over when it is sampled: the request as the primary was sent it, the answer as
 * the primary gave it. What `ConnectionWatch` is to the splice.
 *
 * Fail open: whatever goes wrong in here ends the copy (`scan_error`), never the exchange. */

import type { HeaderList } from "../../model/exchange.ts";
import { epochMs, type MonotonicMs } from "../../model/units.ts";
import type { BrokenOffReason, DropReason } from "../handover/reasons.ts";
import type { WatchContext } from "../live/connection-watch.ts";
import type { HeadKind, HeadView } from "../live/head-view.ts";
import type { Lane, LanePeer } from "../live/sampling.ts";
import { trailerBytes } from "./fields.ts";

export interface TappedRequest {
  readonly peer: LanePeer;
  /** Of the request on its client connection, from 0. */
  readonly index: number;
  /** When its head had come. */
  readonly begun: MonotonicMs;
  /** As it is sent to the primary. */
  readonly head: Buffer;
}

export class ExchangeTap {
  readonly #context: WatchContext;
  #lane: Lane | null = null;
  /** 0 = not copied. */
  #sequence = 0;
  #isCounted = false;
  #requestEnded = false;
  #answerEnded = false;

  constructor(context: WatchContext, request: TappedRequest) {
    this.#context = context;
    this.#guarded(() => this.#begin(request));
  }

  requestData(chunk: Buffer): void {
    if (this.#sequence === 0) return;
    this.#guarded(() => this.#context.handOver.requestData(this.#sequence, chunk, 0, chunk.length));
  }

  requestEnd(trailers: HeaderList = []): void {
    if (this.#requestEnded) return;
    this.#requestEnded = true;
    if (this.#sequence === 0) return;
    this.#guarded(() => {
      if (trailers.length > 0) this.#context.handOver.requestTrailers(this.#sequence, trailerBytes(trailers));
      this.#context.handOver.requestEnd(this.#sequence);
      this.#captureWhenWhole();
    });
  }

  /** @param head makes the answer's head in bytes; only asked where somebody wants to read it */
  answerHead(head: () => Buffer, mayNameSession: boolean): void {
    if (this.#lane === null || (this.#sequence === 0 && !mayNameSession)) return;
    const lane = this.#lane;
    this.#guarded(() => {
      const { clock, sampler, handOver } = this.#context;
      const view = this.#read(head(), "answer");
      if (view === null) return;
      sampler.learn(view, lane);
      if (this.#sequence !== 0) handOver.answerHead(this.#sequence, clock.monotonic(), view);
    });
  }

  answerData(chunk: Buffer): void {
    if (this.#sequence === 0) return;
    this.#guarded(() => this.#context.handOver.answerData(this.#sequence, chunk, 0, chunk.length));
  }

  answerEnd(trailers: HeaderList = []): void {
    this.#answerEnded = true;
    if (this.#sequence === 0) return;
    this.#guarded(() => {
      if (trailers.length > 0) this.#context.handOver.answerTrailers(this.#sequence, trailerBytes(trailers));
      this.#context.handOver.answerEnd(this.#sequence);
      this.#captureWhenWhole();
    });
  }

  /** One side went away: after a whole request that is the outcome of the exchange, before it there is nothing to keep. */
  brokenOff(reason: BrokenOffReason): void {
    if (this.#sequence === 0) return;
    this.#guarded(() => {
      if (this.#requestEnded) this.#context.handOver.breakOff(this.#sequence, reason);
      else this.#context.handOver.drop(this.#sequence, reason);
      this.#sequence = 0;
    });
  }

  /** Gives the copy up. */
  drop(reason: DropReason): void {
    if (this.#sequence === 0) return;
    this.#guarded(() => {
      this.#context.handOver.drop(this.#sequence, reason);
      this.#sequence = 0;
    });
  }

  #begin({ peer, index, begun, head }: TappedRequest): void {
    const { clock, ledger, sampler, handOver } = this.#context;
    const view = this.#read(head, "request");
    if (view === null) return;
    this.#lane = sampler.laneOf(view, peer);
    const inclusion = sampler.draw(view, this.#lane, begun);
    if (inclusion === null) {
      this.#isCounted = true;
      ledger.countUnsampled();
      return;
    }
    const at = epochMs(clock.now() - (clock.monotonic() - begun));
    this.#sequence = handOver.begin({ connection: peer.connection, index, at, monotonic: begun, inclusion, lane: this.#lane.id }, view);
    this.#isCounted = true;
  }

  /** A head that the scan would not have accepted is passed on all the same, but never recorded. */
  #read(head: Buffer, kind: HeadKind): HeadView | null {
    const { view, ledger } = this.#context;
    if (view.parse(head, 0, head.length, kind) > 0) return view;
    if (this.#isCounted) this.drop("ambiguous_framing");
    else ledger.countDropped("ambiguous_framing");
    this.#isCounted = true;
    return null;
  }

  #captureWhenWhole(): void {
    if (!this.#requestEnded || !this.#answerEnded) return;
    this.#context.handOver.capture(this.#sequence);
    this.#sequence = 0;
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#context.fault(error);
      const { ledger } = this.#context;
      if (!this.#isCounted) ledger.countDropped("scan_error");
      else if (this.#sequence !== 0) this.#giveUp(this.#sequence);
      this.#isCounted = true;
      this.#sequence = 0;
    }
  }

  /** Not even a fault in giving the copy up may reach the exchange, and no copy stays open. */
  #giveUp(sequence: number): void {
    try {
      this.#context.handOver.drop(sequence, "scan_error");
    } catch (error) {
      this.#context.fault(error);
      this.#context.ledger.drop(sequence, "scan_error");
    }
  }
}
