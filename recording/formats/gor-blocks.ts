/** The records of a GoReplay file (https://github.com/buger/goreplay, `output_file.go` and `proto.go` there):
 *
 *    1 90486164a520d9dab7ad5ac6 1767225600020000000 0 ⏎      type, id, time in nanoseconds since 1970, latency in nanoseconds
 *    GET /products/1 HTTP/1.1 ⏎ Host: shop.example ⏎ ⏎       the message as it was captured
 *    ⏎ 🐵🙈🙉 ⏎                                              separator
 *
 * Type 1 is a request, 2 the answer to it, 3 the answer of the server that it was replayed to; they share the id. */

import { PenumbraError } from "../../model/errors.ts";
import { chunksOf } from "./file-chunks.ts";

export const separator: Buffer = Buffer.from("\n🐵🙈🙉\n");
/** Many times what GoReplay itself keeps of a message (5 MiB); one this long has lost its separator. */
const maxRecordBytes = 64 * 1024 * 1024;
const longestHeaderLine = 512;
const headerLine = /^([123]) (\S+) (\d{1,19})(?: (-?\d{1,19}))?\r?$/;

export interface GorRecord {
  /** From 1. */
  readonly number: number;
  readonly type: "request" | "answer" | "replayed";
  readonly id: string;
  readonly at: bigint;
  /** 0 where the line does not say. */
  readonly latency: bigint;
  readonly payload: Buffer;
  /** Nothing follows, not even a separator: the writer was stopped here. */
  readonly unended: boolean;
}

/** Null stands for a record that cannot be read.
 * @throws PenumbraError `GOR_INVALID` for a record without end; as chunksOf */
export async function* recordsOf(path: string): AsyncGenerator<{ readonly number: number; readonly record: GorRecord | null }> {
  let number = 0;
  for await (const { bytes, unended } of blocksOf(path)) {
    number++;
    yield { number, record: recordOf(bytes, number, unended) };
  }
}

function recordOf(bytes: Buffer, number: number, unended: boolean): GorRecord | null {
  const end = bytes.subarray(0, longestHeaderLine).indexOf("\n");
  const [, digit, id, at, latency = "0"] = headerLine.exec(end < 0 ? "" : bytes.toString("latin1", 0, end)) ?? [];
  if (digit === undefined || id === undefined || at === undefined) return null;
  const type = digit === "1" ? "request" : digit === "2" ? "answer" : "replayed";
  return { number, type, id, at: BigInt(at), latency: BigInt(latency), payload: bytes.subarray(end + 1), unended };
}

interface Block {
  readonly bytes: Buffer;
  readonly unended: boolean;
}

/** Pieces are joined once, when the record is whole: a long one costs no more than its length. */
async function* blocksOf(path: string): AsyncGenerator<Block> {
  let pieces: Buffer[] = [];
  let length = 0;
  /** The end of what came, in which a separator may begin. */
  let open: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    const bytes = Buffer.concat([open, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
      yield { bytes: Buffer.concat([...pieces, bytes.subarray(start, end)]), unended: false };
      start = end + separator.length;
      pieces = [];
      length = 0;
    }
    const keepFrom = Math.max(start, bytes.length - separator.length + 1);
    pieces.push(bytes.subarray(start, keepFrom));
    length += keepFrom - start;
    open = bytes.subarray(keepFrom);
    if (length > maxRecordBytes) {
      const what = `${path} is no GoReplay file, or is damaged: ${length} bytes without a separator`;
      throw new PenumbraError("GOR_INVALID", what, "check that it was written by GoReplay's --output-file");
    }
  }
  const last = Buffer.concat([...pieces, open]);
  if (/\S/.test(last.toString("latin1"))) yield { bytes: last, unended: true };
}
