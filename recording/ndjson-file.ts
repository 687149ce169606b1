/** An NDJSON file as a recording. It is read through once when it is opened, so that a bad line is found
 * before anything is sent, and only the places of its lines are remembered:
 * a file that is not in order is sorted by place, not in memory. */

import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import type { RecordingIdentity } from "../model/observation.ts";
import { reasonOf } from "./atomic-file.ts";
import { LinesIdentity } from "./identity.ts";
import { type Line, linesOf } from "./lines.ts";
import { decodeExchange } from "./ndjson.ts";

interface Place {
  readonly at: number;
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

export interface NdjsonFile {
  readonly count: number;
  readonly identity: RecordingIdentity;
  /** By request start; equal starts in file order. */
  exchanges(): AsyncGenerator<Exchange>;
}

/** @throws PenumbraError `NDJSON_INVALID` with path and line, `CANNOT_READ` */
export async function openNdjson(path: string): Promise<NdjsonFile> {
  const places: Place[] = [];
  const identity = new LinesIdentity();
  try {
    for await (const line of linesOf(path)) {
      if (isBlank(line.bytes)) continue;
      const exchange = decodeLine(path, line);
      const { at } = exchange;
      identity.add(line.bytes, exchange);
      places.push({ at, number: line.number, offset: line.offset, length: line.bytes.length });
    }
  } catch (cause) {
    if (cause instanceof PenumbraError) throw cause;
    if (cause instanceof RangeError) {
      const hint =
        "an exchange is one line, ended by a line feed; a HAR or GoReplay file ends in .har or .gor, see docs/recording-format.md";
      throw new PenumbraError("NDJSON_INVALID", `${path} ${cause.message}`, hint, cause);
    }
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check the file and its permissions", cause);
  }
  const inOrder = places.every((place, index) => place.at >= (places[index - 1]?.at ?? -Infinity));
  const exchanges = inOrder
    ? () => readThrough(path, places.length)
    : () =>
        readPlaces(
          path,
          places.toSorted((a, b) => a.at - b.at),
        );
  return { count: places.length, identity: identity.of(path), exchanges };
}

async function* readThrough(path: string, count: number): AsyncGenerator<Exchange> {
  let read = 0;
  for await (const line of linesOf(path)) {
    if (read === count) return;
    if (isBlank(line.bytes)) continue;
    read++;
    yield decodeLine(path, line);
  }
}

async function* readPlaces(path: string, places: readonly Place[]): AsyncGenerator<Exchange> {
  const file = await open(path, "r");
  try {
    for (const { number, offset, length } of places) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      yield decodeLine(path, { number, bytes: buffer.subarray(0, bytesRead) });
    }
  } finally {
    await file.close();
  }
}

function decodeLine(path: string, line: Pick<Line, "number" | "bytes">): Exchange {
  if (!isUtf8(line.bytes)) {
    throw new PenumbraError(
      "NDJSON_INVALID",
      `${path} line ${line.number}: not UTF-8`,
      "binary bodies go in as base64; see docs/recording-format.md",
    );
  }
  try {
    const text = line.bytes.toString("utf8");
    return decodeExchange(line.number === 1 ? text.replace(/^\ufeff/, "") : text, line.number);
  } catch (cause) {
    if (!(cause instanceof PenumbraError)) throw cause;
    throw new PenumbraError(cause.code, `${path} ${cause.message}`, cause.hint, cause);
  }
}

/** Empty, or a carriage return and spaces only. */
function isBlank(bytes: Buffer): boolean {
  const longestBlank = 16;
  return bytes.length <= longestBlank && bytes.toString("latin1").trim() === "";
}
