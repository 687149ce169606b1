/** The checksum of a row, over all of it: CRC-32 of the head's bytes, then of each other column in the order below.
 *
 *    NULL ─► 0        number ─► 1, double (8 bytes, big endian)        text ─► 2, length in bytes (4, big endian), UTF-8
 *
 * So what queries and people ask for is guarded as well as what only a replay reads. */

import { crc32 } from "node:zlib";
import { DamagedRowError } from "./damaged-row.ts";

/** In this order: another one is another format. */
const coveredColumns = [
  ...([
    "epoch",
    "sequence",
    "exchange_id",
    "lane",
    "connection",
    "at_ms",
    "first_byte_ms",
    "took_ms",
    "method",
    "target",
    "status",
  ] as const),
  ...([
    "outcome",
    "request_size",
    "answer_size",
    "request_body",
    "request_tail",
    "answer_body",
    "answer_tail",
    "flags",
    "inclusion",
  ] as const),
  ...(["head_pack", "head_at", "head_length"] as const),
] as const;

/** In a damaged file there may be bytes in any column. */
type Stored = string | number | null | Uint8Array;
export type CoveredRow = Readonly<Record<(typeof coveredColumns)[number], Stored>>;

const tag = { null: 0, number: 1, text: 2 } as const;
const longestCharacter = 3;

/** Grows to the longest row; one at a time is summed up, in one go. */
let buffer = Buffer.allocUnsafe(4096);

/** @throws DamagedRowError for bytes where there are none */
export function checksumOf(row: CoveredRow, head: Uint8Array): number {
  let end = 0;
  for (const column of coveredColumns) end = append(row[column], end);
  return crc32(buffer.subarray(0, end), crc32(head));
}

/** @returns where the next value goes */
function append(value: Stored, at: number): number {
  const needed = at + 9 + (typeof value === "string" ? value.length * longestCharacter : 0);
  if (needed > buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(needed)]);
  // What is no number is stored as NULL.
  if (value === null || Number.isNaN(value)) return buffer.writeUInt8(tag.null, at);
  if (typeof value === "number") {
    buffer.writeUInt8(tag.number, at);
    // The sign of a zero is not stored.
    return buffer.writeDoubleBE(value === 0 ? 0 : value, at + 1);
  }
  if (typeof value !== "string") throw new DamagedRowError("bytes stand where a text or number was");
  buffer.writeUInt8(tag.text, at);
  const length = buffer.write(value, at + 5, "utf8");
  buffer.writeUInt32BE(length, at + 1);
  return at + 5 + length;
}
