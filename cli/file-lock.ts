/** One writer at a time for files that people keep: who reads, changes and writes such a file must not lose what another has just added.
 *
 *    FILE.lock (a directory, which only one can make) ──► read, change, write ──► gone */

import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { PenumbraError } from "../model/errors.ts";

/** Writing takes milliseconds: a lock that is older is of somebody who was killed. */
const staleAfterMs = 3000;
const pauseMs = 20;
const longestWaitMs = 5000;

/** @param work is short and synchronous
 * @throws PenumbraError `FILE_BUSY`, and as the work */
export function whileLocked<T>(path: string, work: () => T): T {
  const lock = `${path}.lock`;
  if (!acquired(lock)) return work();
  try {
    return work();
  } finally {
    rmdirSync(lock);
  }
}

/** False where no lock can be made: why, the work itself will say.
 * @throws PenumbraError `FILE_BUSY` */
function acquired(lock: string): boolean {
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const deadline = performance.now() + longestWaitMs;
  for (;;) {
    try {
      mkdirSync(lock);
      return true;
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) return false;
    }
    if (performance.now() > deadline)
      throw new PenumbraError("FILE_BUSY", `${lock} is in the way`, "remove it if nobody is writing the file beside it");
    if (isStale(lock)) removeIfThere(lock);
    Atomics.wait(sleeper, 0, 0, pauseMs);
  }
}

function isStale(lock: string): boolean {
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > staleAfterMs;
}

function removeIfThere(lock: string): void {
  try {
    rmdirSync(lock);
  } catch {
    // Somebody else was first, or it holds files and is no lock of ours: then whoever made it is waited for.
  }
}
