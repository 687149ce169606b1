/** Removes the content-coding of a body (RFC 9110 §8.4), with a bound on what comes out, and puts it on again. */

import * as zlib from "node:zlib";
import { type HeaderList, headerValues } from "./exchange.ts";

/** A body without its content-coding, or why that cannot be had. `codings` in the order they were
 * applied, lower case, without `identity`. */
export type DecodedContent =
  | {
      readonly kind: "decoded";
      readonly bytes: Uint8Array;
      readonly codings: readonly string[];
      /** Beside the coded data there are bytes that decoding skips: a file's name, a comment, whatever follows the end. */
      readonly hasMore?: boolean;
    }
  | { readonly kind: "undecodable"; readonly codings: readonly string[]; readonly problem: string };

/** Nobody codes a body more often; each further layer only multiplies what a bomb costs. */
const maxCodings = 4;
/** RFC 9659 §3: a zstd window in HTTP content is at most 8 MB = 2^23. */
const zstdWindowLog = 23;

type Decoder = (bytes: Uint8Array, options: Inflating) => unknown;

/** `info` has Node say how much of the input it took. */
interface Inflating {
  readonly maxOutputLength: number;
  readonly info: true;
}

const gunzip: Decoder = (bytes, options) => zlib.gunzipSync(bytes, options);

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  // "deflate" means the zlib format (RFC 9110 §8.4.1.2), but some servers send the bare one.
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options)),
  br: (bytes, options) => zlib.brotliDecompressSync(bytes, options),
  zstd: (bytes, options) => {
    const params = { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog };
    return zlib.zstdDecompressSync(bytes, { ...options, params });
  },
};

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  "x-gzip": (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};
/** brotli's default (11) takes a second for a megabyte. */
const brotliQuality = 4;

/** Decodes `bytes` after the Content-Encoding of `headers`.
 * @param cap most bytes that any layer may decode to; a body over it is `undecodable`
 * @throws never */
export function decodeContent(headers: HeaderList, bytes: Uint8Array, cap: number): DecodedContent {
  const codings = contentCodings(headers);
  if (codings.length === 0 || bytes.length === 0) return { kind: "decoded", bytes, codings };
  if (codings.length > maxCodings) return { kind: "undecodable", codings, problem: `more than ${maxCodings} content-codings` };
  let decoded = bytes;
  let hasMore = false;
  for (const coding of codings.toReversed()) {
    const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decode === undefined) return { kind: "undecodable", codings, problem: `unknown content-coding ${coding}` };
    try {
      const taken = takenOf(decode(decoded, { maxOutputLength: cap, info: true }));
      hasMore ||= taken.length < decoded.length || skipsBytes(coding, decoded, taken.bytes.length);
      decoded = taken.bytes;
    } catch (cause) {
      // Whatever a decoder refuses is an answer about the body, not a failure of ours.
      return { kind: "undecodable", codings, problem: problemOf(cause, cap) };
    }
  }
  return hasMore ? { kind: "decoded", bytes: decoded, codings, hasMore } : { kind: "decoded", bytes: decoded, codings };
}

/** What Node's types do not tell of `info`. */
function takenOf(result: unknown): { readonly bytes: Uint8Array; readonly length: number } {
  const { buffer, engine } = result as { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
  return { bytes: buffer, length: engine.bytesWritten };
}

/** Fields of gzip's header and further members (RFC 1952 §2.3: flags 4, 8 and 16, the length at the end), zstd's skippable frames (RFC 8878 §3.1.2). */
function skipsBytes(coding: string, coded: Uint8Array, length: number): boolean {
  const bytes = Buffer.from(coded.buffer, coded.byteOffset, coded.byteLength);
  if (coding === "zstd") {
    for (let at = bytes.indexOf("*M\x18", 0, "latin1"); at >= 0; at = bytes.indexOf("*M\x18", at + 1, "latin1")) {
      if (at > 0 && ((bytes[at - 1] ?? 0) & 0xf0) === 0x50) return true;
    }
    return false;
  }
  if (coding !== "gzip" && coding !== "x-gzip") return false;
  return ((bytes[3] ?? 0) & 0x1c) !== 0 || bytes.readUInt32LE(bytes.length - 4) !== length % 2 ** 32;
}

/** Puts the codings on that `decodeContent` took off.
 * @throws TypeError for a coding that it does not know */
export function encodeContent(bytes: Uint8Array, codings: readonly string[]): Uint8Array {
  return codings.reduce((coded, coding) => {
    const encoder = Object.hasOwn(encoders, coding) ? encoders[coding] : undefined;
    if (encoder === undefined) throw new TypeError(`no encoder for ${coding}`);
    return encoder(coded);
  }, bytes);
}

/** The content-codings of a message in the order they were applied, without `identity`. */
export function contentCodings(headers: HeaderList): readonly string[] {
  const values = headerValues(headers, "content-encoding");
  if (values.length === 0) return [];
  const codings = values.flatMap((value) => value.split(",").map((coding) => coding.trim().toLowerCase()));
  return codings.filter((coding) => coding !== "" && coding !== "identity");
}

/** RFC 1950 §2.2: method 8, and the first two bytes are a multiple of 31. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

function problemOf(cause: unknown, cap: number): string {
  if (!(cause instanceof Error)) return "cannot be decoded";
  return "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE" ? `decodes to more than ${cap} bytes` : cause.message;
}
