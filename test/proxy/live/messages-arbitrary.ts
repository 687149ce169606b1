/** Random valid HTTP/1.1 exchanges as bytes, together with what an observer should make of them. */

import fc from "fast-check";
import type { HeaderList } from "../../../model/exchange.ts";
import { bodyBytes, drawnBody } from "./bodies.ts";
import { oddNames, oddValues, paddings } from "./odd-fields.ts";

/** One message on the wire, and what is in it. */
export interface GeneratedMessage {
  readonly head: Buffer;
  /** Framed as on the wire, with trailers. */
  readonly rest: Buffer;
  readonly headers: HeaderList;
  /** Without framing. */
  readonly body: Buffer;
  readonly trailers: HeaderList;
}

/** When the sides speak: `pipelined`: the request does not wait for the answer before it. `in-turn`: it does.
 * `expect`: its body waits for 100. `early`: the answer does not wait for the whole request. */
export type Pace = "pipelined" | "in-turn" | "expect" | "early";

export interface GeneratedExchange {
  readonly pace: Pace;
  readonly request: GeneratedMessage & { readonly method: string; readonly target: string; readonly version: string };
  /** 1xx heads before the answer. */
  readonly interim: Buffer;
  readonly answer: GeneratedMessage & { readonly status: number; readonly reason: string };
  /** Of 1000 parts of an early answered request, those that have to come before the answer. */
  readonly earlyAfter: number;
}

/** How the last exchange of a connection leaves it. `upgraded`, `connected`: a tunnel of other bytes follows. */
export type Ending = "open" | "close" | "until-close" | "upgraded" | "connected";

const field = fc
  .tuple(fc.nat({ max: oddNames.length - 1 }), fc.nat({ max: oddValues.length - 1 }))
  .map(([name, value]) => [oddNames[name] ?? "", oddValues[value] ?? ""] as const);
const fields = fc.array(field, { maxLength: 8, size: "max" });
const extension = fc.constantFrom("", ";a", ";name=value", ';q="a;b\\"c\xe9"', ";a=1;b", ";x;x;x");
const chunk = fc.record({ size: fc.integer({ min: 1, max: 60_000 }), extension, isUpper: fc.boolean(), zeros: fc.nat({ max: 3 }) });
const framing = fc.oneof(
  fc.constant({ kind: "none" as const }),
  fc.record({ kind: fc.constant("length" as const), name: fc.constantFrom("Content-Length", "content-length", "cOnTeNt-LeNgTh") }),
  fc.record({
    kind: fc.constant("chunked" as const),
    name: fc.constantFrom("Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"),
    coding: fc.constantFrom("chunked", "Chunked", "CHUNKED"),
    chunks: fc.array(chunk, { minLength: 1, maxLength: 4 }),
    lastChunk: fc.constantFrom("0", "000", "0;last=1"),
    trailers: fields,
  }),
);
const padding = fc.constantFrom(...paddings);
const message = fc.record({ fields, paddings: fc.array(padding, { minLength: 1, maxLength: 4 }), body: drawnBody, framing });
type MessageParts = typeof message extends fc.Arbitrary<infer Parts> ? Parts : never;

