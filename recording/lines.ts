/** Lines of a file as bytes, cut at LF only: unlike node:readline, which also cuts at U+2028. */

import { createReadStream } from "node:fs";

const lineFeed = 0x0a;
/** Two bodies at the usual cap make lines of a few MiB; one this long is some other file. */
const maxLineBytes = 256 * 1024 * 1024;
const chunkBytes = 256 * 1024;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Where the line begins in the file, in bytes. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** False for a last line without its newline. */
  readonly ended: boolean;
}

/** The bytes of a file from one offset to another, which is not read. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** @param range the whole file when absent; numbers count from its beginning, offsets are the file's
 * @throws Error with the system's code; RangeError for a line over 256 MiB */
export async function* linesOf(path: string, range?: ByteRange): AsyncGenerator<Line> {
  if (range !== undefined && range.to <= range.from) return;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let number = 1;
  let offset = range?.from ?? 0;
  const take = (last: Buffer, ended: boolean): Line => {
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last]);
    const line = { number: number++, offset, bytes, ended };
    offset += bytes.length + 1;
    held = [];
    heldBytes = 0;
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, ...readOptions(range) }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield take(chunk.subarray(start, end), true);
      start = end + 1;
    }
    if (start === chunk.length) continue;
    held.push(chunk.subarray(start));
    heldBytes += chunk.length - start;
    if (heldBytes > maxLineBytes) throw new RangeError(`line ${number} is longer than ${maxLineBytes} bytes`);
  }
  if (heldBytes > 0) yield take(Buffer.alloc(0), false);
}

/** Streams name the last byte, not the first that is left out. */
function readOptions(range: ByteRange | undefined): { readonly start?: number; readonly end?: number } {
  return range === undefined ? {} : { start: range.from, end: range.to - 1 };
}
