/** Turns the live process's messages back into exchanges, inside the observer.
 *
 *    pipe ──► decoder ──► Intake ──requestComplete──► mirror    (the request has ended; its answer may not have begun)
 *                            └─────exchangeComplete─► recorder  (both have ended, or the connection broke off)
 *                                  abandoned          (no copy: the live process or the memory bound gave it up)
 *
 * Memory is bounded: all open bodies together stay under `memoryBudget`; over it the exchange that would pass the
 * bound is given up and disposed of as `observer_budget`. */

import type { Duplex } from "node:stream";
import type { Clock } from "../../model/clock.ts";
import { type Answer, type Exchange, type HeaderList, type HttpRequest, type Outcome, trailersIfAny } from "../../model/exchange.ts";
import {
  type Bytes,
  bytes as byteCount,
  type EpochMs,
  epochMs,
  type Milliseconds,
  type MonotonicMs,
  milliseconds,
} from "../../model/units.ts";
import type { ObserverFigures } from "../handover/figures.ts";
import { HandoverError, MessageDecoder } from "../handover/message-decoder.ts";
import { type HandoverMessage, handoverVersion, type LiveMessage } from "../handover/messages.ts";
import { type BrokenOffReason, type Disposition, type DropReason, isBrokenOff } from "../handover/reasons.ts";
import { encodeDisposition, encodeFigures, encodeHeartbeat, encodeReady } from "../handover/reply-writer.ts";
import { BodyAssembly } from "./body-assembly.ts";
import { type AnswerHead, parseAnswerHead, parseRequestHead, parseTrailers, type RequestHead } from "./parse-head.ts";

/** A request that has ended; everything a mirror needs. */
export interface CapturedRequest {
  readonly sequence: number;
  readonly id: string;
  readonly at: EpochMs;
  readonly lane: string | null;
  readonly connection: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
  readonly inclusion: number;
}

/** An exchange that has ended on both sides; `endedAt` is the wall time of the answer's last byte. */
export interface CapturedExchange {
  readonly sequence: number;
  readonly exchange: Exchange;
  readonly endedAt: EpochMs;
}

/** Nothing more comes of this exchange and no disposition is owed for it.
 * `requestComplete` may have been called for it before; `exchangeComplete` never is. */
export interface AbandonedExchange {
  readonly sequence: number;
  readonly id: string;
  readonly reason: string;
}

export interface CaptureListener {
  requestComplete(captured: CapturedRequest): void;
  exchangeComplete(captured: CapturedExchange): void;
  abandoned(abandoned: AbandonedExchange): void;
}

export interface IntakeOptions {
  readonly listener: CaptureListener;
  readonly labels: Readonly<Record<string, string>>;
  /** Receives the dispositions of what the intake itself gives up. */
  readonly dispose: (sequence: number, disposition: Disposition) => void;
  /** Receives the live process's ledger, every 10 s. */
  readonly onCounters?: (snapshot: object) => void;
  /** What is told to the live process about what is counted here; without it nothing is. */
  readonly figures?: () => ObserverFigures;
  /** Bodies over it are kept as length, hash, first and last part. Default 1 MiB. */
  readonly bodyCap?: Bytes;
  /** Bound of all open bodies together. Default 128 MiB. */
  readonly memoryBudget?: Bytes;
}

const defaultBodyCap: Bytes = byteCount(1024 * 1024);
/** Room for many bodies at the cap; the observer's heap limit is several times this. */
const defaultMemoryBudget: Bytes = byteCount(128 * 1024 * 1024);

