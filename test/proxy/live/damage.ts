/** Messages that are damaged in a known way, with what must become of them in the ledger. */

import fc from "fast-check";
import { bodyBytes, type DrawnBody, drawnBody } from "./bodies.ts";
import { oddNames, oddValues } from "./odd-fields.ts";

/** `refused`: the scan stops in it. `pending`: a whole message, and then bytes that may not come before its answer.
 * `unasked`: an answer without a request. `cut …`: its sender ends within it. */
export type Fate = "refused" | "too large" | "not http" | "http2" | "pending" | "unasked" | "cut in head" | "cut in body";

/** What a damaged message is made from: valid fields, each with CRLF, and a number for every choice. */
interface Material {
  readonly start: string;
  readonly fields: readonly string[];
  readonly choice: number;
}
type Make = (material: Material) => string;
type Damage = readonly [name: string, make: Make, fate?: Fate];

function choose(variants: readonly string[], choice: number): string {
  return variants[choice % variants.length] ?? "";
}

/** A head with one of these lines in any place. */
function lineOf(...lines: readonly string[]): Make {
  return ({ start, fields, choice }) => {
    const place = (choice >>> 4) % (fields.length + 1);
    return [start, ...fields.slice(0, place), choose(lines, choice), ...fields.slice(place), "\r\n"].join("");
  };
}

/** A head with both of these lines, in any order and place. */
function bothLines(one: string, other: string): Make {
  return ({ start, fields, choice }) => {
    const all = [one, ...fields, other];
    const by = choice % all.length;
    return [start, ...all.slice(by), ...all.slice(0, by), "\r\n"].join("");
  };
}

/** A message in chunks that ends in one of these ways. */
function chunkedThen(...ends: readonly string[]): Make {
  return (material) => {
    const goodChunks = (material.choice >>> 8) % 2 === 0 ? "" : "3;a=b\r\nabc\r\n";
    return lineOf("Transfer-Encoding: chunked\r\n")(material) + goodChunks + choose(ends, material.choice);
  };
}

/** A head with one of these start lines. */
function startOf(...starts: readonly string[]): Make {
  return ({ fields, choice }) => `${choose(starts, choice)}${fields.join("")}\r\n`;
}

/** No head at all. */
function bytesOf(...texts: readonly string[]): Make {
  return ({ choice }) => choose(texts, choice);
}

/** A message that is all right, up to a place before its end. */
function cutIn(part: "head" | "body"): Make {
  return (material) => {
    const framed = lineOf("Content-Length: 6\r\n", "Transfer-Encoding: chunked\r\n")(material);
    const body = choose(["abcde", "5;x\r\nabcde\r\n0\r\nA: b\r\n"], material.choice);
    const [whole, cut] = part === "head" ? [framed, framed.length] : [framed + body, body.length];
    return whole.slice(0, whole.length - 1 - ((material.choice >>> 8) % (cut - 1)));
  };
}

