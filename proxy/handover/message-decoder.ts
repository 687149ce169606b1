/** Decodes the pipe, either direction: bytes in, messages out, however the bytes are cut.
 * Holds at most one incomplete message, which is bounded by `maxMessageBytes`. */

import { epochMs, monotonicMs, ratio } from "../../model/units.ts";
import { type HandoverMessage, maxMessageBytes, messageTypes } from "./messages.ts";
import { type Disposition, type DropReason, dropReasons, mirrorDropReasons, recordDropReasons } from "./reasons.ts";
import { doneCode, partCodes } from "./reply-writer.ts";

/** The other side speaks something else: nothing after this can be trusted. */
export class HandoverError extends Error {
  override readonly name = "HandoverError";
}

const lengthBytes = 4;

export class MessageDecoder {
  readonly #receive: (message: HandoverMessage) => void;
  #parts: Buffer[] = [];
  #size = 0;
  #needed = lengthBytes;

  constructor(receive: (message: HandoverMessage) => void) {
    this.#receive = receive;
  }

  /** Takes bytes over and reports every message that they complete.
   * @throws HandoverError when the bytes are no messages; the decoder is of no use afterwards */
  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#size);
    let at = 0;
    this.#needed = lengthBytes;
    while (bytes.length - at >= lengthBytes) {
      const length = bytes.readUInt32LE(at);
      if (length === 0 || length > maxMessageBytes) throw new HandoverError(`message of ${length} bytes`);
      if (bytes.length - at < lengthBytes + length) {
        this.#needed = lengthBytes + length;
        break;
      }
      this.#receive(decodeMessage(bytes.subarray(at + lengthBytes, at + lengthBytes + length)));
      at += lengthBytes + length;
    }
    const rest = bytes.subarray(at);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}

/** One message without its length. */
function decodeMessage(bytes: Buffer): HandoverMessage {
  const fields = new FieldReader(bytes);
  const type = fields.byte();
  switch (type) {
    case messageTypes.hello:
      return { kind: "hello", version: fields.byte(), epoch: fields.text() };
    case messageTypes.requestHead:
      return {
        kind: "request-head",
        sequence: fields.number(),
        connection: fields.number(),
        index: fields.integer(),
        at: epochMs(fields.number()),
        monotonic: monotonicMs(fields.number()),
        inclusion: ratio(fields.number()),
        lane: fields.text(),
        head: fields.rest(),
      };
    case messageTypes.requestData:
      return { kind: "request-data", sequence: fields.number(), bytes: fields.rest() };
    case messageTypes.requestEnd:
      return { kind: "request-end", sequence: fields.number(), monotonic: monotonicMs(fields.number()) };
    case messageTypes.answerHead:
      return { kind: "answer-head", sequence: fields.number(), monotonic: monotonicMs(fields.number()), head: fields.rest() };
    case messageTypes.answerData:
      return { kind: "answer-data", sequence: fields.number(), bytes: fields.rest() };
    case messageTypes.answerEnd:
      return { kind: "answer-end", sequence: fields.number(), monotonic: monotonicMs(fields.number()) };
    case messageTypes.requestTrailers:
      return { kind: "request-trailers", sequence: fields.number(), section: fields.rest() };
    case messageTypes.answerTrailers:
      return { kind: "answer-trailers", sequence: fields.number(), section: fields.rest() };
    case messageTypes.abort:
      return { kind: "abort", sequence: fields.number(), monotonic: monotonicMs(fields.number()), reason: dropReason(fields.byte()) };
    case messageTypes.heartbeat:
      return { kind: "heartbeat" };
    case messageTypes.counters:
      return { kind: "counters", snapshot: fields.rest().toString("latin1") };
    case messageTypes.ready:
      return { kind: "ready" };
    case messageTypes.disposition:
      return { kind: "disposition", sequence: fields.number(), disposition: decodeDisposition(fields.byte(), fields.byte()) };
    case messageTypes.figures:
      return { kind: "figures", json: fields.rest() };
    default:
      throw new HandoverError(`message of unknown type ${type}`);
  }
}

function dropReason(code: number): DropReason {
  return named(dropReasons, code);
}

function decodeDisposition(part: number, result: number): Disposition {
  switch (part) {
    case partCodes.mirror:
      return { part: "mirror", result: result === doneCode ? "done" : named(mirrorDropReasons, result - 1) };
    case partCodes.record:
      return { part: "record", result: result === doneCode ? "done" : named(recordDropReasons, result - 1) };
    default:
      throw new HandoverError(`disposition of unknown part ${part}`);
  }
}

function named<Name extends string>(names: readonly Name[], code: number): Name {
  const name = names[code];
  if (name === undefined) throw new HandoverError(`unknown reason ${code}`);
  return name;
}

/** Reads fields from left to right. */
class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  integer(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  number(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Latin-1, after one byte with its length. */
  text(): string {
    const length = this.byte();
    const at = this.#take(length);
    return this.#bytes.toString("latin1", at, at + length);
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length) throw new HandoverError("message shorter than its fields");
    this.#at = at + size;
    return at;
  }
}
