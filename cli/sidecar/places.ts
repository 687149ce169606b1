/** The directories that the observer will write, and the key, claimed before anybody is served. */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "../../model/clock.ts";
import { openLiveRun } from "../../proxy/observer/live-run.ts";
import { loadOrCreateKey, type RedactionKey } from "../../recording/key.ts";
import { claimDirectory } from "../../recording/recording-directory.ts";
import { lockDirectory, lockPath } from "../../recording/writer-lock.ts";
import type { ObserverPlan } from "./observer-options.ts";
import { warnOfOthers } from "./shared-directory.ts";
import type { StartTraces } from "./start-traces.ts";

/** @throws PenumbraError for a key file that cannot be used */
export function claimKey(path: string, traces: StartTraces): RedactionKey {
  traces.willMake(dirname(path));
  return loadOrCreateKey(path, () => traces.hasMade(path));
}

/** Whatever is wrong with a directory is said before anybody is served; the observer later goes on with what is there. The run comes
 * last: with --force its claim takes an earlier one away, which nothing can bring back. */
export async function claimPlaces({ record, shadow, labels }: ObserverPlan, traces: StartTraces): Promise<void> {
  if (record !== null) {
    traces.willMake(record);
    claimDirectory(record);
    warnOfOthers(record);
    const isNew = !existsSync(lockPath(record));
    lockDirectory(record, "recording")();
    if (isNew) traces.hasMade(lockPath(record));
  }
  if (shadow === null) return;
  const { primary, candidate, controls, run } = shadow;
  traces.willMake(run.directory);
  const begun = await openLiveRun({ ...run, targets: { primary, candidate, controls }, labels }, systemClock);
  begun.release();
}