/** One exchange whose messages are still coming. */
interface OpenExchange {
  readonly sequence: number;
  readonly id: string;
  readonly connection: string;
  readonly at: EpochMs;
  readonly begun: MonotonicMs;
  readonly inclusion: number;
  readonly lane: string | null;
  readonly requestHead: RequestHead;
  readonly requestBody: BodyAssembly;
  readonly answerBody: BodyAssembly;
  requestTrailers: HeaderList;
  answerTrailers: HeaderList;
  request: HttpRequest | null;
  answerHead: AnswerHead | null;
  answerBegun: MonotonicMs | null;
  answerEnded: MonotonicMs | null;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #bodyCap: Bytes;
  readonly #memoryBudget: Bytes;
  readonly #open = new Map<number, OpenExchange>();
  #epoch = "";
  #held = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#bodyCap = options.bodyCap ?? defaultBodyCap;
    this.#memoryBudget = options.memoryBudget ?? defaultMemoryBudget;
  }

  /** Exchanges that have begun and not ended. */
  get open(): number {
    return this.#open.size;
  }

  /** Names this live process; part of every exchange id. "" before its first message. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Takes one message of the live process.
   * @throws HandoverError when the live process is of another build */
  receive(message: LiveMessage): void {
    switch (message.kind) {
      case "hello":
        if (message.version !== handoverVersion)
          throw new HandoverError(`hand-over version ${message.version}, expected ${handoverVersion}`);
        this.#epoch = message.epoch;
        return;
      case "request-head":
        this.#begin(message);
        return;
      case "request-data":
        this.#append(message.sequence, "requestBody", message.bytes);
        return;
      case "request-trailers":
        this.#keepTrailers(message.sequence, "requestTrailers", message.section);
        return;
      case "request-end":
        this.#requestEnded(message.sequence);
        return;
      case "answer-head":
        this.#answerBegan(message.sequence, message.head, message.monotonic);
        return;
      case "answer-data":
        this.#append(message.sequence, "answerBody", message.bytes);
        return;
      case "answer-trailers":
        this.#keepTrailers(message.sequence, "answerTrailers", message.section);
        return;
      case "answer-end":
        this.#answerEnded(message.sequence, message.monotonic);
        return;
      case "abort":
        this.#aborted(message.sequence, message.monotonic, message.reason);
        return;
      case "heartbeat":
        return;
      case "counters":
        this.#options.onCounters?.(JSON.parse(message.snapshot) as object);
        return;
      default:
        message satisfies never;
    }
  }

  /** The pipe has ended: what is still open never becomes a copy (the live process counts it as `observer_lost`). */
  end(): void {
    for (const exchange of [...this.#open.values()]) this.#abandon(exchange, "observer_lost");
  }

  #begin(message: LiveMessage & { kind: "request-head" }): void {
    this.#open.set(message.sequence, {
      sequence: message.sequence,
      id: `${this.#epoch}-${message.sequence}`,
      connection: `${this.#epoch}-${message.connection}`,
      at: message.at,
      begun: message.monotonic,
      inclusion: message.inclusion,
      lane: message.lane === "" ? null : message.lane,
      requestHead: parseRequestHead(message.head),
      requestBody: new BodyAssembly(this.#bodyCap),
      answerBody: new BodyAssembly(this.#bodyCap),
      requestTrailers: [],
      answerTrailers: [],
      request: null,
      answerHead: null,
      answerBegun: null,
      answerEnded: null,
    });
  }

  #append(sequence: number, part: "requestBody" | "answerBody", data: Uint8Array): void {
    const exchange = this.#open.get(sequence);
    if (exchange === undefined) return;
    const body = exchange[part];
    const before = body.held;
    body.append(data);
    this.#held += body.held - before;
    if (this.#held <= this.#memoryBudget) return;
    this.#options.dispose(sequence, { part: "record", result: "observer_budget" });
    if (exchange.request === null) this.#options.dispose(sequence, { part: "mirror", result: "observer_budget" });
    this.#abandon(exchange, "observer_budget");
  }

  #keepTrailers(sequence: number, part: "requestTrailers" | "answerTrailers", section: Uint8Array): void {
    const exchange = this.#open.get(sequence);
    if (exchange !== undefined) exchange[part] = parseTrailers(section);
  }

  #requestEnded(sequence: number): void {
    const exchange = this.#open.get(sequence);
    if (exchange === undefined) return;
    exchange.request = { ...exchange.requestHead, body: exchange.requestBody.finish(), ...trailersIfAny(exchange.requestTrailers) };
    const { id, at, lane, connection, inclusion, request } = exchange;
    this.#options.listener.requestComplete({ sequence, id, at, lane, connection, labels: this.#options.labels, request, inclusion });
    if (exchange.answerEnded !== null) this.#completeAnswered(exchange, exchange.answerEnded);
  }

  #answerBegan(sequence: number, head: Uint8Array, monotonic: MonotonicMs): void {
    const exchange = this.#open.get(sequence);
    if (exchange === undefined) return;
    exchange.answerHead = parseAnswerHead(head);
    exchange.answerBegun = monotonic;
  }

  /** An answer may end before its request does (413 to a body that is still being sent). */
  #answerEnded(sequence: number, monotonic: MonotonicMs): void {
    const exchange = this.#open.get(sequence);
    if (exchange === undefined) return;
    exchange.answerEnded = monotonic;
    if (exchange.request !== null) this.#completeAnswered(exchange, monotonic);
  }

  #completeAnswered(exchange: OpenExchange, ended: MonotonicMs): void {
    const { answerHead, answerBegun } = exchange;
    if (answerHead === null || answerBegun === null) throw new HandoverError(`answer-end without answer-head for ${exchange.id}`);
    const answer: Answer = { ...answerHead, body: exchange.answerBody.finish(), ...trailersIfAny(exchange.answerTrailers) };
    const tookMs = elapsed(exchange, ended);
    this.#complete(exchange, { kind: "answered", answer, firstByteMs: elapsed(exchange, answerBegun), tookMs }, tookMs);
  }

  #aborted(sequence: number, monotonic: MonotonicMs, reason: DropReason): void {
    const exchange = this.#open.get(sequence);
    if (exchange === undefined) return;
    if (exchange.request === null || !isBrokenOff(reason)) {
      this.#abandon(exchange, reason);
      return;
    }
    const tookMs = elapsed(exchange, monotonic);
    this.#complete(exchange, brokenOutcome(reason, exchange, tookMs), tookMs);
  }

  #complete(exchange: OpenExchange, outcome: Outcome, tookMs: Milliseconds): void {
    this.#forget(exchange);
    const { sequence, id, at, lane, connection, inclusion, request } = exchange;
    if (request === null) throw new HandoverError(`exchange ${id} ended before its request`);
    this.#options.listener.exchangeComplete({
      sequence,
      exchange: { id, at, lane, connection, labels: this.#options.labels, request, outcome, inclusion },
      endedAt: epochMs(at + tookMs),
    });
  }

  #abandon(exchange: OpenExchange, reason: string): void {
    this.#forget(exchange);
    this.#options.listener.abandoned({ sequence: exchange.sequence, id: exchange.id, reason });
  }

  #forget(exchange: OpenExchange): void {
    this.#open.delete(exchange.sequence);
    this.#held -= exchange.requestBody.held + exchange.answerBody.held;
  }
}

