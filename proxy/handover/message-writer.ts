/** Encodes messages of the live process. Small messages collect in one staging buffer and leave together, at the
 * end of the event loop's turn; big bodies leave by reference, without a copy.
 *
 *    head, end, small data ──► staging (64 KiB) ──flush──► pipe
 *    data over 4 KiB ────────(staging first, then the bytes themselves)──► pipe      order is kept */

import type { EpochMs, MonotonicMs, Ratio } from "../../model/units.ts";
import { handoverVersion, maxDataBytes, messageTypes, prefixBytes } from "./messages.ts";
import { type DropReason, dropReasons } from "./reasons.ts";

const stagingBytes = 64 * 1024;
/** Up to here a copy costs less than one more entry in the pipe's write queue. */
const copiedDataBytes = 4 * 1024;
const numberBytes = 8;

export interface RequestHeadFields {
  readonly sequence: number;
  readonly connection: number;
  readonly index: number;
  readonly at: EpochMs;
  readonly monotonic: MonotonicMs;
  readonly inclusion: Ratio;
  readonly lane: string;
}

export class MessageWriter {
  readonly #write: (bytes: Buffer) => void;
  readonly #staging: Buffer = Buffer.allocUnsafeSlow(stagingBytes);
  #used = 0;

  /** @param write takes the bytes over: they are not touched again */
  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** Bytes that wait for `flush`. */
  get staged(): number {
    return this.#used;
  }

  hello(epoch: string): void {
    const length = prefixBytes + 2 + epoch.length;
    const at = this.#begin(messageTypes.hello, length);
    this.#staging[at] = handoverVersion;
    this.#staging[at + 1] = epoch.length;
    this.#staging.write(epoch, at + 2, "latin1");
  }

  /** `sequence f64 | connection f64 | index u32 | at f64 | monotonic f64 | inclusion f64 | lane length u8 | lane | head` */
  requestHead(fields: RequestHeadFields, source: Buffer, start: number, end: number): void {
    const fixedBytes = 5 * numberBytes + 4 + 1 + fields.lane.length;
    let at = this.#begin(messageTypes.requestHead, prefixBytes + fixedBytes, end - start);
    const staging = this.#staging;
    at = staging.writeDoubleLE(fields.sequence, at);
    at = staging.writeDoubleLE(fields.connection, at);
    at = staging.writeUInt32LE(fields.index, at);
    at = staging.writeDoubleLE(fields.at, at);
    at = staging.writeDoubleLE(fields.monotonic, at);
    at = staging.writeDoubleLE(fields.inclusion, at);
    at = staging.writeUInt8(fields.lane.length, at);
    staging.write(fields.lane, at, "latin1");
    this.#append(source, start, end);
  }

  requestData(sequence: number, source: Buffer, start: number, end: number): void {
    this.#data(messageTypes.requestData, sequence, source, start, end);
  }

  requestTrailers(sequence: number, section: Buffer): void {
    this.#data(messageTypes.requestTrailers, sequence, section, 0, section.length);
  }

  requestEnd(sequence: number, monotonic: MonotonicMs): void {
    this.#numbers(messageTypes.requestEnd, sequence, monotonic);
  }

  /** `sequence f64 | monotonic f64 | head` */
  answerHead(sequence: number, monotonic: MonotonicMs, source: Buffer, start: number, end: number): void {
    const at = this.#begin(messageTypes.answerHead, prefixBytes + 2 * numberBytes, end - start);
    this.#staging.writeDoubleLE(monotonic, this.#staging.writeDoubleLE(sequence, at));
    this.#append(source, start, end);
  }

  answerData(sequence: number, source: Buffer, start: number, end: number): void {
    this.#data(messageTypes.answerData, sequence, source, start, end);
  }

  answerTrailers(sequence: number, section: Buffer): void {
    this.#data(messageTypes.answerTrailers, sequence, section, 0, section.length);
  }

  answerEnd(sequence: number, monotonic: MonotonicMs): void {
    this.#numbers(messageTypes.answerEnd, sequence, monotonic);
  }

  /** `sequence f64 | monotonic f64 | reason u8` */
  abort(sequence: number, monotonic: MonotonicMs, reason: DropReason): void {
    const at = this.#begin(messageTypes.abort, prefixBytes + 2 * numberBytes + 1);
    this.#staging[this.#staging.writeDoubleLE(monotonic, this.#staging.writeDoubleLE(sequence, at))] = dropReasons.indexOf(reason);
  }

  heartbeat(): void {
    this.#begin(messageTypes.heartbeat, prefixBytes);
  }

  /** `JSON, Latin-1`: the ledger's words and numbers are ASCII */
  counters(snapshot: string): void {
    const at = this.#begin(messageTypes.counters, prefixBytes + snapshot.length);
    this.#staging.write(snapshot, at, "latin1");
  }

  /** Hands what is staged to the pipe. */
  flush(): void {
    if (this.#used === 0) return;
    this.#write(Buffer.from(this.#staging.subarray(0, this.#used)));
    this.#used = 0;
  }

  /** `sequence f64 | bytes`; what is no longer than the scan's limit for sections stays in one message */
  #data(type: number, sequence: number, source: Buffer, start: number, end: number): void {
    for (let from = start; from < end; from += maxDataBytes) {
      const to = Math.min(end, from + maxDataBytes);
      const at = this.#begin(type, prefixBytes + numberBytes, to - from);
      this.#staging.writeDoubleLE(sequence, at);
      this.#append(source, from, to);
    }
  }

  #numbers(type: number, sequence: number, monotonic: MonotonicMs): void {
    const at = this.#begin(type, prefixBytes + 2 * numberBytes);
    this.#staging.writeDoubleLE(monotonic, this.#staging.writeDoubleLE(sequence, at));
  }

  /** Reserves `length` staged bytes and writes the prefix of a message that goes on for `following` bytes more.
   * @returns where its fields begin */
  #begin(type: number, length: number, following = 0): number {
    if (this.#used + length > stagingBytes) this.flush();
    const at = this.#used;
    this.#staging.writeUInt32LE(length - 4 + following, at);
    this.#staging[at + 4] = type;
    this.#used += length;
    return at + prefixBytes;
  }

  #append(source: Buffer, start: number, end: number): void {
    const size = end - start;
    if (size <= copiedDataBytes) {
      if (this.#used + size > stagingBytes) this.flush();
      source.copy(this.#staging, this.#used, start, end);
      this.#used += size;
      return;
    }
    this.flush();
    this.#write(source.subarray(start, end));
  }
}
