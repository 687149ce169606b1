/** When exchanges were lost, and why: from the ledger's snapshots, one every 10 s.
 *
 *    snapshot ── difference to the one before, of the same life ──► {from, to, drops}     only the worst are kept */

import { PenumbraError } from "../model/errors.ts";
import { checkLedger } from "./ledger-check.ts";
import { countersOf } from "./segment-reader.ts";

export interface DropWindow {
  /** The two snapshots, ms since 1970; the first of a life has null: since its beginning. */
  readonly from: number | null;
  readonly to: number;
  readonly drops: Readonly<Record<string, number>>;
}

export interface DropHistory {
  /** Between how many snapshots something was lost. */
  readonly windows: number;
  /** Most lost first. */
  readonly worst: readonly DropWindow[];
}

const mostWindows = 10;

/** @param paths segments, oldest first */
export function dropHistory(paths: readonly string[]): DropHistory {
  const before = new Map<string, { readonly at: number; readonly drops: Readonly<Record<string, number>> }>();
  let windows = 0;
  let worst: DropWindow[] = [];
  for (const { at_ms: at, snapshot } of paths.flatMap(readable)) {
    const { epoch, drops } = checkLedger(at, snapshot);
    const last = before.get(epoch);
    before.set(epoch, { at, drops });
    const lost = differences(last?.drops ?? {}, drops);
    if (Object.keys(lost).length === 0) continue;
    windows++;
    worst = [...worst, { from: last?.at ?? null, to: at, drops: lost }]
      .toSorted((a, b) => sum(b.drops) - sum(a.drops))
      .slice(0, mostWindows);
  }
  return { windows, worst };
}

/** A reason counts down when another observer tells what the lost one had committed. */
function differences(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const grown = Object.entries(after).map(([reason, count]): [string, number] => [reason, count - (before[reason] ?? 0)]);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

function readable(path: string): ReturnType<typeof countersOf> {
  try {
    return countersOf(path);
  } catch (cause) {
    // A summary shows what can be read; `verify` says what cannot.
    if (!(cause instanceof PenumbraError)) throw cause;
    return [];
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