function elapsed(exchange: OpenExchange, until: MonotonicMs): Milliseconds {
  return milliseconds(until - exchange.begun);
}

/** The client going away is `aborted`; the primary going away is `truncated` in the middle of an answer, else `reset`. */
function brokenOutcome(reason: BrokenOffReason, exchange: OpenExchange, tookMs: Milliseconds): Outcome {
  if (reason === "client_abort") return { kind: "aborted", tookMs, detail: reason };
  return { kind: exchange.answerHead === null ? "reset" : "truncated", tookMs, detail: reason };
}

/** Both sides tell each other this often that they live; the live process kills an observer after 5 s of silence. */
const heartbeatInterval: Milliseconds = milliseconds(1000);
/** Metrics are scraped every few seconds at most. */
const beatsPerFigures = 2;

/** Dispositions are not urgent, and each write of ours wakes the process that holds the users: they leave together. */
const dispositionsWithin: Milliseconds = milliseconds(10);

export interface IntakeConnection {
  /** Tells the live process what became of one part of a copy. */
  dispose(sequence: number, disposition: Disposition): void;
  /** Copies are welcome from now on. */
  ready(): void;
  /** Resolves when the live process has ended its side of the pipe: time to flush, dispose of the rest and `close`. */
  readonly finished: Promise<void>;
  /** Ends this side of the pipe after what was written; resolves when all of it has left, so that the process may end. */
  close(): Promise<void>;
  readonly intake: Intake;
}

/** Joins an intake to the observer's end of the pipe (file descriptor 3, opened by the caller with `allowHalfOpen`).
 * A broken pipe or an unreadable message also counts as its end. */
export function connectIntake(pipe: Duplex, clock: Clock, options: Omit<IntakeOptions, "dispose">): IntakeConnection {
  let open = true;
  const send = (message: Buffer): void => {
    if (open && pipe.writable) pipe.write(message);
  };
  let dispositions: Buffer[] = [];
  const sendDispositions = (): void => {
    if (dispositions.length > 0) send(Buffer.concat(dispositions));
    dispositions = [];
  };
  const dispose = (sequence: number, disposition: Disposition): void => {
    if (dispositions.push(encodeDisposition(sequence, disposition)) === 1) clock.after(dispositionsWithin, sendDispositions);
  };
  const intake = new Intake({ ...options, dispose });
  const decoder = new MessageDecoder((message: HandoverMessage) => {
    if (message.kind === "ready" || message.kind === "disposition" || message.kind === "figures")
      throw new HandoverError(`unexpected ${message.kind}`);
    intake.receive(message);
  });
  const tellFigures = (figures: ObserverFigures): void => {
    const message = encodeFigures(figures);
    if (message !== null) send(message);
  };
  let beats = 0;
  const beat = (): void => {
    if (!open) return;
    send(encodeHeartbeat());
    if (options.figures !== undefined && beats++ % beatsPerFigures === 0) tellFigures(options.figures());
    clock.after(heartbeatInterval, beat, { unref: true });
  };
  const finished = new Promise<void>((resolve) => {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      intake.end();
      resolve();
    };
    pipe.on("data", (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        if (!(error instanceof HandoverError)) throw error;
        pipe.destroy();
        end();
      }
    });
    pipe.on("end", end);
    pipe.on("error", end);
    pipe.on("close", end);
  });
  beat();
  return {
    dispose,
    ready: () => send(encodeReady()),
    finished,
    close: () => {
      sendDispositions();
      open = false;
      return new Promise((resolve) => {
        // `finish`, or `close` of a pipe that has broken meanwhile.
        pipe.once("close", resolve);
        pipe.end(resolve);
      });
    },
    intake,
  };
}
