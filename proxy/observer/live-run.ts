/** The RUN of a live mirror. It outlives the processes that write it: an observer that is started again after a
 * crash, or a sidecar that is started again with the same targets, goes on where the log ended.
 *
 *    sidecar ──► observer ──kill──✗ observer ──► …        one log, one report
 *
 * A log has an end: after `--run-window` the run is put aside as it is, and another begins in its place.
 *
 *    run.json, entries.ndjson  ──► windows/2026-11-27T08-30-00.000Z/     each of them a run that can be reported */

import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { RunEntry, RunMeta } from "../../model/observation.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { isDirectory } from "../../recording/directories.ts";
import { openRun, RunWriter } from "../../recording/run.ts";
import { removeWindows, restoreWindow, setAside } from "../../recording/run-directory.ts";

export interface LiveRunOptions {
  readonly directory: string;
  /** Of this life of the live process; a run that bears it is never replaced. */
  readonly id: string;
  /** Replace a run of somebody else. */
  readonly force: boolean;
  readonly seed: number;
  readonly targets: RunMeta["targets"];
  readonly labels: RunMeta["labels"];
  /** A run that is older is put aside with the next observation, and another begins. */
  readonly windowMs: number;
  /** Windows that ended longer ago are removed when another begins; null = none are. */
  readonly keepMs: number | null;
}

/** A full disk may have room again; in the meantime copies are mirrored and counted as `mirror_error`. */
const retryAfter: Milliseconds = milliseconds(1000);

/** Goes on with the run that is there when it is one of the same targets, else begins one.
 * @throws PenumbraError for a directory that cannot be used */
export async function openLiveRun(options: LiveRunOptions, clock: Clock): Promise<LiveRun> {
  const { directory, force } = options;
  if (isDirectory(directory)) restoreWindow(directory);
  const earlier = await earlierRun(options);
  const meta = earlier ?? newRun(options, options.id, clock);
  const writer =
    earlier === null
      ? RunWriter.create(directory, meta, { force, clock, retryAfter })
      : RunWriter.continue(directory, { clock, retryAfter });
  return new LiveRun(options, clock, meta, writer);
}

/** The log of what comes of the copies, window by window. */
export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #clock: Clock;
  #meta: RunMeta;
  #writer: RunWriter;

  constructor(options: LiveRunOptions, clock: Clock, meta: RunMeta, writer: RunWriter) {
    this.#options = options;
    this.#clock = clock;
    this.#meta = meta;
    this.#writer = writer;
  }

  /** An observation may begin a window; what follows from an earlier one goes where the log is by then.
   * @throws PenumbraError `CANNOT_WRITE` */
  append(entry: RunEntry): void {
    const isOver = this.#clock.now() - Date.parse(this.#meta.startedAt) >= this.#options.windowMs;
    if (isOver && entry.kind === "observation") {
      // A window in which nothing came begins with what comes.
      if (this.#writer.isEmpty) this.#meta = { ...this.#meta, startedAt: timestamp(this.#clock) };
      else this.#beginWindow();
    }
    this.#writer.append(entry);
  }

  /** Writes what is pending and when it ended. */
  finish(): void {
    this.#writer.end({ ...this.#meta, endedAt: timestamp(this.#clock) });
  }

  /** Writes what is pending and leaves the run open: somebody goes on with it. */
  release(): void {
    this.#writer.end({ ...this.#meta, endedAt: null });
  }

  #beginWindow(): void {
    const { directory, id, keepMs } = this.#options;
    this.finish();
    setAside(directory, this.#meta.startedAt.replaceAll(":", "-"));
    this.#meta = newRun(this.#options, `${id}${windowMark}${timestamp(this.#clock)}`, this.#clock);
    this.#writer = RunWriter.create(directory, this.#meta, { force: false, clock: this.#clock, retryAfter });
    if (keepMs !== null) removeWindows(directory, this.#clock.now() - keepMs);
  }
}

/** Between the id of a life and the beginning of a window. */
const windowMark = "@";

function newRun({ seed, targets, labels }: LiveRunOptions, id: string, clock: Clock): RunMeta {
  return {
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
  return meta.id === id || meta.id.startsWith(id + windowMark) || (isSame && !force) ? meta : null;
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
