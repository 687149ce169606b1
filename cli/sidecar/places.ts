/** The directories that the observer will write, claimed before anything listens. */

import { systemClock } from "../../model/clock.ts";
import { openLiveRun } from "../../proxy/observer/live-run.ts";
import type { ObserverOptions } from "../../proxy/observer/observer.ts";
import { claimDirectory, lockDirectory } from "../../recording/recording-directory.ts";

/** Whatever is wrong with a directory is said before anything listens; the observer later goes on with what is there. */
export async function claimPlaces({ record, shadow, labels }: Omit<ObserverOptions, "epoch">): Promise<void> {
  if (record !== null) {
    claimDirectory(record);
    lockDirectory(record)();
  }
  if (shadow === null) return;
  const { primary, candidate, controls, run } = shadow;
  const begun = await openLiveRun({ ...run, targets: { primary, candidate, controls }, labels }, systemClock);
  await begun.release();
}
