/** The live side of the pipe: copies leave as messages, never wait, and are dropped whole when the pipe is full.
 *
 *    watch ──head, data, trailers, end──► HandOver ──► staging ──at a whole request, else once a millisecond──► pipe ──► observer
 *                                            │ backlog over the budget, observer not there
 *                                            └──► ledger: dropped, with the reason
 *
 * The ledger is the only memory of what is open: messages of an exchange that it has closed are ignored here. */

import type { Clock } from "../../model/clock.ts";
import { type Bytes, type EpochMs, type Milliseconds, type MonotonicMs, milliseconds, monotonicMs, type Ratio } from "../../model/units.ts";
import { MessageWriter } from "../handover/message-writer.ts";
import type { BrokenOffReason, DropReason } from "../handover/reasons.ts";
import type { HeadView } from "./head-view.ts";
import type { Ledger } from "./ledger.ts";

/** How long answers may wait for others to leave with them. */
const flushInterval: Milliseconds = milliseconds(1);

/** The part of a stream that is needed here. */
export interface PipeEnd {
  write(bytes: Buffer): boolean;
  readonly writableLength: number;
  readonly writable: boolean;
}

/** What is known of a request when its copy begins. */
export interface CopyStart {
  readonly connection: number;
  readonly index: number;
  readonly at: EpochMs;
  readonly monotonic: MonotonicMs;
  readonly inclusion: Ratio;
  readonly lane: string;
}

export class HandOver {
  readonly #ledger: Ledger;
  readonly #budget: Bytes;
  readonly #clock: Clock;
  #pipe: PipeEnd | null = null;
  #writer: MessageWriter | null = null;
  #isReady = false;
  #flushDue = false;
  #urgentFlushDue = false;
  #lastFlush: MonotonicMs = monotonicMs(0);

  constructor(ledger: Ledger, budget: Bytes, clock: Clock) {
    this.#ledger = ledger;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** Bytes that wait for the observer, which the budget bounds. */
  get backlog(): number {
    return (this.#pipe?.writableLength ?? 0) + (this.#writer?.staged ?? 0);
  }

  /** A new observer: it hears who speaks; copies begin with `ready`. */
  attach(pipe: PipeEnd): void {
    this.#pipe = pipe;
    this.#writer = new MessageWriter((bytes) => {
      if (pipe.writable) pipe.write(bytes);
    });
    this.#isReady = false;
    this.#writer.hello(this.#ledger.epoch);
    this.#writer.flush();
  }

  ready(): void {
    this.#isReady = this.#writer !== null;
  }

  heartbeat(): void {
    this.#writer?.heartbeat();
    this.#writer?.flush();
  }

  /** The ledger as it stands and how much is sampled, for the recording. */
  counters(sampling: object): void {
    this.#writer?.counters(JSON.stringify({ ...this.#ledger.snapshot(), sampling }));
    this.#writer?.flush();
  }

  /** The observer is gone or has been asked to finish. What was staged still leaves if the pipe takes it. */
  detach(): void {
    this.#writer?.flush();
    this.#isReady = false;
    this.#writer = null;
    this.#pipe = null;
  }

  /** Begins a copy.
   * @returns its sequence, or 0 when it was dropped (and counted) */
  begin(copy: CopyStart, view: HeadView): number {
    const writer = this.#writer;
    if (writer === null || !this.#isReady) return this.#refuse("observer_absent");
    if (this.#isOverBudget()) return this.#refuse("budget");
    if (!this.#ledger.hasRoom) return this.#refuse("pending_limit");
    const sequence = this.#ledger.begin();
    writer.requestHead({ sequence, ...copy }, view.buffer, view.start, view.end);
    this.#flushSoon(false);
    return sequence;
  }

  requestData(sequence: number, source: Buffer, start: number, end: number): void {
    this.#writerFor(sequence, true)?.requestData(sequence, source, start, end);
  }

  requestTrailers(sequence: number, section: Buffer): void {
    this.#writerFor(sequence, true)?.requestTrailers(sequence, section);
  }

  requestEnd(sequence: number): void {
    this.#writerFor(sequence, false)?.requestEnd(sequence, this.#clock.monotonic());
    this.#flushSoon(true);
  }

  answerHead(sequence: number, firstByte: MonotonicMs, view: HeadView): void {
    this.#writerFor(sequence, true)?.answerHead(sequence, firstByte, view.buffer, view.start, view.end);
  }

  answerData(sequence: number, source: Buffer, start: number, end: number): void {
    this.#writerFor(sequence, true)?.answerData(sequence, source, start, end);
  }

  answerTrailers(sequence: number, section: Buffer): void {
    this.#writerFor(sequence, true)?.answerTrailers(sequence, section);
  }

  answerEnd(sequence: number): void {
    this.#writerFor(sequence, false)?.answerEnd(sequence, this.#clock.monotonic());
  }

  /** Both request and answer have ended: the copy is whole. */
  capture(sequence: number): void {
    this.#ledger.capture(sequence);
  }

  /** The connection broke off after the request: that is the outcome of this exchange, and the copy is whole. */
  breakOff(sequence: number, reason: BrokenOffReason): void {
    const writer = this.#writerFor(sequence, false);
    if (writer === null) return;
    writer.abort(sequence, this.#clock.monotonic(), reason);
    this.#ledger.capture(sequence);
  }

  /** Gives a copy up. */
  drop(sequence: number, reason: DropReason): void {
    this.#writerFor(sequence, false)?.abort(sequence, this.#clock.monotonic(), reason);
    this.#ledger.drop(sequence, reason);
  }

  #refuse(reason: DropReason): number {
    this.#ledger.countDropped(reason);
    return 0;
  }

  /** The writer, when this copy is still open and, for messages of any size, the pipe has room. */
  #writerFor(sequence: number, takesRoom: boolean): MessageWriter | null {
    const writer = this.#writer;
    if (writer === null || !this.#ledger.isOpen(sequence)) return null;
    this.#flushSoon(false);
    if (!takesRoom || !this.#isOverBudget()) return writer;
    writer.abort(sequence, this.#clock.monotonic(), "budget");
    this.#ledger.drop(sequence, "budget");
    return null;
  }

  #isOverBudget(): boolean {
    return this.backlog > this.#budget;
  }

  /** One write for all messages of a turn of the event loop; and under load for those of a millisecond, since every write wakes
   * the observer, which costs this process more than all that it writes. Only a whole request does not wait: the mirror sends it
   * at once, and requests that leave together would meet at the targets in an order that production did not have. */
  #flushSoon(isUrgent: boolean): void {
    if (isUrgent ? this.#urgentFlushDue : this.#flushDue) return;
    const isQuiet = this.#clock.monotonic() - this.#lastFlush >= flushInterval;
    if (isUrgent || isQuiet) {
      this.#urgentFlushDue = true;
      this.#flushDue = true;
      setImmediate(this.#flush);
      return;
    }
    this.#flushDue = true;
    this.#clock.after(flushInterval, this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushDue = false;
    this.#urgentFlushDue = false;
    this.#lastFlush = this.#clock.monotonic();
    this.#writer?.flush();
  };
}
