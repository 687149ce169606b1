/** Header and trailer fields as an intermediary handles them: lists in wire order, names with their case, one line a pair. */

import type { HeaderList } from "../../model/exchange.ts";
import { headerValues } from "../../model/exchange.ts";

/** Longest head of either side: as much as the framing scan of the splice observes. */
export const maxHeadBytes: number = 64 * 1024;

/** Node's flat `rawHeaders` as pairs. */
export function pairsOf(raw: readonly string[]): HeaderList {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? "", raw[2 * index + 1] ?? ""] as const);
}

/** Members of a comma-separated field, in lower case, over all its lines (RFC 9110 §5.6.1). */
export function membersOf(fields: HeaderList, name: string): string[] {
  return headerValues(fields, name).flatMap((value) =>
    value
      .split(",")
      .map((member) => member.trim().toLowerCase())
      .filter((member) => member !== ""),
  );
}

/** Fields that mean one connection (RFC 9110 §7.6.1, and those of RFC 2616 §13.5.1 that are still in use). */
const hopByHop: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "transfer-encoding",
  "upgrade",
];

/** Without what was meant for this connection: the hop-by-hop fields and those that Connection names. */
export function endToEnd(fields: HeaderList): HeaderList {
  return without(fields, new Set([...hopByHop, ...membersOf(fields, "connection")]));
}

function without(fields: HeaderList, names: ReadonlySet<string>): HeaderList {
  return fields.filter(([name]) => !names.has(name.toLowerCase()));
}

/** What must not come after a body: it would change how the message was read (RFC 9110 §6.5.1). */
const neverTrailers: ReadonlySet<string> = new Set([
  ...hopByHop,
  "content-length",
  "content-encoding",
  "content-type",
  "content-range",
  "host",
  "trailer",
  "authorization",
  "cookie",
  "set-cookie",
  "max-forwards",
  "cache-control",
  "expect",
]);

/** The trailer fields that may be passed on: like those of the head, none that its Connection names.
 * @param head of the same message */
export function passableTrailers(trailers: HeaderList, head: HeaderList): HeaderList {
  return without(trailers, new Set([...neverTrailers, ...membersOf(head, "connection")]));
}

/** As Node's `addTrailers` takes them. */
export function mutable(fields: HeaderList): [string, string][] {
  return fields.map(([name, value]) => [name, value]);
}

/** A head in bytes, as it goes on the wire. */
export function headBytes(startLine: string, fields: HeaderList): Buffer {
  return Buffer.from(`${startLine}\r\n${linesOf(fields)}\r\n`, "latin1");
}

/** A trailer section in bytes. */
export function trailerBytes(fields: HeaderList): Buffer {
  return Buffer.from(`${linesOf(fields)}\r\n`, "latin1");
}

function linesOf(fields: HeaderList): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

/** How a message says that its body is framed. */
export type Framing = { readonly kind: "none" } | { readonly kind: "length" } | { readonly kind: "chunked" } | { readonly kind: "unknown" };

/** Node's parser has already refused two lengths, and a length beside Transfer-Encoding; it takes any coding that ends in
 * `chunked`, which only whoever knows that coding may forward (RFC 9112 §6.1). */
export function framingOf(fields: HeaderList, version: string): Framing {
  const codings = headerValues(fields, "transfer-encoding");
  if (codings.length > 0) {
    const isChunked = codings.length === 1 && codings[0]?.toLowerCase() === "chunked";
    return { kind: isChunked && version === "1.1" ? "chunked" : "unknown" };
  }
  return { kind: headerValues(fields, "content-length").length > 0 ? "length" : "none" };
}

/** The fields in an order that Node writes as they are: after a Content-Length it re-encodes a Content-Disposition, which
 * turns a file name with bytes over 0x7F into another one. */
export function writable(fields: HeaderList): HeaderList {
  const isRisky = ([name, value]: readonly [string, string]): boolean =>
    name.toLowerCase() === "content-disposition" && /[\x80-\xff]/.test(value);
  return fields.some(isRisky) ? [...fields.filter(isRisky), ...fields.filter((field) => !isRisky(field))] : fields;
}

/** `Via` of a message that was received in this version (RFC 9110 §7.6.3). */
export function via(version: string): readonly [string, string] {
  return ["Via", `${version} penumbra`];
}
