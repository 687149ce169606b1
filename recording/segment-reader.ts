/** Reads one segment by request start, page by page, so that a slow reader never holds a transaction open
 * (a writer's WAL could not shrink meanwhile). */

import type { Exchange } from "../model/exchange.ts";
import { BodyReader } from "./body-store.ts";
import { DamagedRowError } from "./damaged-row.ts";
import { exchangeOf, type StoredRow } from "./exchange-row.ts";
import { damagedSegment, openSegment, readingSegment, readMeta, type SegmentMeta } from "./segment-file.ts";

/** Rows a page: few enough to hold with 1 MiB bodies read one by one. */
const pageRows = 128;

const page = `
SELECT * FROM exchange
WHERE (at_ms, id) > (@at, @id) AND id <= @last
ORDER BY at_ms, id
LIMIT ${pageRows}`;

/** What is known about a segment without reading its exchanges. */
export interface SegmentFacts {
  readonly path: string;
  readonly meta: SegmentMeta;
  readonly format: number;
  readonly exchanges: number;
  /** Start of the earliest request, ms since 1970; null when empty. */
  readonly earliest: number | null;
  /** The exchanges that began first and last; null when empty. */
  readonly first: SegmentEnd | null;
  readonly last: SegmentEnd | null;
}

export interface SegmentEnd {
  readonly id: string;
  readonly at: number;
}

const firstEnd = "SELECT exchange_id AS id, at_ms AS at FROM exchange ORDER BY at_ms, id LIMIT 1";
const lastEnd = "SELECT exchange_id AS id, at_ms AS at FROM exchange ORDER BY at_ms DESC, id DESC LIMIT 1";

/** @throws PenumbraError as `openSegment` */
export function segmentFacts(path: string): SegmentFacts {
  const segment = openSegment(path);
  try {
    return readingSegment(path, () => {
      const { database } = segment;
      const exchanges = database.prepare<[], number>("SELECT count(*) FROM exchange").pluck().get() ?? 0;
      const [first, last] = [firstEnd, lastEnd].map((query) => database.prepare<[], SegmentEnd>(query).get() ?? null);
      const format = Number(database.pragma("user_version", { simple: true }));
      return { path, meta: readMeta(database), format, exchanges, earliest: first?.at ?? null, first: first ?? null, last: last ?? null };
    });
  } finally {
    segment.close();
  }
}

/** The exchanges that are there when reading begins, by request start. Ending the loop early closes the file.
 * @throws PenumbraError `RECORDING_DAMAGED` where a row cannot be read */
export function* exchangesOf(path: string): Generator<Exchange> {
  const segment = openSegment(path);
  try {
    const { database } = segment;
    const bodies = new BodyReader(database);
    const rows = database.prepare<[{ at: number; id: number; last: number }], StoredRow & { readonly id: number }>(page);
    const last = readingSegment(path, () => database.prepare<[], number | null>("SELECT max(id) FROM exchange").pluck().get()) ?? 0;
    for (let at = -Infinity, id = 0; ; ) {
      const found = readingSegment(path, () => rows.all({ at, id, last }));
      for (const row of found) {
        at = row.at_ms;
        id = row.id;
        yield readingSegment(path, () => decodeRow(path, row, bodies));
      }
      if (found.length < pageRows) return;
    }
  } finally {
    segment.close();
  }
}

/** All ledger snapshots of a segment, oldest first; some hundred bytes each, one every 10 s.
 * @throws PenumbraError as `openSegment` */
export function countersOf(path: string): readonly { readonly at_ms: number; readonly snapshot: string }[] {
  const segment = openSegment(path);
  try {
    const all = "SELECT at_ms, snapshot FROM counters ORDER BY id";
    return readingSegment(path, () => segment.database.prepare<[], { at_ms: number; snapshot: string }>(all).all());
  } finally {
    segment.close();
  }
}

/** The last ledger snapshot of a segment; null when it has none.
 * @throws PenumbraError as `openSegment` */
export function lastCounters(path: string): { readonly at_ms: number; readonly snapshot: string } | null {
  const segment = openSegment(path);
  try {
    const newest = "SELECT at_ms, snapshot FROM counters ORDER BY id DESC LIMIT 1";
    return readingSegment(path, () => segment.database.prepare<[], { at_ms: number; snapshot: string }>(newest).get()) ?? null;
  } finally {
    segment.close();
  }
}

function decodeRow(path: string, row: StoredRow, bodies: BodyReader): Exchange {
  try {
    return exchangeOf(row, bodies);
  } catch (cause) {
    if (cause instanceof DamagedRowError) throw damagedSegment(path, `exchange ${row.exchange_id}: ${cause.message}`, cause);
    throw cause;
  }
}
