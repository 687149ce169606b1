/** What the framing scan reports, as values that tests can compare. */

import { type AnswerContext, AnswerScanner, type FramingSink, RequestScanner, type StopReason } from "../../../proxy/live/framing.ts";
import { HeadView } from "../../../proxy/live/head-view.ts";

export interface LoggedMessage {
  head: string;
  /** Name and value by the offsets of the view. */
  fields: [string, string][];
  status: number;
  body: string;
  trailers: string;
  complete: boolean;
}

export interface FramingLog {
  readonly messages: LoggedMessage[];
  readonly informational: number[];
  stopped: StopReason | null;
}

function fieldsOf(view: HeadView): [string, string][] {
  const text = (start: number, end: number): string => view.buffer.toString("latin1", start, end);
  return Array.from({ length: view.fieldCount }, (_, field) => [
    text(view.nameStart(field), view.nameEnd(field)),
    text(view.valueStart(field), view.valueEnd(field)),
  ]);
}

function logSink(log: FramingLog): FramingSink {
  let begun = 0;
  const last = (): LoggedMessage => log.messages.at(-1) as LoggedMessage;
  return {
    begin: () => begun++,
    head: (view) => {
      if (begun === 0) throw new Error("head without begin");
      begun = 0;
      const head = view.buffer.toString("latin1", view.start, view.end);
      log.messages.push({ head, fields: fieldsOf(view), status: view.status, body: "", trailers: "", complete: false });
    },
    informational: (view) => {
      begun = 0;
      log.informational.push(view.status);
    },
    data: (source, start, end) => {
      last().body += source.toString("latin1", start, end);
    },
    trailers: (raw) => {
      last().trailers += raw.toString("latin1");
    },
    end: () => {
      last().complete = true;
      begun = 0;
    },
    stopped: (reason) => {
      log.stopped = reason;
    },
  };
}

const view = new HeadView();

/** A scan of requests that go on. */
export function scanningRequests(): RequestScanner {
  return new RequestScanner(logSink({ messages: [], informational: [], stopped: null }), view);
}

/** Scans requests that arrive in these pieces and then end. */
export function scanRequests(pieces: readonly Buffer[]): FramingLog {
  const log: FramingLog = { messages: [], informational: [], stopped: null };
  const scanner = new RequestScanner(logSink(log), view);
  for (const piece of pieces) scanner.push(piece);
  scanner.finish();
  return log;
}

/** Scans answers to these requests (the last one repeats). */
export function scanAnswers(pieces: readonly Buffer[], contexts: readonly AnswerContext[] = ["ordinary"]): FramingLog {
  const log: FramingLog = { messages: [], informational: [], stopped: null };
  const scanner = new AnswerScanner(logSink(log), view, () => contexts[Math.min(log.messages.length, contexts.length - 1)] ?? null);
  for (const piece of pieces) scanner.push(piece);
  scanner.finish();
  return log;
}

/** The bytes in two pieces, for every place to cut, and one byte at a time. */
export function* everyCut(bytes: Buffer): Generator<Buffer[]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield [...bytes].map((byte) => Buffer.from([byte]));
}
