/** A recording as a GoReplay file (its form: gor-blocks.ts), record by record.
 *
 *    message ──► bytes ──► read back ──same──► record
 *                                └──other──► left out, and told
 *
 * What GoReplay holds are the bytes of messages, so whatever a reader would not get back as it was is never written. It has no place
 * for lanes, labels, inclusion, the time of the first byte, and the reason why there is no answer. */

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Body, type Exchange, type HeaderList, type HttpRequest, type Outcome } from "../../model/exchange.ts";
import { separator } from "./gor-blocks.ts";
import { type Framed, type MessageToWrite, readAnswer, readRequest, type WrittenMessage, writeMessage } from "./http1.ts";
import type { Tally } from "./tally.ts";

const nsPerMs = 1_000_000n;
const noBytes = new Uint8Array(0);
const plainId = /^[\x21-\x7e]{1,128}$/;
const httpOne = /^1\.\d$/;
/** Statuses without a body (RFC 9112 §6.3), beside all below 200. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);
const firstFinalStatus = 200;

type Answered = Outcome & { readonly kind: "answered" };

/** @param tally is told what was left out or changed */
export async function* gorRecords(exchanges: AsyncIterable<Exchange>, tally: Tally): AsyncGenerator<Buffer> {
  for await (const exchange of exchanges) {
    const { request, outcome } = exchange;
    const asked = requestBytes(request, tally);
    if (asked === null) continue;
    const id = idOf(exchange.id, tally);
    const [start, took] = [nsOf(exchange.at), nsOf(outcome.tookMs)];
    yield record(1, id, start, 0n, asked);
    if (outcome.kind !== "answered") {
      tally.add("request", "without an answer written without the reason");
      continue;
    }
    const answered = answerBytes(outcome, request.method, tally);
    if (answered !== null) yield record(2, id, start + took, took, answered);
  }
}

function record(type: 1 | 2, id: string, at: bigint, latency: bigint, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${type} ${id} ${at} ${latency}\n`), payload, separator]);
}

function idOf(id: string, tally: Tally): string {
  if (plainId.test(id)) return id;
  tally.add("id", "replaced: it could not be read back");
  return createHash("sha1").update(id).digest("hex");
}

/** In two parts: times since 1970 in nanoseconds are more than a number holds. */
function nsOf(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * nsPerMs + BigInt(Math.round((ms - whole) * Number(nsPerMs)));
}

/** Null = left out. */
function requestBytes(request: HttpRequest, tally: Tally): Buffer | null {
  const { method, target, headers, trailers = [] } = request;
  const version = httpOne.test(request.version) ? request.version : "1.1";
  const body = bytesOf(request.body);
  if (body === null) {
    tally.add("exchange", "whose request body was not kept whole left out");
    return null;
  }
  const message = { startLine: `${method} ${target} HTTP/${version}`, headers, body, trailers, endsByItself: false, bodiless: false };
  const written = writeMessage(message);
  const read = readRequest(written.bytes);
  if (
    !isDeepStrictEqual(read?.request, { method, target, version, headers: written.headers }) ||
    !comesBack(read?.framed, message, written)
  ) {
    tally.add("exchange", "whose request this form cannot hold left out");
    return null;
  }
  if (version !== request.version) tally.add("request", `of another version of HTTP written as ${version}`);
  if (written.reframed) tally.add("request", "with a Content-Length set to what its body has");
  return written.bytes;
}

/** Null = left out. */
function answerBytes({ answer }: Answered, method: string, tally: Tally): Buffer | null {
  const { status, reason, headers, trailers = [] } = answer;
  const body = bytesOf(answer.body);
  if (body === null) {
    tally.add("answer", "whose body was not kept whole left out");
    return null;
  }
  const hasNone = method === "HEAD" || bodiless.has(status) || status < firstFinalStatus;
  const message = { startLine: `HTTP/1.1 ${status} ${reason}`, headers, body, trailers, endsByItself: true, bodiless: hasNone };
  const written = writeMessage(message);
  const read = readAnswer(written.bytes, method);
  if (!isDeepStrictEqual(read?.answer, { status, reason, headers: written.headers }) || !comesBack(read?.framed, message, written)) {
    tally.add("answer", "that this form cannot hold left out");
    return null;
  }
  if (written.reframed) tally.add("answer", "with a Content-Length set to what its body has");
  return written.bytes;
}

/** Null = it was not kept whole. */
function bytesOf(body: Body): Uint8Array | null {
  if (body.kind === "capped") return null;
  return body.kind === "none" ? noBytes : body.bytes;
}

/** Whether body and trailers are read as they are, and nothing in the message looks like its end. */
function comesBack(framed: Framed | undefined, { body, trailers }: MessageToWrite, { bytes }: WrittenMessage): boolean {
  if (framed?.kind !== "whole" || framed.body.kind === "capped") return false;
  const read = framed.body.kind === "none" ? noBytes : framed.body.bytes;
  const isWhole = Buffer.compare(read, body) === 0 && isDeepStrictEqual(pairs(framed.trailers), pairs(trailers));
  return isWhole && bytes.indexOf(separator) < 0 && !bytes.subarray(1 - separator.length).equals(separator.subarray(0, -1));
}

function pairs(headers: HeaderList): readonly (readonly string[])[] {
  return headers.map(([name, value]) => [name, value]);
}
