/** Checks a recording from end to end: files, rows, bodies, ids, what the ledger says is missing, and what looks like a secret. */

import { basename } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import { BodyReader } from "./body-store.ts";
import { DamagedRowError } from "./damaged-row.ts";
import { isDirectory } from "./directories.ts";
import { exchangeOf, type StoredRow } from "./exchange-row.ts";
import { checkLedger, type LedgerCheck } from "./ledger-check.ts";
import { openRecording, segmentsIn } from "./open.ts";
import { SecretScan, type Suspect } from "./secret-scan.ts";
import { openSegment, readingSegment } from "./segment-file.ts";
import { lastCounters } from "./segment-reader.ts";

export interface Verification {
  readonly path: string;
  readonly exchanges: number;
  readonly segments: number;
  /** Stored bodies whose hash was recounted. */
  readonly bodies: number;
  /** One line each; empty = all is well. */
  readonly problems: readonly string[];
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
  readonly scan: SecretScan;
}

/** @throws PenumbraError when `path` is no recording at all; damage is a problem in the result */
export async function verifyRecording(path: string): Promise<Verification> {
  if (isDirectory(path)) return verifySegments(path, segmentsIn(path));
  const recording = await openRecording(path);
  try {
    if (recording.meta.form === "segments") return verifySegments(path, [path]);
    const found = nothingFound();
    for await (const exchange of recording.exchanges()) noteExchange(found, exchange);
    return { ...resultOf(path, 0, found), ledgers: [] };
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

function verifySegments(path: string, paths: readonly string[]): Verification {
  const found = nothingFound();
  for (const segment of paths) verifySegment(segment, found);
  const ledgers = ledgersOf(paths);
  for (const ledger of ledgers) {
    found.problems.push(...ledger.problems);
    const rows = found.rowsOfEpoch.get(ledger.epoch) ?? 0;
    if (rows < ledger.recorded && hasBeginning(paths)) {
      found.problems.push(`the ledger says that ${ledger.recorded} exchanges were recorded, but ${rows} are here`);
    }
    if (rows > ledger.recorded && ledger.isFinal) {
      found.problems.push(`${rows} exchanges are here, but the ledger says that ${ledger.recorded} were recorded`);
    }
  }
  return { ...resultOf(path, paths.length, found), ledgers };
}

function verifySegment(path: string, found: Findings): void {
  try {
    const segment = openSegment(path);
    try {
      readingSegment(path, () => {
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
  return { exchanges: 0, bodies: 0, problems: [], ids: new Set(), rowsOfEpoch: new Map(), scan: new SecretScan() };
}

function resultOf(path: string, segments: number, { exchanges, bodies, problems, scan }: Findings): Omit<Verification, "ledgers"> {
  return { path, exchanges, segments, bodies, problems, suspects: scan.suspects() };
}

/** Retention deletes from the front: without the first segment, fewer rows are what was asked for. */
function hasBeginning(paths: readonly string[]): boolean {
  return basename(paths[0] ?? "") === "000001.penumbra";
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
