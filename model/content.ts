/** Removes the content-coding of a body (RFC 9110 §8.4), with a bound on what comes out, and puts it on again. */

import * as zlib from "node:zlib";
import { type HeaderList, headerValues } from "./exchange.ts";

/** A body without its content-coding, or why that cannot be had. `codings` in the order they were
 * applied, lower case, without `identity`. */
export type DecodedContent =
  | { readonly kind: "decoded"; readonly bytes: Uint8Array; readonly codings: readonly string[] }
  | { readonly kind: "undecodable"; readonly codings: readonly string[]; readonly problem: string };

/** Nobody codes a body more often; each further layer only multiplies what a bomb costs. */
const maxCodings = 4;
/** RFC 9659 §3: a zstd window in HTTP content is at most 8 MB = 2^23. */
const zstdWindowLog = 23;

type Decoder = (bytes: Uint8Array, cap: number) => Uint8Array;

const gunzip: Decoder = (bytes, cap) => zlib.gunzipSync(bytes, { maxOutputLength: cap });

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: (bytes, cap) => {
    // "deflate" means the zlib format (RFC 9110 §8.4.1.2), but some servers send the bare one.
    return hasZlibHeader(bytes) ? zlib.inflateSync(bytes, { maxOutputLength: cap }) : zlib.inflateRawSync(bytes, { maxOutputLength: cap });
  },
  br: (bytes, cap) => zlib.brotliDecompressSync(bytes, { maxOutputLength: cap }),
  zstd: (bytes, cap) =>
    zlib.zstdDecompressSync(bytes, { maxOutputLength: cap, params: { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog } }),
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
  for (const coding of codings.toReversed()) {
    const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decode === undefined) return { kind: "undecodable", codings, problem: `unknown content-coding ${coding}` };
    try {
      decoded = decode(decoded, cap);
    } catch (cause) {
      // Whatever a decoder refuses is an answer about the body, not a failure of ours.
      return { kind: "undecodable", codings, problem: problemOf(cause, cap) };
    }
  }
  return { kind: "decoded", bytes: decoded, codings };
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
