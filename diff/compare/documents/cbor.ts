/** CBOR as a JSON tree (RFC 8949): integers and bignums are exact, floats keep a point, byte strings are
 * `{"bytes": hex}`, a tag that is not understood is `{"tag NUMBER": value}`. */

import type { JsonMember, JsonNode, JsonParse } from "../../../model/json/node.ts";
import { ByteReader } from "./byte-reader.ts";
import type { DocumentLimits } from "./limits.ts";
import { bytesNode, floatNode, integerNode, keyOf, objectNode, stringNode } from "./scalars.ts";

/** Reads one data item.
 * @throws never */
export function readCbor(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  const reader = new ByteReader(bytes, limits);
  return reader.conclude(readItem(reader));
}

/** Reads a CBOR sequence (RFC 8742) as an array.
 * @throws never */
export function readCborSequence(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  const reader = new ByteReader(bytes, limits);
  const elements: JsonNode[] = [];
  while (!reader.isAtEnd && !reader.isStopped) elements.push(readItem(reader));
  return reader.conclude({ kind: "array", elements });
}

/** The length of what ends with a break instead. */
const indefinite = -1;
const breakCode = 0xff;
const nothing: JsonNode = { kind: "null" };

function readItem(reader: ByteReader): JsonNode {
  return reader.node(() => {
    const initial = reader.uint(1);
    const major = initial >> 5;
    const info = initial & 0x1f;
    switch (major) {
      case 0:
        return integerNode(readArgument(reader, info));
      case 1:
        return integerNode(-1n - readArgument(reader, info));
      case 2:
        return bytesNode(readString(reader, major, readLength(reader, info)));
      case 3:
        return stringNode(readString(reader, major, readLength(reader, info)).toString("utf8"));
      case 4:
        return readArray(reader, readLength(reader, info));
      case 5:
        return readMap(reader, readLength(reader, info));
      case 6:
        return tagged(readArgument(reader, info), readItem(reader));
      default:
        return readSimple(reader, info);
    }
  });
}

/** §3: the value itself up to 23, else in the 1, 2, 4 or 8 bytes that follow. */
function readArgument(reader: ByteReader, info: number): bigint {
  if (info < 24) return BigInt(info);
  if (info === 24) return BigInt(reader.uint(1));
  if (info === 25) return BigInt(reader.uint(2));
  if (info === 26) return BigInt(reader.uint(4));
  if (info === 27) return reader.uint64();
  reader.fault("malformed length");
  return 0n;
}

function readLength(reader: ByteReader, info: number): number {
  return info === 31 ? indefinite : Number(readArgument(reader, info));
}

/** Passes a break code. */
function isBreak(reader: ByteReader): boolean {
  if (reader.peek() !== breakCode) return false;
  reader.uint(1);
  return true;
}

function readString(reader: ByteReader, major: number, length: number): Buffer {
  if (length !== indefinite) return reader.take(length);
  const chunks: Buffer[] = [];
  while (!reader.isStopped && !isBreak(reader)) {
    const initial = reader.uint(1);
    if (initial >> 5 !== major || (initial & 0x1f) === 31) reader.fault("malformed chunk of a string");
    else chunks.push(reader.take(readLength(reader, initial & 0x1f)));
  }
  return Buffer.concat(chunks);
}

/** Whether there is an element after `count` of them. */
function hasMore(reader: ByteReader, length: number, count: number): boolean {
  if (reader.isStopped) return false;
  return length === indefinite ? !isBreak(reader) : count < length;
}

function readArray(reader: ByteReader, length: number): JsonNode {
  const elements: JsonNode[] = [];
  while (hasMore(reader, length, elements.length)) elements.push(readItem(reader));
  return { kind: "array", elements };
}

function readMap(reader: ByteReader, length: number): JsonNode {
  const members: JsonMember[] = [];
  while (hasMore(reader, length, members.length)) members.push({ key: keyOf(readItem(reader)), value: readItem(reader) });
  return { kind: "object", members };
}

function readSimple(reader: ByteReader, info: number): JsonNode {
  switch (info) {
    case 20:
    case 21:
      return { kind: "boolean", value: info === 21 };
    case 22:
      return nothing;
    case 23:
      return stringNode("undefined");
    case 24:
      return objectNode([["simple", integerNode(reader.uint(1))]]);
    case 25:
      return floatNode(halfFloat(reader.uint(2)));
    case 26:
    case 27:
      return readFloat(reader.take(info === 26 ? 4 : 8));
    default:
      if (info < 20) return objectNode([["simple", integerNode(info)]]);
      reader.fault(info === 31 ? "break outside of an item" : "malformed simple value");
      return nothing;
  }
}

function readFloat(bytes: Buffer): JsonNode {
  if (bytes.length === 0) return nothing;
  return floatNode(bytes.length === 4 ? bytes.readFloatBE(0) : bytes.readDoubleBE(0));
}

/** RFC 8949 appendix D. */
function halfFloat(half: number): number {
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}

/** Tags whose value says it all: times (0, 1), and CBOR that says it is CBOR. */
const transparentTags: ReadonlySet<bigint> = new Set([0n, 1n, 55_799n]);
const bignumTag = 2n;
const negativeBignumTag = 3n;
const uuidTag = 37n;
/** Converting digits takes quadratic time; nobody counts further. */
const maxBignumDigits = 512;

function tagged(tag: bigint, value: JsonNode): JsonNode {
  if (transparentTags.has(tag)) return value;
  const hex = bytesOf(value);
  if (hex !== null && hex !== "" && hex.length <= maxBignumDigits && tag === bignumTag) return integerNode(BigInt(`0x${hex}`));
  if (hex !== null && hex !== "" && hex.length <= maxBignumDigits && tag === negativeBignumTag)
    return integerNode(-1n - BigInt(`0x${hex}`));
  if (hex?.length === 32 && tag === uuidTag) return stringNode(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
  return objectNode([[`tag ${tag}`, value]]);
}

/** The hexadecimal digits of a byte string. */
function bytesOf(node: JsonNode): string | null {
  const only = node.kind === "object" && node.members.length === 1 ? node.members[0] : undefined;
  return only?.key === "bytes" && only.value.kind === "string" ? only.value.value : null;
}
