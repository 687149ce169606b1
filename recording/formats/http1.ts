/** HTTP/1 messages as text (RFC 9112), read whole from memory and written: what GoReplay files are made of.
 *
 *    start line ─ fields ─ empty line ─ body, by chunks, by Content-Length, or to the end
 *
 * Reading is lenient where recorders are (bare line feeds, a body that is shorter than it says), and never guesses at a body. */

import { type Answer, type Body, type HeaderList, type HttpRequest, headerValue, headerValues, noBody } from "../../model/exchange.ts";

/** A message, and whether all of its body is there; `declared` is the length that it should have had. */
export type Framed =
  | { readonly kind: "whole"; readonly body: Body; readonly trailers: HeaderList }
  | { readonly kind: "cut"; readonly declared: number };

export interface ReadRequest {
  readonly request: Omit<HttpRequest, "body" | "trailers">;
  readonly framed: Framed;
}
export interface ReadAnswer {
  readonly answer: Omit<Answer, "body" | "trailers">;
  readonly framed: Framed;
}

interface Head {
  readonly startLine: string;
  readonly headers: HeaderList;
  readonly rest: Buffer;
}

const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S(?:.*\S)?) HTTP\/(\d\.\d)$/s;
const statusLine = /^HTTP\/\d(?:\.\d)? ([1-9]\d\d)(?: (.*))?$/s;
/** Servers refuse more long before. */
const maxHeadBytes = 1024 * 1024;
const firstFinalStatus = 200;
const switchingProtocols = 101;
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** Null = this is no request. */
export function readRequest(bytes: Buffer): ReadRequest | null {
  const head = readHead(bytes);
  const [, method, target, version] = requestLine.exec(head?.startLine ?? "") ?? [];
  if (head === null || method === undefined || target === undefined || version === undefined) return null;
  return { request: { method, target, version, headers: head.headers }, framed: frame(head, "none") };
}

/** Null = this is no answer. Interim answers (1xx) before the final one are passed over.
 * @param method of the request: HEAD has no body, whatever the fields say */
export function readAnswer(bytes: Buffer, method: string): ReadAnswer | null {
  const head = readHead(bytes);
  const [, digits, reason = ""] = statusLine.exec(head?.startLine ?? "") ?? [];
  if (head === null || digits === undefined) return null;
  const status = Number(digits);
  if (status < firstFinalStatus && status !== switchingProtocols && head.rest.length > 0) return readAnswer(head.rest, method);
  const hasNone = method === "HEAD" || bodiless.has(status) || status < firstFinalStatus;
  const framed: Framed = hasNone ? { kind: "whole", body: noBody, trailers: [] } : frame(head, "rest");
  return { answer: { status, reason, headers: head.headers }, framed };
}

function readHead(bytes: Buffer): Head | null {
  let at = 0;
  const fields: string[] = [];
  for (;;) {
    const end = bytes.indexOf("\n", at);
    if (end < 0 || end > maxHeadBytes) return null;
    const line = bytes.toString("latin1", at, bytes[end - 1] === 0x0d && end > at ? end - 1 : end);
    at = end + 1;
    if (line === "") break;
    fields.push(line);
  }
  const [startLine = "", ...others] = fields;
  const headers = readFields(others);
  return headers === null ? null : { startLine, headers, rest: bytes.subarray(at) };
}

/** Null where a line is no field. */
function readFields(lines: readonly string[]): HeaderList | null {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const last = headers.at(-1);
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    // A line that begins with a space goes on with the field before (RFC 9112 §5.2, obs-fold).
    if (/^[ \t]/.test(line) && last !== undefined) last[1] = `${last[1]} ${trimmed(line)}`;
    else if (colon < 1 || !fieldName.test(name) || /[\0\r]/.test(line)) return null;
    else headers.push([name, trimmed(line.slice(colon + 1))]);
  }
  return headers;
}

