/** Random valid HTTP/1.1 messages as bytes, together with what an observer should make of them. */

import fc from "fast-check";

export interface Generated {
  readonly bytes: Buffer;
  /** The body without framing. */
  readonly body: Buffer;
  readonly headers: readonly (readonly [string, string])[];
}

export interface GeneratedExchange {
  readonly request: Generated & { readonly method: string; readonly target: string };
  readonly answer: Generated & { readonly status: number; readonly interim: number };
}

const reserved = /^(content-length|transfer-encoding|connection|upgrade|cookie|authorization|set-cookie)$/i;
const name = fc.stringMatching(/^[A-Za-z!#$&^_`|~.+-][A-Za-z0-9-]{0,12}$/).filter((text) => !reserved.test(text));
const value = fc.stringMatching(/^([!-~\xa1-\xff]([ \t!-~\xa1-\xff]{0,30}[!-~\xa1-\xff])?)?$/);
/** With duplicates and odd casing. */
const headers = fc.array(fc.oneof(fc.tuple(name, value), fc.tuple(fc.constantFrom("X-Dup", "x-dup", "X-DUP"), value)), { maxLength: 8 });
const padding = fc.constantFrom("", " ", "  ", "\t", " \t ");
const extension = fc.constantFrom("", ";a", ";name=value", ';q="a;b\\"c"', ";a=1;b");

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 1_000_000 }) },
);
const body = fc
  .tuple(size, fc.nat({ max: 255 }))
  .map(([length, seed]) => Buffer.from(Array.from({ length }, (_, at) => (at * 31 + seed + (at >> 8)) & 0xff)));
const framing = fc.oneof(
  fc.constant({ kind: "none" as const }),
  fc.record({ kind: fc.constant("length" as const), name: fc.constantFrom("Content-Length", "content-length", "cOnTeNt-LeNgTh") }),
  fc.record({
    kind: fc.constant("chunked" as const),
    name: fc.constantFrom("Transfer-Encoding", "transfer-encoding"),
    coding: fc.constantFrom("chunked", "Chunked", "CHUNKED"),
    sizes: fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), extension, fc.boolean()), { minLength: 1, maxLength: 4 }),
    trailers: headers,
  }),
);

const message = fc.record({ headers, paddings: fc.array(padding, { minLength: 1, maxLength: 4 }), body, framing });

export const generatedExchange: fc.Arbitrary<GeneratedExchange> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "M-SEARCH", "x-own"),
    target: fc.oneof(fc.stringMatching(/^\/[!-~]{0,40}$/), fc.constantFrom("*", "http://other/x?y")),
    request: message,
    answer: message,
    status: fc.constantFrom(200, 201, 204, 301, 304, 400, 404, 500, 599),
    reason: fc.constantFrom("", "OK", "Not  Found", "\xe9t\xe9"),
    interim: fc.constantFrom(0, 0, 0, 1, 2),
    emptyLine: fc.boolean(),
  })
  .map((parts) => {
    const request = serialize(
      `${parts.method} ${parts.target} HTTP/1.1`,
      parts.request,
      parts.request.framing.kind === "none" ? "none" : "framed",
    );
    const bodiless = parts.method === "HEAD" || parts.status === 204 || parts.status === 304;
    const answer = serialize(`HTTP/1.1 ${parts.status} ${parts.reason}`, parts.answer, bodiless ? "head-only" : "must-end");
    const interim =
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(Math.min(parts.interim, 1)) +
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(Math.max(0, parts.interim - 1));
    return {
      request: {
        ...request,
        bytes: Buffer.concat([Buffer.from(parts.emptyLine ? "\r\n" : ""), request.bytes]),
        method: parts.method,
        target: parts.target,
      },
      answer: { ...answer, bytes: Buffer.concat([Buffer.from(interim), answer.bytes]), status: parts.status, interim: parts.interim },
    };
  });

type MessageParts = typeof message extends fc.Arbitrary<infer Parts> ? Parts : never;

function serialize(startLine: string, parts: MessageParts, need: "none" | "framed" | "must-end" | "head-only"): Generated {
  const lines = [...parts.headers];
  const withoutBody = need === "none" || need === "head-only" || (need === "must-end" && parts.framing.kind === "none");
  const payload = withoutBody ? Buffer.alloc(0) : parts.body;
  const pieces: Buffer[] = [];
  const { framing: how } = parts;
  if (how.kind === "chunked" && !withoutBody) {
    lines.push([how.name, how.coding]);
    let at = 0;
    for (let turn = 0; at < payload.length; turn++) {
      const [chunkSize, extensions, upper] = how.sizes[turn % how.sizes.length] ?? [1, "", false];
      const part = payload.subarray(at, at + chunkSize);
      const digits = part.length.toString(16);
      pieces.push(Buffer.from(`${upper ? digits.toUpperCase() : digits}${extensions}\r\n`), part, Buffer.from("\r\n"));
      at += part.length;
    }
    pieces.push(Buffer.from(`0\r\n${how.trailers.map(([key, text]) => `${key}: ${text}\r\n`).join("")}\r\n`, "latin1"));
  } else if (how.kind === "length" || need === "must-end") {
    if (need !== "none")
      lines.push([how.kind === "length" ? how.name : "Content-Length", String(need === "head-only" ? parts.body.length : payload.length)]);
    pieces.push(payload);
  }
  const fields = lines.map(([key, text], index) => {
    const pad = parts.paddings[index % parts.paddings.length] ?? "";
    return `${key}:${pad}${text}${pad}\r\n`;
  });
  return {
    bytes: Buffer.concat([Buffer.from(`${startLine}\r\n${fields.join("")}\r\n`, "latin1"), ...pieces]),
    body: payload,
    headers: lines,
  };
}

/** The bytes in pieces, cut at random places. */
export function segmented(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places
    .slice(1)
    .map((end, index) => bytes.subarray(places[index], end))
    .filter((piece) => piece.length > 0);
}