const headLimit = 64 * 1024;
const badLengths = ["+5", "-1", "0x5", "5,5", "5, 6", "", "5 5", "5.0", "five", "99999999999999999999", "\xb2"];
const badCodings = ["gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "xchunked", "", "chunked;q=1", "identity"];
const badChunks = ["\r\n", "g\r\n", "5 \r\nhello\r\n", " 5\r\nhello\r\n", "-1\r\n", "0x5\r\n", "+5\r\n", "5\nhello\r\n", "5\rxhello\r\n"];

/** In messages of either direction. */
const anyDamages: readonly Damage[] = [
  ["a bare line feed", lineOf("A: b\nC: d\r\n", "A: b\n")],
  ["a start line that ends in a bare line feed", ({ start, fields }) => `${start.trimEnd()}\n${fields.join("")}\r\n`],
  ["a bare carriage return", lineOf("A: b\rC: d\r\n", "A: b\r\r\n")],
  ["a folded line", lineOf("A: b\r\n c\r\n", "A: b\r\n\tc\r\n")],
  ["white space before a name", lineOf(" A: b\r\n", "\tA: b\r\n")],
  ["a NUL", lineOf("A: b\0c\r\n", "\0: b\r\n", "A: \0\r\n")],
  ["a character that no name has", lineOf("A\x01: b\r\n", "A(: b\r\n", "\xe9: b\r\n", "A@b: c\r\n")],
  ["white space before the colon", lineOf("A : b\r\n", "A\t: b\r\n", "Content-Length : 5\r\n")],
  ["a line without colon or name", lineOf("Abc\r\n", ": b\r\n")],
  ["a length and chunks", bothLines("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n")],
  ["two lengths", bothLines("Content-Length: 5\r\n", "content-length: 6\r\n")],
  ["a length twice", bothLines("Content-Length: 5\r\n", "content-length: 5\r\n")],
  ["a bad length", lineOf(...badLengths.map((length) => `Content-Length: ${length}\r\n`))],
  ["a coding besides chunked", lineOf(...badCodings.map((coding) => `Transfer-Encoding: ${coding}\r\n`))],
  ["chunked twice", bothLines("Transfer-Encoding: chunked\r\n", "transfer-encoding: chunked\r\n")],
  ["a bad chunk size", chunkedThen(...badChunks, "fffffffffffffffff\r\n")],
  ["a bad chunk extension", chunkedThen("5;\r\n", "5;=a\r\n", '5;a="b\r\n', "5;a=\r\n", "5;a b\r\n", "5;a\n", "5 ;a\r\n")],
  ["a chunk longer or shorter than its size", chunkedThen("3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc\n", "5\r\nabc\r\n0\r\n\r\n", "3\r\nabc\rx")],
  ["a bad trailer", chunkedThen("0\r\nA: b\nC: d\r\n\r\n", "0\r\n A: b\r\n\r\n", "0\r\nA b\r\n\r\n", "0\r\nA: \0\r\n\r\n")],
  ["a head over the limit", lineOf(`A: ${"x".repeat(headLimit)}\r\n`), "too large"],
  ["an end in the head", cutIn("head"), "cut in head"],
  ["an end in the body", cutIn("body"), "cut in body"],
];

const requestDamages: readonly Damage[] = [
  ...anyDamages,
  ["garbage", bytesOf("\x00\x01", "\x80\xff\xfe", "{}\r\n\r\n", "<html>\r\n"), "not http"],
  ["a TLS hello", bytesOf("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), "not http"],
  ["the HTTP/2 preface", bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x12\x04\x00\x00\x00\x00\x00"), "http2"],
  ["another version", startOf("GET / HTTP/1.2\r\n", "GET / HTTP/2.0\r\n", "GET / http/1.1\r\n", "GET / HTTP/1.10\r\n", "GET /\r\n")],
  ["a bad request line", startOf("GET  / HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET /\x7f HTTP/1.1\r\n")],
  ["chunks in HTTP/1.0", (material) => lineOf("Transfer-Encoding: chunked\r\n")({ ...material, start: "POST / HTTP/1.0\r\n" })],
  ["a CONNECT with content", (material) => lineOf("Content-Length: 5\r\n")({ ...material, start: "CONNECT a:1 HTTP/1.1\r\n" })],
  ["bytes after the last request", (material) => `${lineOf("Connection: close\r\n")(material)}GET / HTTP/1.1\r\n\r\n`, "pending"],
  [
    "bytes after a request for another protocol",
    (material) => `${lineOf("Connection: upgrade\r\nUpgrade: x\r\n")(material)}\x81\x05hello`,
    "pending",
  ],
];

const badStatuses = ["20 OK", "2000 OK", " 200 OK", "099 OK", "200\tOK", "200 O\0K", "OK"];
const answerDamages: readonly Damage[] = [
  ...anyDamages,
  ["garbage", bytesOf("\x00\x01", "\x80\xff\xfe", "{}\r\n\r\n", "<html>\r\n", "\x16\x03\x01\x02\x00\x01")],
  ["another version", startOf("HTTP/2 200 OK\r\n", "HTTP/1.2 200 OK\r\n", "ICY 200 OK\r\n", "http/1.1 200 OK\r\n")],
  ["a bad status line", startOf(...badStatuses.map((status) => `HTTP/1.1 ${status}\r\n`))],
  ["a protocol that nobody asked for", startOf("HTTP/1.1 101 Switching Protocols\r\n")],
  ["chunks in HTTP/1.0", (material) => lineOf("Transfer-Encoding: chunked\r\n")({ ...material, start: "HTTP/1.0 200 OK\r\n" })],
  ["an answer that nobody asked for", startOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 408 Timeout\r\n"), "unasked"],
];

const field = fc
  .tuple(fc.nat({ max: oddNames.length - 1 }), fc.nat({ max: oddValues.length - 1 }))
  .map(([name, value]) => `${oddNames[name] ?? ""}: ${oddValues[value] ?? ""}\r\n`);

/** What a damaged message is written from. */
export interface DamagedParts {
  readonly direction: "request" | "answer";
  readonly name: string;
  readonly fields: readonly string[];
  readonly choice: number;
  /** Bytes that follow the damage. */
  readonly rest: DrawnBody;
}

function damagedIn(direction: DamagedParts["direction"], damages: readonly Damage[]): fc.Arbitrary<DamagedParts> {
  return fc.record({
    direction: fc.constant(direction),
    name: fc.constantFrom(...damages.map(([name]) => name)),
    fields: fc.array(field, { maxLength: 6, size: "max" }),
    choice: fc.nat(),
    rest: drawnBody,
  });
}

export const damagedParts: fc.Arbitrary<DamagedParts> = fc.oneof(damagedIn("request", requestDamages), damagedIn("answer", answerDamages));

export const damageNames: readonly string[] = [
  ...requestDamages.map(([name]) => `request: ${name}`),
  ...answerDamages.map(([name]) => `answer: ${name}`),
];

export function writeDamaged({ direction, name, fields, choice, rest }: DamagedParts): { readonly bytes: Buffer; readonly fate: Fate } {
  const found = (direction === "request" ? requestDamages : answerDamages).find((damage) => damage[0] === name);
  if (found === undefined) throw new Error(`no damage is named ${name}`);
  const [, make, fate = "refused"] = found;
  const start = direction === "request" ? "POST / HTTP/1.1\r\n" : "HTTP/1.1 200 OK\r\n";
  const damaged = Buffer.from(make({ start, fields, choice }), "latin1");
  const isCut = fate === "cut in head" || fate === "cut in body";
  return { bytes: isCut ? damaged : Buffer.concat([damaged, bodyBytes(rest)]), fate };
}
