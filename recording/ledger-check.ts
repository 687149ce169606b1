/** Recounts the conservation law from a stored snapshot of the live process's ledger (architecture: every
 * exchange that was seen is somewhere).
 *
 *    seen     = unsampled + captured + Σ dropped + open
 *    captured = mirrored + Σ mirrorDropped + pendingMirror
 *             = recorded + Σ recordDropped + pendingRecord                                     */

import { Fields, FormError, type JsonObject } from "./fields.ts";

export interface LedgerCheck {
  readonly epoch: string;
  /** Wall clock of the snapshot, ms since 1970. */
  readonly atMs: number;
  /** The snapshot as it was stored. */
  readonly snapshot: JsonObject;
  /** Exchanges that were to be recorded: each of them is recorded, dropped, or was still under way. */
  readonly sampled: number;
  readonly recorded: number;
  readonly underWay: number;
  /** Taken after the sidecar's drain; an earlier one may know less than the recording holds. */
  readonly isFinal: boolean;
  /** Exchanges that are missing, by reason: dropped before capture and not recorded after it. */
  readonly drops: Readonly<Record<string, number>>;
  /** In words; empty = the law holds. */
  readonly problems: readonly string[];
}

/** A snapshot that is none becomes one problem. */
export function checkLedger(atMs: number, text: string): LedgerCheck {
  try {
    const value: unknown = JSON.parse(text);
    return recount(atMs, value as JsonObject, new Fields(value, "counters"));
  } catch (cause) {
    if (!(cause instanceof FormError) && !(cause instanceof SyntaxError)) throw cause;
    return {
      epoch: "",
      atMs,
      snapshot: {},
      sampled: 0,
      recorded: 0,
      underWay: 0,
      isFinal: false,
      drops: {},
      problems: [`a counters snapshot cannot be read: ${cause.message}`],
    };
  }
}

function recount(atMs: number, snapshot: JsonObject, fields: Fields): LedgerCheck {
  const dropped = countsOf(fields, "dropped");
  const recordDropped = countsOf(fields, "recordDropped");
  const seen = fields.count("seen");
  const captured = fields.count("captured");
  const recorded = fields.count("recorded");
  const [open, unsampled, pendingRecord] = [fields.count("open"), fields.count("unsampled"), fields.count("pendingRecord")];
  const places = unsampled + captured + sum(dropped) + open;
  const mirror = fields.count("mirrored") + sum(countsOf(fields, "mirrorDropped")) + fields.count("pendingMirror");
  const record = recorded + sum(recordDropped) + pendingRecord;
  return {
    epoch: fields.string("epoch", ""),
    atMs,
    snapshot,
    sampled: seen - unsampled,
    recorded,
    underWay: open + pendingRecord,
    isFinal: snapshot["final"] === true,
    drops: Object.fromEntries([...Object.entries(dropped), ...Object.entries(recordDropped)].filter(([, count]) => count > 0)),
    problems: [
      ...(seen === places ? [] : [`${seen} exchanges were seen, but ${places} are accounted for`]),
      ...(captured === mirror ? [] : [`${captured} exchanges were captured, but the mirror accounts for ${mirror}`]),
      ...(captured === record ? [] : [`${captured} exchanges were captured, but the recording accounts for ${record}`]),
    ],
  };
}

function countsOf(fields: Fields, name: string): Readonly<Record<string, number>> {
  const counts = fields.object(name);
  return Object.fromEntries(counts.names().map((reason): [string, number] => [reason, counts.count(reason)]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
