/** Protocol Buffers without a schema as a JSON tree (https://protobuf.dev/programming-guides/encoding/): an
 * object of field numbers, each with the array of its values, since one value does not say whether more may come.
 *
 *    08 96 01 12 02 68 69  ─►  { "1": [150], "2": ["hi"] }
 *
 * What the wire does not say is guessed: a length-delimited field is text where it is readable, else a message
 * where it parses as one, else bytes; eight and four bytes are a floating-point number where that is one of
 * everyday size, else an integer. */

import { isUtf8 } from "node:buffer";
import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { ByteReader } from "./byte-reader.ts";
import type { DocumentLimits } from "./limits.ts";
import { bytesNode, floatNode, integerNode, objectNode, stringNode } from "./scalars.ts";

/** Field numbers are below 2^29. */
const maxTag = 2n ** 32n;
/** Messages in messages in messages: real ones stay below, and what merely looks like one is tried no deeper. */
const maxMessageDepth = 32;
/** Everyday numbers: outside of these powers of ten eight random bytes are far more likely than a measurement. */
const leastMagnitude = 1e-12;
const greatestMagnitude = 1e18;
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Reads one message.
 * @throws never */
export function readProtobuf(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  const reader = new ByteReader(bytes, limits);
  return reader.conclude(reader.node(() => readMessage(reader, limits, maxMessageDepth)));
}

function readMessage(reader: ByteReader, limits: DocumentLimits, depth: number): JsonNode {
  const fields = new Map<string, JsonNode[]>();
  while (!reader.isAtEnd && !reader.isStopped) {
    const tag = readVarint(reader);
    if (tag < 8n || tag >= maxTag) reader.fault("malformed tag");
    const value = reader.node(() => readField(reader, Number(tag & 7n), limits, depth));
    const name = String(tag >> 3n);
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return objectNode([...fields].map(([name, elements]) => [name, { kind: "array", elements }] as const));
}

function readField(reader: ByteReader, wireType: number, limits: DocumentLimits, depth: number): JsonNode {
  switch (wireType) {
    case 0:
      return integerNode(readVarint(reader));
    case 1:
      return readFixed(reader.take(8));
    case 2:
      return readDelimited(reader.take(Number(readVarint(reader))), limits, depth);
    case 5:
      return readFixed(reader.take(4));
    default:
      reader.fault("unknown wire type");
      return { kind: "null" };
  }
}

/** Seven bits a byte, the lowest first. */
function readVarint(reader: ByteReader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.uint(1);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  reader.fault("malformed varint");
  return 0n;
}

function readFixed(bytes: Buffer): JsonNode {
  if (bytes.length === 0) return { kind: "null" };
  const float = bytes.length === 8 ? bytes.readDoubleLE(0) : bytes.readFloatLE(0);
  const magnitude = Math.abs(float);
  if (magnitude === 0 || (magnitude >= leastMagnitude && magnitude <= greatestMagnitude)) return floatNode(float);
  return integerNode(bytes.length === 8 ? bytes.readBigUInt64LE(0) : bytes.readUInt32LE(0));
}

function readDelimited(bytes: Buffer, limits: DocumentLimits, depth: number): JsonNode {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : null;
  // A message may begin with 0x0a, the tag of its first field, which is a line feed.
  if (text !== null && !control.test(text) && !text.startsWith("\n")) return stringNode(text);
  if (depth > 0) {
    const reader = new ByteReader(bytes, limits);
    const message = reader.conclude(readMessage(reader, limits, depth - 1));
    if (message.kind === "parsed") return message.root;
  }
  return text !== null && !control.test(text) ? stringNode(text) : bytesNode(bytes);
}
