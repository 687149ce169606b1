/** One request with its answer, or with the reason why there is none. HTTP-version neutral:
 * transfer-coding is removed from bodies, content-coding is kept as sent. */

import type { EpochMs, Milliseconds } from "./units.ts";

/** Header fields in wire order with case and duplicates; strings are Latin-1, one char a byte. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A message body. `capped` keeps equality decidable for any size: length, hash of all bytes, first and last part. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "capped"; readonly length: number; readonly sha256: string; readonly head: Uint8Array; readonly tail: Uint8Array };

export const noBody: Body = { kind: "none" };

const noBytes = new Uint8Array(0);
/** No hash of anything that is known. */
const unknownHash = "0".repeat(64);

/** A body that was there and that nobody kept; as much of it as is known is its length. It is never sent, and never compared. */
export function unrecordedBody(length: number): Body {
  return { kind: "capped", length, sha256: unknownHash, head: noBytes, tail: noBytes };
}

export function isUnrecorded(body: Body): boolean {
  return body.kind === "capped" && body.sha256 === unknownHash;
}

/** `detail` of a primary's outcome of kind `skipped`: it may have answered, and nobody wrote down what. */
export const notRecorded = "not_recorded";

export interface HttpRequest {
  readonly method: string;
  /** Request target as sent (RFC 9112 §3.2), Latin-1. */
  readonly target: string;
  /** "1.0", "1.1", … */
  readonly version: string;
  readonly headers: HeaderList;
  readonly body: Body;
  /** Fields that came after the body (RFC 9110 §6.5); absent = none. */
  readonly trailers?: HeaderList;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly body: Body;
  /** Absent = none. */
  readonly trailers?: HeaderList;
}

/** What a target did with a request: a union, never an exception. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer; readonly firstByteMs: Milliseconds; readonly tookMs: Milliseconds }
  | { readonly kind: FailureKind; readonly tookMs: Milliseconds; readonly detail?: string };

/** `aborted`: the client went away. `truncated`: the answer stopped before its framing said so.
 * `not-http`: the answer could not be read. `too-large`: over the answer cap.
 * `skipped`: not sent, `detail` says why (`breaker_open`, `queue_full`, `stale`, `write_not_allowed`, …). */
export type FailureKind = "timed-out" | "refused" | "reset" | "truncated" | "not-http" | "too-large" | "aborted" | "skipped";

export const failureKinds: readonly FailureKind[] = [
  "timed-out",
  "refused",
  "reset",
  "truncated",
  "not-http",
  "too-large",
  "aborted",
  "skipped",
];

export interface Exchange {
  /** Unique across instances. */
  readonly id: string;
  /** Wall time of the request's first byte. */
  readonly at: EpochMs;
  /** Lane key (opaque, already hashed where it came from a secret); null = none. */
  readonly lane: string | null;
  /** The client's connection, unique across instances; absent = unknown. */
  readonly connection?: string;
  /** service, instance, build, zone, … */
  readonly labels: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
  /** The primary's outcome; `tookMs` counts from `at`, so the answer ended at `at + tookMs`. */
  readonly outcome: Outcome;
  /** Probability with which this exchange came into the recording; absent = unknown. */
  readonly inclusion?: number;
  /** Unknown keys of an imported NDJSON line, kept for export. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The `trailers` of a message, to be spread into it: no key where there are none. */
export function trailersIfAny(trailers: HeaderList | undefined): { readonly trailers?: HeaderList } {
  return trailers === undefined || trailers.length === 0 ? {} : { trailers };
}

/** Every value of a header field in wire order; the name is compared without case. */
export function headerValues(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (const [key, value] of headers) if (isSameName(key, name)) values.push(value);
  return values;
}

/** The first value of a header field, or undefined. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (const [key, value] of headers) if (isSameName(key, name)) return value;
  return undefined;
}

/** Most names differ in length already: the case of a Latin-1 letter does not change it. */
function isSameName(left: string, right: string): boolean {
  return left.length === right.length && (left === right || left.toLowerCase() === right.toLowerCase());
}

/** Content-Length of a body that has changed. */
export function withLengthOf(headers: HeaderList, body: Body): HeaderList {
  if (body.kind !== "whole") return headers;
  return headers.map(([name, value]) => [name, name.toLowerCase() === "content-length" ? String(body.bytes.length) : value] as const);
}

/** Methods without effects on the target (RFC 9110 §9.2.1); TRACE is left out on purpose: it echoes credentials. */
export function isSafeMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Bytes of a body that are in memory. */
export function heldBodyBytes(body: Body): number {
  switch (body.kind) {
    case "none":
      return 0;
    case "whole":
      return body.bytes.length;
    case "capped":
      return body.head.length + body.tail.length;
    default:
      return body satisfies never;
  }
}

/** Bytes of bodies that an exchange holds in memory; heads are small beside any bound on their number. */
export function heldBytes(exchange: Exchange): number {
  const answer = exchange.outcome.kind === "answered" ? heldBodyBytes(exchange.outcome.answer.body) : 0;
  return heldBodyBytes(exchange.request.body) + answer;
}