/** Without spaces and tabs around it; `trim` would take more. */
function trimmed(value: string): string {
  let [from, to] = [0, value.length];
  while (from < to && isBlank(value[from])) from++;
  while (to > from && isBlank(value[to - 1])) to--;
  return value.slice(from, to);
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

/** @param without what stands for a body that no field frames */
function frame({ headers, rest }: Head, without: "none" | "rest"): Framed {
  if (isChunked(headers)) return unchunked(rest);
  const declared = headerValue(headers, "content-length");
  if (declared !== undefined && /^\d{1,15}$/.test(declared)) {
    const length = Number(declared);
    return rest.length < length
      ? { kind: "cut", declared: length }
      : { kind: "whole", body: bodyOf(rest.subarray(0, length)), trailers: [] };
  }
  return { kind: "whole", body: without === "none" ? noBody : bodyOf(rest), trailers: [] };
}

/** An empty body and none are the same on the wire. */
function bodyOf(bytes: Buffer): Body {
  return bytes.length === 0 ? noBody : { kind: "whole", bytes };
}

function unchunked(bytes: Buffer): Framed {
  const pieces: Buffer[] = [];
  let length = 0;
  let at = 0;
  for (;;) {
    const end = bytes.indexOf("\n", at);
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?\r?$/.exec(end < 0 ? "" : bytes.toString("latin1", at, end))?.[1];
    if (size === undefined) return { kind: "cut", declared: length };
    const from = end + 1;
    const to = from + Number.parseInt(size, 16);
    if (to === from) return lastChunk(bytes.subarray(from), pieces);
    if (to > bytes.length) return { kind: "cut", declared: length + (to - from) };
    pieces.push(bytes.subarray(from, to));
    length += to - from;
    at = to + (bytes[to] === 0x0d ? 2 : 1);
  }
}

/** Recorders leave out the empty line after the last chunk: nothing is missing then. */
function lastChunk(rest: Buffer, pieces: readonly Buffer[]): Framed {
  const lines = rest.toString("latin1").split(/\r?\n/);
  const trailers = readFields(lines.slice(0, Math.max(0, lines.indexOf("")))) ?? [];
  return { kind: "whole", body: bodyOf(Buffer.concat(pieces)), trailers };
}

function isChunked(headers: HeaderList): boolean {
  return headerValues(headers, "transfer-encoding").some((value) => /(?:^|,)\s*chunked\s*$/i.test(value));
}

/** A message with what frames it; `reframed` = its fields had to be changed for that. */
export interface WrittenMessage {
  readonly bytes: Buffer;
  readonly headers: HeaderList;
  readonly reframed: boolean;
}

export interface MessageToWrite {
  readonly startLine: string;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly trailers: HeaderList;
  /** A body that nothing frames ends with the message. */
  readonly endsByItself: boolean;
  /** No body is expected, whatever Content-Length says: HEAD, 204, 304. */
  readonly bodiless: boolean;
}

/** Writes one message. Trailers are written only where the fields say that the body is chunked. */
export function writeMessage(message: MessageToWrite): WrittenMessage {
  const { startLine, body, trailers, bodiless: hasNone } = message;
  const chunked = isChunked(message.headers) && !hasNone;
  const headers = chunked || hasNone ? message.headers : withLength(message);
  const head = Buffer.from(`${startLine}\r\n${fieldLines(headers)}\r\n`, "latin1");
  const content = hasNone ? [] : chunked ? inChunks(body, trailers) : [body];
  return { bytes: Buffer.concat([head, ...content]), headers, reframed: headers !== message.headers };
}

/** The same list where its Content-Length is true, or none is needed. */
function withLength({ headers, body, endsByItself }: MessageToWrite): HeaderList {
  const declared = headerValues(headers, "content-length");
  const length = String(body.byteLength);
  if (declared.length === 1 && declared[0] === length) return headers;
  if (declared.length === 0 && (endsByItself || body.byteLength === 0)) return headers;
  return [...headers.filter(([name]) => name.toLowerCase() !== "content-length"), ["Content-Length", length]];
}

function inChunks(body: Uint8Array, trailers: HeaderList): Uint8Array[] {
  const chunk = body.byteLength === 0 ? [] : [Buffer.from(`${body.byteLength.toString(16)}\r\n`), body, Buffer.from("\r\n")];
  return [...chunk, Buffer.from(`0\r\n${fieldLines(trailers)}\r\n`, "latin1")];
}

function fieldLines(headers: HeaderList): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}
