/** MessagePack as a JSON tree (https://github.com/msgpack/msgpack/blob/master/spec.md): integers of any
 * size are exact, floats keep a point, binary is `{"bytes": hex}`, an extension `{"ext TYPE": hex}`. */

import type { JsonMember, JsonNode, JsonParse } from "../../../model/json/node.ts";
import { ByteReader } from "./byte-reader.ts";
import type { DocumentLimits } from "./limits.ts";
import { bytesNode, floatNode, integerNode, keyOf, objectNode, stringNode } from "./scalars.ts";

/** Reads one MessagePack value.
 * @throws never */
export function readMessagePack(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  const reader = new ByteReader(bytes, limits);
  return reader.conclude(readValue(reader));
}

function readValue(reader: ByteReader): JsonNode {
  return reader.node(() => {
    const code = reader.uint(1);
    if (code <= 0x7f) return integerNode(code);
    if (code <= 0x8f) return readMap(reader, code & 0x0f);
    if (code <= 0x9f) return readArray(reader, code & 0x0f);
    if (code <= 0xbf) return readText(reader, code & 0x1f);
    if (code >= 0xe0) return integerNode(code - 0x100);
    return sized[code]?.(reader) ?? unknownCode(reader, code);
  });
}

/** By type code, for those whose length or value follows it. */
const sized: Readonly<Record<number, (reader: ByteReader) => JsonNode>> = {
  0xc0: () => ({ kind: "null" }),
  0xc2: () => ({ kind: "boolean", value: false }),
  0xc3: () => ({ kind: "boolean", value: true }),
  0xc4: (reader) => bytesNode(reader.take(reader.uint(1))),
  0xc5: (reader) => bytesNode(reader.take(reader.uint(2))),
  0xc6: (reader) => bytesNode(reader.take(reader.uint(4))),
  0xc7: (reader) => readExtension(reader, reader.uint(1)),
  0xc8: (reader) => readExtension(reader, reader.uint(2)),
  0xc9: (reader) => readExtension(reader, reader.uint(4)),
  0xca: (reader) => readFloat(reader.take(4)),
  0xcb: (reader) => readFloat(reader.take(8)),
  0xcc: (reader) => integerNode(reader.uint(1)),
  0xcd: (reader) => integerNode(reader.uint(2)),
  0xce: (reader) => integerNode(reader.uint(4)),
  0xcf: (reader) => integerNode(reader.uint64()),
  0xd0: (reader) => integerNode((reader.uint(1) << 24) >> 24),
  0xd1: (reader) => integerNode((reader.uint(2) << 16) >> 16),
  0xd2: (reader) => integerNode(reader.uint(4) | 0),
  0xd3: (reader) => integerNode(BigInt.asIntN(64, reader.uint64())),
  0xd4: (reader) => readExtension(reader, 1),
  0xd5: (reader) => readExtension(reader, 2),
  0xd6: (reader) => readExtension(reader, 4),
  0xd7: (reader) => readExtension(reader, 8),
  0xd8: (reader) => readExtension(reader, 16),
  0xd9: (reader) => readText(reader, reader.uint(1)),
  0xda: (reader) => readText(reader, reader.uint(2)),
  0xdb: (reader) => readText(reader, reader.uint(4)),
  0xdc: (reader) => readArray(reader, reader.uint(2)),
  0xdd: (reader) => readArray(reader, reader.uint(4)),
  0xde: (reader) => readMap(reader, reader.uint(2)),
  0xdf: (reader) => readMap(reader, reader.uint(4)),
};

function unknownCode(reader: ByteReader, code: number): JsonNode {
  reader.fault(`unknown type ${code.toString(16)}`);
  return { kind: "null" };
}

function readFloat(bytes: Buffer): JsonNode {
  if (bytes.length === 0) return { kind: "null" };
  return floatNode(bytes.length === 4 ? bytes.readFloatBE(0) : bytes.readDoubleBE(0));
}

function readText(reader: ByteReader, length: number): JsonNode {
  return stringNode(reader.take(length).toString("utf8"));
}

function readArray(reader: ByteReader, count: number): JsonNode {
  const elements: JsonNode[] = [];
  for (let i = 0; i < count && !reader.isStopped; i++) elements.push(readValue(reader));
  return { kind: "array", elements };
}

function readMap(reader: ByteReader, count: number): JsonNode {
  const members: JsonMember[] = [];
  for (let i = 0; i < count && !reader.isStopped; i++) members.push({ key: keyOf(readValue(reader)), value: readValue(reader) });
  return { kind: "object", members };
}

/** The specification's type of a point in time. */
const timestampType = 0xff;

function readExtension(reader: ByteReader, length: number): JsonNode {
  const type = reader.uint(1);
  const content = reader.take(length);
  const time = type === timestampType ? readTimestamp(content) : null;
  return time === null ? objectNode([[`ext ${type}`, stringNode(content.toString("hex"))]]) : stringNode(time);
}

/** Seconds in 4 bytes, or with nanoseconds in 8 or 12. */
function readTimestamp(content: Buffer): string | null {
  switch (content.length) {
    case 4:
      return rfc3339(BigInt(content.readUInt32BE(0)), 0);
    case 8: {
      const packed = content.readBigUInt64BE(0);
      return rfc3339(packed & 0x3_ffff_ffffn, Number(packed >> 34n));
    }
    case 12:
      return rfc3339(content.readBigInt64BE(4), content.readUInt32BE(0));
    default:
      return null;
  }
}

/** Beyond it there is no calendar date (ECMAScript's range of dates). */
const lastSecond = 8_640_000_000_000n;

function rfc3339(seconds: bigint, nanoseconds: number): string | null {
  if (seconds > lastSecond || seconds < -lastSecond) return null;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -".000Z".length);
  return nanoseconds === 0 ? `${whole}Z` : `${whole}.${String(nanoseconds).padStart(9, "0")}Z`;
}
