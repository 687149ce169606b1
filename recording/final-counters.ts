/** The sidecar's last word: its ledger after the drain, kept in the newest segment so that `verify` can recount it.
 * The observer cannot write it: its own exit is part of what is counted. */

import Database from "better-sqlite3";
import type { EpochMs } from "../model/units.ts";
import { segmentPaths } from "./recording-directory.ts";
import { lockDirectory } from "./writer-lock.ts";

/** Adds the final snapshot to the newest segment.
 * @returns false when there is no segment, somebody else is recording, or it cannot be written: the recording is whole without it */
export function storeFinalCounters(directory: string, at: EpochMs, snapshot: object): boolean {
  try {
    const newest = segmentPaths(directory).at(-1);
    if (newest === undefined) return false;
    const unlock = lockDirectory(directory, "recording");
    try {
      addCounters(newest, at, JSON.stringify({ ...snapshot, final: true }));
    } finally {
      unlock();
    }
    return true;
  } catch {
    // Also when the directory is gone: what follows a drain (the run's judgement) must not be lost with it. The caller tells it.
    return false;
  }
}

function addCounters(path: string, at: EpochMs, snapshot: string): void {
  const database = new Database(path, { fileMustExist: true });
  try {
    database.prepare("INSERT INTO counters (at_ms, snapshot) VALUES (?, ?)").run(at, snapshot);
  } finally {
    database.close();
  }
}
