/** Lossless JSON from bytes: strict RFC 8259, strict UTF-8. Its pair is write.ts.
 *
 *    bytes ─► UTF-8 check ─► scanner ─► JsonNode                                                       */

import { constants, isUtf8 } from "node:buffer";
import { type Container, type ReadContainers, Repetitions } from "./containers.ts";
import type { JsonParse } from "./node.ts";
import { Scanner, type ScannerLimits } from "./scanner.ts";

/** Far deeper than APIs nest, far from where a reader of the tree would have to care. */
const defaultMaxDepth = 512;
/** Bounds the memory of one document: the comparison has the same budget for a pair. */
const defaultMaxNodes = 200_000;

/** Reads one JSON document.
 * @returns `invalid` with the byte offset of the first fault, a byte order mark included
 * @throws never */
export function parseJson(bytes: Uint8Array, limits: Partial<ScannerLimits> = {}): JsonParse {
  const buffer = bufferOf(bytes);
  return unreadable(buffer) ?? parsed(new Scanner(buffer, allOf(limits)));
}

/** A document that others can be read beside. */
export interface JsonOriginal {
  readonly parse: JsonParse;
  /** Null when there is nothing to take over. */
  readonly read: ReadContainers | null;
}

/** Reads one JSON document, and remembers where what is in it stands, for `parseJsonBeside`. */
export function parseJsonOriginal(bytes: Uint8Array, limits: Partial<ScannerLimits> = {}): JsonOriginal {
  const buffer = bufferOf(bytes);
  const failure = unreadable(buffer);
  if (failure !== null) return { parse: failure, read: null };
  const noting: Container[] = [];
  const parse = parsed(new Scanner(buffer, allOf(limits), { noting }));
  return { parse, read: parse.kind === "parsed" && !parse.duplicateKeys ? { bytes: buffer, containers: noting } : null };
}

/** Reads one JSON document as `parseJson` does; arrays and objects that it has in common with `original`, byte for byte and in
 * about the same places, are the very nodes of that one. */
export function parseJsonBeside(original: JsonOriginal, bytes: Uint8Array, limits: Partial<ScannerLimits> = {}): JsonParse {
  if (original.read === null) return parseJson(bytes, limits);
  const buffer = bufferOf(bytes);
  const repeating = new Repetitions(original.read, buffer);
  const parse = unreadable(buffer) ?? parsed(new Scanner(buffer, allOf(limits), { repeating }));
  // What is taken over is counted as a whole, so that a beginning would end elsewhere than where it does by itself.
  return parse.kind === "over-limit" && parse.beginning !== undefined ? parseJson(buffer, limits) : parse;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function allOf({ maxDepth = defaultMaxDepth, maxNodes = defaultMaxNodes }: Partial<ScannerLimits>): ScannerLimits {
  return { maxDepth, maxNodes };
}

/** Why the bytes are no text that can be scanned, or null. */
function unreadable(buffer: Buffer): JsonParse | null {
  if (buffer.length > constants.MAX_STRING_LENGTH) return { kind: "over-limit", limit: "nodes" };
  return isUtf8(buffer) ? null : { kind: "invalid", offset: firstBadByte(buffer), problem: "not UTF-8" };
}

/** Where decoding and encoding again no longer gives the same bytes. */
function firstBadByte(buffer: Buffer): number {
  const repaired = Buffer.from(buffer.toString("utf8"));
  let offset = 0;
  while (offset < buffer.length && repaired[offset] === buffer[offset]) offset++;
  return offset;
}

function parsed(scanner: Scanner): JsonParse {
  const root = scanner.document();
  if (root === undefined) return { kind: "invalid", offset: scanner.position, problem: scanner.problem };
  const { overLimit, duplicateKeys, openAtLimit, limitAt, nodes } = scanner;
  if (overLimit === "nodes") {
    return { kind: "over-limit", limit: overLimit, beginning: { root, duplicateKeys, open: openAtLimit, end: limitAt, nodes } };
  }
  if (overLimit !== null) return { kind: "over-limit", limit: overLimit };
  return { kind: "parsed", root, duplicateKeys };
}