const interimHead = fc
  .tuple(fc.constantFrom(100, 102, 103, 104, 199), fields)
  .map(([status, lines]) => `HTTP/1.1 ${status} Interim\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
const interim = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(interimHead, { maxLength: 4, size: "max" }) },
);
const visible = Array.from({ length: 0x5e }, (_, at) => String.fromCharCode(0x21 + at));
const target = fc.oneof(
  fc.string({ unit: fc.constantFrom(...visible), maxLength: 30 }).map((path) => `/${path}`),
  fc.constantFrom("*", "http://other/x?y", "/?", "/\x80\xff"),
);

/** What an exchange is written from. Plain values, so that a failing case can be read. */
export const exchangeParts = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "M-SEARCH", "x-own", "get", "head"),
  target,
  request: message,
  answer: message,
  status: fc.constantFrom(200, 200, 201, 204, 301, 304, 404, 413, 500, 599, 999),
  reason: fc.constantFrom("OK", "", "Not  Found", "\xe9t\xe9\t!"),
  interim,
  pace: fc.constantFrom<Pace>("pipelined", "in-turn", "expect", "early"),
  earlyAfter: fc.nat({ max: 1000 }),
  requestVersion: fc.constantFrom("1.1", "1.1", "1.1", "1.0"),
  answerVersion: fc.constantFrom("1.1", "1.1", "1.1", "1.0"),
  emptyLines: fc.constantFrom(0, 0, 0, 1, 2),
  /** Asks for another protocol and does not get it. */
  asksInVain: fc.constantFrom(false, false, false, false, true),
});
export type ExchangeParts = typeof exchangeParts extends fc.Arbitrary<infer Parts> ? Parts : never;

/** Writes an exchange; one that is not the last on its connection has the ending "open". */
export function writeExchange(given: ExchangeParts, ending: Ending): GeneratedExchange {
  const asks = ending === "upgraded" || (ending === "open" && given.asksInVain);
  const isConnect = ending === "connected";
  const isTunnel = isConnect || ending === "upgraded";
  const method = isConnect ? "CONNECT" : given.method;
  const status = isConnect ? 200 : ending === "upgraded" ? 101 : given.status;
  // What was asked for decides what the next bytes are, so a client waits for the answer; and a tunnel begins after the request.
  const pace = isTunnel && given.pace !== "expect" ? "in-turn" : asks && given.pace === "pipelined" ? "in-turn" : given.pace;
  const requestVersion = isTunnel ? "1.1" : given.requestVersion;
  const answerVersion = isTunnel ? "1.1" : given.answerVersion;

  const requestLines: [string, string][] = [];
  if (pace === "expect") requestLines.push(["Expect", "100-continue"]);
  if (asks) requestLines.push(["Connection", "keep-alive, Upgrade"], ["Upgrade", "websocket"]);
  else if (requestVersion === "1.0") requestLines.push(["Connection", "Keep-Alive"]);
  const answerLines: [string, string][] = [];
  if (ending === "upgraded") answerLines.push(["Connection", "Upgrade"], ["Upgrade", "websocket"]);
  else if (ending === "close") answerLines.push(["cOnnection", "foo,  Close"]);
  else if (answerVersion === "1.0") answerLines.push(["Connection", "keep-alive"]);

  const request = serialize(`${method} ${given.target} HTTP/${requestVersion}`, given.request, {
    own: requestLines,
    need: isConnect ? "no-body" : "any",
    mayChunk: requestVersion === "1.1",
  });
  const isBodiless = method === "HEAD" || status === 204 || status === 304 || isTunnel;
  const isUntilClose = ending === "until-close" && !isBodiless;
  const answer = serialize(`HTTP/${answerVersion} ${status} ${given.reason}`, given.answer, {
    own: answerLines,
    need: isBodiless ? "announced-only" : isUntilClose ? "until-close" : "must-end",
    mayChunk: answerVersion === "1.1",
  });
  const emptyLines = Buffer.from("\r\n".repeat(given.emptyLines));
  return {
    pace,
    request: { ...request, head: Buffer.concat([emptyLines, request.head]), method, target: given.target, version: requestVersion },
    interim: Buffer.from((pace === "expect" ? "HTTP/1.1 100 Continue\r\n\r\n" : "") + given.interim.join(""), "latin1"),
    answer: { ...answer, status, reason: given.reason },
    earlyAfter: given.earlyAfter,
  };
}

interface Serializing {
  /** Fields that the exchange needs, after the first odd one. */
  readonly own: HeaderList;
  /** `announced-only`: length or coding may be said, but no body follows (HEAD, 204, 304, tunnels). */
  readonly need: "any" | "no-body" | "must-end" | "announced-only" | "until-close";
  readonly mayChunk: boolean;
}

function serialize(startLine: string, given: MessageParts, { own, need, mayChunk }: Serializing): GeneratedMessage {
  const [first, ...others] = given.fields;
  const headers = [...(first === undefined ? [] : [first]), ...own, ...others];
  const how = mayChunk || given.framing.kind !== "chunked" ? given.framing : { kind: "length" as const, name: "Content-Length" };
  const isFramed = need !== "no-body" && need !== "until-close" && (how.kind !== "none" || need === "must-end");
  let payload =
    (how.kind === "none" && need !== "until-close") || need === "no-body" || need === "announced-only" ? empty : bodyBytes(given.body);
  let rest = payload;
  let trailers: HeaderList = [];
  if (isFramed && how.kind === "chunked") {
    headers.push([how.name, how.coding]);
    if (need === "announced-only") {
      payload = empty;
    } else {
      trailers = how.trailers;
      rest = inChunks(payload, how);
    }
  } else if (isFramed) {
    const announced = need === "announced-only" ? given.body.length : payload.length;
    headers.push([how.kind === "length" ? how.name : "Content-Length", String(announced)]);
  }
  const lines = headers.map(([name, value], index) => {
    const pad = given.paddings[index % given.paddings.length] ?? "";
    return `${name}:${pad}${value}${pad}\r\n`;
  });
  return { head: Buffer.from(`${startLine}\r\n${lines.join("")}\r\n`, "latin1"), rest, headers, body: payload, trailers };
}

const empty = Buffer.alloc(0);
/** Bounds the work for a big body whose chunks were drawn small. */
const mostChunks = 300;

function inChunks(payload: Buffer, how: MessageParts["framing"] & { readonly kind: "chunked" }): Buffer {
  const pieces: Buffer[] = [];
  const smallest = Math.ceil(payload.length / mostChunks);
  let at = 0;
  for (let turn = 0; at < payload.length; turn++) {
    const { size, extension: extensions, isUpper, zeros } = how.chunks[turn % how.chunks.length] as (typeof how.chunks)[number];
    const part = payload.subarray(at, at + Math.max(size, smallest));
    const digits = "0".repeat(zeros) + part.length.toString(16);
    pieces.push(Buffer.from(`${isUpper ? digits.toUpperCase() : digits}${extensions}\r\n`, "latin1"), part, Buffer.from("\r\n"));
    at += part.length;
  }
  const trailers = how.trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  pieces.push(Buffer.from(`${how.lastChunk}\r\n${trailers}\r\n`, "latin1"));
  return Buffer.concat(pieces);
}
