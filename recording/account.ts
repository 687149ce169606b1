/** What a recording knows of what is not in it.
 *
 *    numbers of its segments ──► missing, unless retention took them           ┐
 *    ledger of each epoch    ──► recorded = rows here + rows that were removed ├─► problems, and what nobody can tell any more
 *    how segments were left  ──► not closed, and without its write-ahead log   ┘
 *
 * A ledger is written at the start, every 10 s, and at the end of a drain (`final`): a process that was killed leaves none of its end. */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { isPartial, partialText } from "./import-mark.ts";
import type { LedgerCheck } from "./ledger-check.ts";
import { segmentNumber, segmentPath } from "./recording-directory.ts";
import { nothingRemoved, removedFrom } from "./removed.ts";
import type { SegmentMeta } from "./segment-file.ts";

/** What was found in the segments that are there. */
export interface SegmentsFound {
  readonly paths: readonly string[];
  readonly rowsOfEpoch: ReadonlyMap<string, number>;
  /** Of each segment that could be read. */
  readonly metaOf: ReadonlyMap<string, SegmentMeta>;
  readonly ledgers: readonly LedgerCheck[];
  /** One segment by itself: a part, so that neither numbers nor ledger say what it should hold. */
  readonly isAlone: boolean;
  /** Somebody is recording now: the end is still to come. */
  readonly isBeingWritten: boolean;
}

export interface Account {
  /** What should be here and is not, or is and should not. */
  readonly problems: readonly string[];
  /** What cannot be told. */
  readonly unknowns: readonly string[];
}

export function accountOf(found: SegmentsFound): Account {
  const ended = new Set(found.ledgers.filter(({ isFinal }) => isFinal).map(({ epoch }) => epoch));
  const problems = [...missingSegments(found), ...found.ledgers.flatMap((ledger) => [...ledger.problems, ...countProblems(ledger, found)])];
  const unknowns = found.isBeingWritten ? [] : [...openEnds(found), ...lostLogs(found, ended), ...openImports(found)];
  return { problems, unknowns };
}

function missingSegments({ paths, metaOf, isAlone }: SegmentsFound): readonly string[] {
  if (isAlone) return [];
  const lines: string[] = [];
  let next = (removedFrom([...metaOf.values()]) ?? nothingRemoved).through + 1;
  for (const path of paths) {
    const number = segmentNumber(path);
    if (number > next) lines.push(`${rangeOf(next, number - 1)} missing, and the recording does not say that retention removed it`);
    next = Math.max(next, number + 1);
  }
  return lines;
}

function countProblems(ledger: LedgerCheck, found: SegmentsFound): readonly string[] {
  const rows = rowsOf(ledger, found);
  const { recorded, isFinal } = ledger;
  const isPart = found.isAlone && segmentNumber(found.paths[0] ?? "") !== 1;
  if (rows < recorded && !isPart) return [`the ledger says that ${recorded} exchanges were recorded, but ${rows} are here`];
  if (rows > recorded && isFinal) return [`${rows} exchanges are here, but the ledger says that ${recorded} were recorded`];
  return [];
}

function openEnds(found: SegmentsFound): readonly string[] {
  return found.ledgers
    .filter(({ isFinal, problems }) => !isFinal && problems.length === 0)
    .map((ledger) => {
      const later = Math.max(0, rowsOf(ledger, found) - ledger.recorded);
      const stored = later === 0 ? "" : `${later} exchanges here were stored after it; `;
      return `the last ledger of ${ledger.epoch} is of ${new Date(ledger.atMs).toISOString()}, not of its end (it was killed, or could not write): ${stored}what was sampled after it and is not here is not counted`;
    });
}

function openImports({ metaOf, isAlone }: SegmentsFound): readonly string[] {
  return !isAlone && isPartial([...metaOf.values()]) ? [partialText] : [];
}

/** A segment that was not closed has its newest exchanges in a log beside it. */
function lostLogs({ paths, metaOf }: SegmentsFound, ended: ReadonlySet<string>): readonly string[] {
  return paths
    .filter((path) => !ended.has(metaOf.get(path)?.epoch ?? "") && isLeftOpen(path) && !hasLog(path))
    .map((path) => `${basename(path)} was not closed and its write-ahead log is not there: what that may have held is not known`);
}

/** With those that retention removed: the ledger counts both. */
function rowsOf({ epoch }: LedgerCheck, { rowsOfEpoch, metaOf }: SegmentsFound): number {
  const removed = removedFrom([...metaOf.values()]) ?? nothingRemoved;
  return (rowsOfEpoch.get(epoch) ?? 0) + (removed.byEpoch[epoch] ?? 0);
}

function rangeOf(first: number, last: number): string {
  const name = (number: number): string => segmentPath("", number);
  return first === last ? `${name(first)} is` : `${name(first)} to ${name(last)} are`;
}

/** Reading makes an empty one. */
function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Whether the header says that there is a log (https://www.sqlite.org/fileformat.html §1.3.3); closing a segment takes that back. */
function isLeftOpen(path: string): boolean {
  const writeVersionAt = 18;
  const withLog = 2;
  const byte = Buffer.alloc(1);
  const file = openSync(path, "r");
  try {
    readSync(file, byte, 0, 1, writeVersionAt);
  } finally {
    closeSync(file);
  }
  return byte[0] === withLog;
}
