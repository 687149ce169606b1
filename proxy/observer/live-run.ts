/** The RUN of a live mirror. It outlives the processes that write it: an observer that is started again after a
 * crash, or a sidecar that is started again with the same targets, goes on where the log ended.
 *
 *    sidecar ──► observer ──kill──✗ observer ──► …        one log, one report  */

import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { RunMeta } from "../../model/observation.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { isDirectory } from "../../recording/directories.ts";
import { openRun, RunWriter } from "../../recording/run.ts";

export interface LiveRunOptions {
  readonly directory: string;
  /** Of this life of the live process; a run that bears it is never replaced. */
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
  finish(): Promise<void>;
  /** Writes what is pending and leaves the run open: somebody goes on with it. */
  release(): Promise<void>;
}

/** A full disk may have room again; in the meantime copies are mirrored and counted as `mirror_error`. */
const retryAfter: Milliseconds = milliseconds(1000);

/** Goes on with the run that is there when it is one of the same targets, else begins one.
 * @throws PenumbraError for a directory that cannot be used */
export async function openLiveRun(options: LiveRunOptions, clock: Clock): Promise<LiveRun> {
  const { directory, id, force, seed, targets, labels } = options;
  const earlier = await earlierRun(options);
  const meta: RunMeta = earlier ?? {
    id,
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
  const writer =
    earlier === null
      ? RunWriter.create(directory, meta, { force, clock, retryAfter })
      : RunWriter.continue(directory, { clock, retryAfter });
  return {
    writer,
    finish: () => writer.finish({ ...meta, endedAt: timestamp(clock) }),
    release: () => writer.finish({ ...meta, endedAt: null }),
  };
}

/** The run to go on with; null = begin one, whose creation says what is wrong with the directory, if anything is. */
async function earlierRun({ directory, id, force, targets }: LiveRunOptions): Promise<RunMeta | null> {
  if (!isDirectory(directory)) return null;
  let meta: RunMeta;
  try {
    meta = (await openRun(directory)).meta;
  } catch (error) {
    if (error instanceof PenumbraError && error.code === "NOT_A_RUN") return null;
    throw error;
  }
  const isSame = meta.kind === "live" && JSON.stringify(meta.targets) === JSON.stringify(targets);
  return meta.id === id || (isSame && !force) ? meta : null;
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
