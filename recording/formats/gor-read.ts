/** GoReplay files as exchanges: requests and answers, which come as records of their own, are paired by id.
 *
 *    record ─► request ──► waits for its answer ──► exchange
 *         └──► answer ─────────┘        └─ none in a minute, or too many wait ──► exchange without an answer
 *
 * An answer may stand after requests that came later. What waits is bounded, so a file of any size is read in the same memory. */

import { PenumbraError } from "../../model/errors.ts";
import { type Exchange, type HttpRequest, notRecorded, type Outcome, trailersIfAny, unrecordedBody } from "../../model/exchange.ts";
import { type EpochMs, epochMs, milliseconds } from "../../model/units.ts";
import type { Reading } from "./foreign.ts";
import { type GorRecord, recordsOf } from "./gor-blocks.ts";
import { readAnswer, readRequest } from "./http1.ts";
import { laneOf } from "./lanes.ts";
import { refuseIfMostly } from "./unreadable.ts";

/** Longer than GoReplay itself waits for an answer. */
const longestWait = 60_000_000_000n;
const mostWaiting = 10_000;
const mostWaitingBytes = 64 * 1024 * 1024;
const nsPerMs = 1_000_000n;

interface Waiting {
  readonly id: string;
  readonly at: bigint;
  readonly request: HttpRequest;
  readonly size: number;
}

/** A ForeignReader. @throws PenumbraError `GOR_INVALID`; as chunksOf */
export async function* readGor(path: string, reading: Reading): AsyncGenerator<Exchange> {
  const pairing = new Pairing(reading);
  let read = 0;
  let unreadable = 0;
  for await (const { number, record } of recordsOf(path)) {
    read++;
    const exchanges = record === null ? null : pairing.take(record);
    if (exchanges !== null) yield* exchanges;
    else if (number === 1 && record === null) throw notGor(path);
    else {
      unreadable++;
      reading.tally.add("record", "that cannot be read left out", `record ${number}`);
    }
  }
  refuseIfMostly(unreadable, read, { path, code: "GOR_INVALID", unit: "records", hint });
  yield* pairing.end();
}

const hint = "check that it was written by GoReplay's --output-file, and is not cut at its beginning";

function notGor(path: string): PenumbraError {
  return new PenumbraError("GOR_INVALID", `${path} is no GoReplay file: it does not begin with "type id timestamp"`, hint);
}

class Pairing {
  readonly #reading: Reading;
  /** In the order of the file. */
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** What became complete, or waits no longer. Null = the record's message cannot be read. */
  take(record: GorRecord): Exchange[] | null {
    const place = `record ${record.number}`;
    if (record.type === "replayed") {
      this.#reading.tally.add("replayed answer", "left out (only production's are imported)");
      return [];
    }
    return record.type === "request" ? this.#takeRequest(record, place) : this.#takeAnswer(record, place);
  }

  *end(): Generator<Exchange> {
    for (const waiting of this.#waiting.values()) yield this.#unanswered(waiting);
  }

  #takeRequest(record: GorRecord, place: string): Exchange[] | null {
    const read = readRequest(record.payload);
    if (read === null) return null;
    const { request, framed } = read;
    if (framed.kind === "cut" && record.unended) {
      this.#reading.tally.add("request", "left out: the file ends inside it", place);
      return [];
    }
    if (framed.kind === "cut") this.#reading.tally.add("request body", "shorter than its Content-Length, so not sent", place);
    const body = framed.kind === "cut" ? unrecordedBody(framed.declared) : framed.body;
    const trailers = framed.kind === "cut" ? {} : trailersIfAny(framed.trailers);
    const size = record.payload.length;
    const earlier = this.#release(record.id);
    // A copy: the payload is a part of a larger piece of the file.
    const waiting = { id: record.id, at: record.at, request: { ...request, body: copied(body), ...trailers }, size };
    this.#waiting.set(record.id, waiting);
    this.#waitingBytes += size;
    const done = earlier === null ? [] : [this.#unanswered(earlier)];
    return [...done, ...this.#tired(record.at)];
  }

  #takeAnswer(record: GorRecord, place: string): Exchange[] | null {
    const waiting = this.#waiting.get(record.id);
    const read = readAnswer(record.payload, waiting?.request.method ?? "");
    if (read === null) return null;
    if (waiting === undefined) {
      this.#reading.tally.add("answer", "without a request left out", place);
      return [];
    }
    this.#release(record.id);
    const { answer, framed } = read;
    if (framed.kind === "cut") this.#reading.tally.add("answer body", "shorter than its Content-Length, so not compared", place);
    const body = framed.kind === "cut" ? unrecordedBody(framed.declared) : framed.body;
    const trailers = framed.kind === "cut" ? {} : trailersIfAny(framed.trailers);
    const tookMs = milliseconds(msOf(took(record, waiting)));
    return [
      this.#exchange(waiting, { kind: "answered", answer: { ...answer, body: copied(body), ...trailers }, firstByteMs: tookMs, tookMs }),
    ];
  }

  /** Those that have waited longest, while they are too many, too big or too old. */
  *#tired(now: bigint): Generator<Exchange> {
    for (const waiting of this.#waiting.values()) {
      const isFull = this.#waiting.size > mostWaiting || this.#waitingBytes > mostWaitingBytes;
      if (!isFull && now - waiting.at <= longestWait) return;
      this.#release(waiting.id);
      yield this.#unanswered(waiting);
    }
  }

  #release(id: string): Waiting | null {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return null;
    this.#waiting.delete(id);
    this.#waitingBytes -= waiting.size;
    return waiting;
  }

  #unanswered(waiting: Waiting): Exchange {
    this.#reading.tally.add("request", "without an answer");
    return this.#exchange(waiting, { kind: "skipped", tookMs: milliseconds(0), detail: notRecorded });
  }

  #exchange({ id, at, request }: Waiting, outcome: Outcome): Exchange {
    const lane = laneOf({ request, outcome }, this.#reading.nameLane);
    return { id, at: epochOf(at), lane, labels: {}, request, outcome };
  }
}

/** The latency that the record states, else the time between the two. */
function took(answer: GorRecord, request: Waiting): bigint {
  const span = answer.latency > 0n ? answer.latency : answer.at - request.at;
  return span > 0n ? span : 0n;
}

/** Divided in two parts: as one number the nanoseconds would not fit. */
function epochOf(ns: bigint): EpochMs {
  return epochMs(Number(ns / nsPerMs) + Number(ns % nsPerMs) / Number(nsPerMs));
}

function msOf(ns: bigint): number {
  return Number(ns) / Number(nsPerMs);
}

function copied(body: HttpRequest["body"]): HttpRequest["body"] {
  return body.kind === "whole" ? { kind: "whole", bytes: Buffer.from(body.bytes) } : body;
}
