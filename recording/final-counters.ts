/** The sidecar's last word: its ledger after the drain, kept in the newest segment so that `verify` can recount it.
 * The observer cannot write it: its own exit is part of what is counted. */

import Database from "better-sqlite3";
import type { EpochMs } from "../model/units.ts";
import { segmentPaths } from "./recording-directory.ts";

/** Adds one snapshot to the newest segment. Call when nobody writes the recording any more.
 * @returns false when there is no segment or it cannot be written: the recording is whole without it */
export function storeFinalCounters(directory: string, at: EpochMs, snapshot: object): boolean {
  const newest = segmentPaths(directory).at(-1);
  if (newest === undefined) return false;
  try {
    const database = new Database(newest, { fileMustExist: true });
    try {
      database.prepare("INSERT INTO counters (at_ms, snapshot) VALUES (?, ?)").run(at, JSON.stringify(snapshot));
    } finally {
      database.close();
    }
    return true;
  } catch (cause) {
    if (cause instanceof Database.SqliteError) return false;
    throw cause;
  }
}
