/** Checks a recording from end to end: files, rows, bodies, ids, what is missing and whether the recording knows why, and what looks like
 * a secret. */

import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import { accountOf } from "./account.ts";
import { BodyReader } from "./body-store.ts";
import { DamagedRowError } from "./damaged-row.ts";
import { isDirectory } from "./directories.ts";
import { exchangeOf, type StoredRow } from "./exchange-row.ts";
import { checkLedger, type LedgerCheck } from "./ledger-check.ts";
import { openRecording, segmentsIn } from "./open.ts";
import { type Removed, removedFrom } from "./removed.ts";
import { SecretScan, type Suspect } from "./secret-scan.ts";
import { openSegment, readingSegment, readMeta, type SegmentMeta } from "./segment-file.ts";
import { lastCounters } from "./segment-reader.ts";
import { isLocked } from "./writer-lock.ts";

export interface Verification {
  readonly path: string;
  readonly exchanges: number;
  readonly segments: number;
  /** Stored bodies whose hash was recounted. */
  readonly bodies: number;
  /** One line each; empty = all is well. */
  readonly problems: readonly string[];
  /** What cannot be told, such as what a process that was killed had still sampled. One line each. */
  readonly unknowns: readonly string[];
  /** What retention has taken out; null = nothing. */
  readonly removed: Removed | null;
  /** Somebody is recording into it now: this is the account so far. */
  readonly isBeingWritten: boolean;
  /** What looks like a secret that redaction has not replaced. */
  readonly suspects: readonly Suspect[];
  /** The last ledger of every epoch that left one. */
  readonly ledgers: readonly LedgerCheck[];
}

interface Findings {
  exchanges: number;
  bodies: number;
  readonly problems: string[];
  readonly ids: Set<string>;
  readonly rowsOfEpoch: Map<string, number>;
  readonly metaOf: Map<string, SegmentMeta>;
  readonly scan: SecretScan;
}

/** @throws PenumbraError when `path` is no recording at all; damage is a problem in the result */
export async function verifyRecording(path: string): Promise<Verification> {
  if (isDirectory(path)) return verifySegments(path, segmentsIn(path), false);
  const recording = await openRecording(path);
  try {
    if (recording.meta.form === "segments") return verifySegments(path, [path], true);
    const found = nothingFound();
    for await (const exchange of recording.exchanges()) noteExchange(found, exchange);
    return { ...resultOf(path, 0, found), unknowns: [], isBeingWritten: false, ledgers: [] };
  } finally {
    recording.close();
  }
}

/** The last ledger of every epoch; segments that cannot be read have none. */
export function ledgersOf(paths: readonly string[]): readonly LedgerCheck[] {
  const newest = new Map<string, LedgerCheck>();
  for (const path of paths) {
    const counters = readable(() => lastCounters(path));
    if (counters === null) continue;
    const check = checkLedger(counters.at_ms, counters.snapshot);
    newest.set(check.epoch, check);
  }
  return [...newest.values()];
}

function verifySegments(path: string, paths: readonly string[], isAlone: boolean): Verification {
  const isBeingWritten = !isAlone && isLocked(path);
  const found = nothingFound();
  for (const segment of paths) verifySegment(segment, found);
  const ledgers = ledgersOf(paths);
  const { problems, unknowns } = accountOf({ ...found, paths, ledgers, isAlone, isBeingWritten });
  found.problems.push(...problems);
  return { ...resultOf(path, paths.length, found), unknowns, isBeingWritten, ledgers };
}

function verifySegment(path: string, found: Findings): void {
  try {
    const segment = openSegment(path);
    try {
      readingSegment(path, () => {
        found.metaOf.set(path, readMeta(segment.database));
        const faults = segment.database.prepare<[], string>("PRAGMA integrity_check").pluck().all();
        found.problems.push(...faults.filter((fault) => fault !== "ok").map((fault) => `${path}: ${fault}`));
        const bodies = new BodyReader(segment.database);
        const checked = bodies.checkAll();
        found.bodies += checked.checked;
        found.problems.push(...checked.problems.map((problem) => `${path}: ${problem}`));
        const rows = segment.database.prepare<[], StoredRow>("SELECT * FROM exchange ORDER BY id");
        for (const row of rows.iterate()) verifyRow(path, row, bodies, found);
      });
    } finally {
      segment.close();
    }
  } catch (cause) {
    // A newer format is not damage: this build cannot tell.
    if (!(cause instanceof PenumbraError) || cause.code === "RECORDING_NEWER") throw cause;
    found.problems.push(cause.message);
  }
}

function verifyRow(path: string, row: StoredRow, bodies: BodyReader, found: Findings): void {
  try {
    noteExchange(found, exchangeOf(row, bodies));
    found.rowsOfEpoch.set(row.epoch, (found.rowsOfEpoch.get(row.epoch) ?? 0) + 1);
  } catch (cause) {
    if (!(cause instanceof DamagedRowError)) throw cause;
    found.problems.push(`${path}: exchange ${row.exchange_id}: ${cause.message}`);
  }
}

function noteExchange(found: Findings, exchange: Exchange): void {
  const { id } = exchange;
  found.exchanges++;
  found.scan.add(exchange);
  if (found.ids.has(id)) found.problems.push(`two exchanges have the id ${JSON.stringify(id)}`);
  found.ids.add(id);
}

function nothingFound(): Findings {
  return {
    exchanges: 0,
    bodies: 0,
    problems: [],
    ids: new Set(),
    rowsOfEpoch: new Map(),
    metaOf: new Map(),
    scan: new SecretScan(),
  };
}

function resultOf(
  path: string,
  segments: number,
  { exchanges, bodies, problems, metaOf, scan }: Findings,
): Omit<Verification, "ledgers" | "unknowns" | "isBeingWritten"> {
  const removed = removedFrom([...metaOf.values()]);
  return { path, exchanges, segments, bodies, problems, removed, suspects: scan.suspects() };
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    // Reported by verifySegment; for the ledger it is as if there were none.
    if (!(cause instanceof PenumbraError)) throw cause;
    return null;
  }
}
