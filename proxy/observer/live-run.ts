/** The RUN of a live mirror. One observer writes one directory; an observer that is started again after a crash
 * writes the next one beside it, since a log that was cut off is not written to again:
 *
 *    runs/today   runs/today.2   runs/today.3                                                                    */

import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { RunMeta } from "../../model/observation.ts";
import { openRun, RunWriter } from "../../recording/run.ts";

export interface LiveRunOptions {
  readonly directory: string;
  /** Of this life of the live process; what bears it already is an earlier observer's. */
  readonly id: string;
  /** Replace a run of somebody else. */
  readonly force: boolean;
  readonly seed: number;
  readonly targets: RunMeta["targets"];
  readonly labels: RunMeta["labels"];
}

export interface LiveRun {
  readonly writer: RunWriter;
  /** Writes what is pending and when it ended. */
  finish(interrupted: boolean): Promise<void>;
}

/** @throws PenumbraError for a directory that cannot be used */
export async function createLiveRun(options: LiveRunOptions, clock: Clock): Promise<LiveRun> {
  const { directory, id, force, seed, targets, labels } = options;
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `.${number}`;
    if (await isOurs(directory + suffix, id + suffix)) continue;
    const meta: RunMeta = {
      id: id + suffix,
      format: runFormat,
      startedAt: timestamp(clock),
      endedAt: null,
      tool: toolVersion,
      seed,
      kind: "live",
      targets,
      labels,
      interrupted: false,
      replay: null,
    };
    const writer = RunWriter.create(directory + suffix, meta, { force, clock });
    return { writer, finish: (interrupted) => writer.finish({ ...meta, endedAt: timestamp(clock), interrupted }) };
  }
}

/** Whether an earlier observer of the same live process wrote there. */
async function isOurs(directory: string, id: string): Promise<boolean> {
  try {
    return (await openRun(directory)).meta.id === id;
  } catch (error) {
    // No run, or not one of ours to read: creating it says what is wrong, if anything is.
    if (error instanceof PenumbraError) return false;
    throw error;
  }
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
