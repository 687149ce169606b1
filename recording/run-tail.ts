/** A run's log while somebody writes it: what it is now, and any part of it.
 *
 *    observer ──append──► entries.ndjson          look: which log it is and how long it is
 *                             └──► partOf(from, to) ──► whole lines, each with the offset after it
 *
 * A log only grows. Where it is another file, or shorter than it was, what was read of it is void: the run was replaced, or a
 * write that had failed was taken back. */

import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RunEntry, RunMeta } from "../model/observation.ts";
import { linesOf } from "./lines.ts";
import { decodeLine, openRun } from "./run.ts";
import { entriesFile, windowsOf } from "./run-directory.ts";

const lineFeed = 0x0a;
const backwardBytes = 64 * 1024;

/** A log as it is at one moment. */
export interface RunLog {
  readonly path: string;
  readonly meta: RunMeta;
  /** Of the run and of the file; another one when either was replaced. */
  readonly identity: string;
  /** Bytes, a half-written last line among them. */
  readonly size: number;
}

export interface PlacedEntry {
  readonly entry: RunEntry;
  /** Where it begins in the log, in bytes. */
  readonly begin: number;
  /** Where the next entry begins. */
  readonly end: number;
}

/** @throws PenumbraError `NOT_A_RUN` while there is none, `RUN_NEWER`, `CANNOT_READ`; Error with the system's code */
export async function lookAtLog(directory: string): Promise<RunLog> {
  const { meta } = await openRun(directory);
  const path = join(directory, entriesFile);
  const file = openSync(path, "r");
  try {
    const { ino, size } = fstatSync(file);
    return { path, meta, identity: `${meta.id} ${ino}`, size };
  } finally {
    closeSync(file);
  }
}

/** The entries of a part that begins where an entry does. One whose line has not ended by `to` is left for later.
 * @throws PenumbraError `RUN_DAMAGED`; Error with the system's code */
export async function* partOf({ path }: RunLog, from: number, to: number): AsyncGenerator<PlacedEntry> {
  for await (const line of linesOf(path, { from, to })) {
    if (!line.ended) return;
    const entry = decodeLine(line, path, `byte ${line.offset}`);
    if (entry !== null) yield { entry, begin: line.offset, end: line.offset + line.bytes.length + 1 };
  }
}

/** Where the observations of some exchanges begin and end; nothing is decoded for it.
 * @param rest between lines, so that a long log does not hold the process up */
export async function placesOf(
  log: RunLog,
  ids: ReadonlySet<string>,
  rest: () => Promise<void>,
): Promise<Map<string, readonly [number, number]>> {
  const places = new Map<string, readonly [number, number]>();
  for await (const { bytes, offset } of linesOf(log.path, { from: 0, to: log.size })) {
    const id = observedId(bytes);
    if (id !== null && ids.has(id)) places.set(id, [offset, offset + bytes.length + 1]);
    await rest();
  }
  return places;
}

/** How many observations there are whose exchanges' ids begin so, in the run of a directory and its earlier windows back to the first
 * whose log has none. A log that is not there tells nothing: somebody may have compressed it or moved it away. */
export async function countObserved(directory: string, idPrefix: string): Promise<number> {
  let sum = 0;
  for (const path of [directory, ...windowsOf(directory).toReversed()]) {
    const log = join(path, entriesFile);
    if (!existsSync(log)) continue;
    let count = 0;
    for await (const { bytes } of linesOf(log)) if (observedId(bytes)?.startsWith(idPrefix) === true) count++;
    sum += count;
    // A window may have begun with the last copies on their way.
    if (count === 0 && path !== directory) break;
  }
  return sum;
}

/** The beginning that every line of an observation has. */
const observationOpens = '{"kind":"observation","exchange":{"id":';
const longestId = 1024;

function observedId(line: Buffer): string | null {
  const beginning = line.toString("utf8", 0, observationOpens.length + longestId);
  if (!beginning.startsWith(observationOpens)) return null;
  const [quoted] = /^"(?:[^"\\]|\\.)*"/.exec(beginning.slice(observationOpens.length)) ?? [];
  return quoted === undefined ? null : String(JSON.parse(quoted));
}

/** Whether what was read of a log up to an offset is void: it is another run, another file, or a log that was taken back. */
export function isReplaced(read: { readonly identity: string; readonly upTo: number }, now: RunLog): boolean {
  return now.identity !== read.identity || now.size < read.upTo || !endsLine(now, read.upTo);
}

/** Where the entry begins that is being written, or will be next: for those who care for what comes, not for what was.
 * @throws Error with the system's code */
export function beginningOfNext({ path, size }: RunLog): number {
  const file = openSync(path, "r");
  try {
    const piece = Buffer.alloc(backwardBytes);
    for (let end = size; end > 0; end -= backwardBytes) {
      const from = Math.max(0, end - backwardBytes);
      const found = piece.subarray(0, readSync(file, piece, 0, end - from, from)).lastIndexOf(lineFeed);
      if (found >= 0) return from + found + 1;
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

/** Whether the bytes before an offset still end a line: a log that was taken back and has grown again tells itself so. */
function endsLine({ path }: RunLog, offset: number): boolean {
  if (offset === 0) return true;
  const byte = Buffer.alloc(1);
  const file = openSync(path, "r");
  try {
    return readSync(file, byte, 0, 1, offset - 1) === 1 && byte[0] === lineFeed;
  } finally {
    closeSync(file);
  }
}
