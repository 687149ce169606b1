/** The RUN of a live mirror. It outlives the processes that write it: an observer that is started again after a
 * crash, or a sidecar that is started again with the same targets, goes on where the log ended.
 *
 *    sidecar ──► observer ──kill──✗ observer ──► …        one log, one report
 *
 * A log has an end: after `--run-window` the run is put aside as it is, and another begins in its place.
 *
 *    run.json, entries.ndjson  ──► windows/2026-11-27T08-30-00.000Z/     each of them a run that can be reported
 *
 * Where one of the steps fails (a full disk, a file in the way), copies are counted for a second, then the log goes on with what is
 * there by then. What others put into the directory is left alone. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { runFormat, toolVersion } from "../../model/format.ts";
import type { RunEntry, RunMeta } from "../../model/observation.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { reasonOf } from "../../recording/atomic-file.ts";
import { isDirectory, makeDirectories } from "../../recording/directories.ts";
import { RunWriter, readMeta } from "../../recording/run.ts";
import { metaFile, removeWindows, restoreWindow, setAside, windowsOf } from "../../recording/run-directory.ts";

export interface LiveRunOptions {
  readonly directory: string;
  /** Of this life of the live process; a run that bears it is never replaced. */
  readonly id: string;
  /** Replace a run of somebody else; its earlier windows stay. */
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
/** A window that could not be put aside costs the copies of one `retryAfter`: where that lasts, few of them. */
const rotateAgainAfter: Milliseconds = milliseconds(60_000);

/** Goes on with the run that is there when it is one of the same targets, else begins one.
 * @throws PenumbraError for a directory that cannot be used */
export async function openLiveRun(options: LiveRunOptions, clock: Clock): Promise<LiveRun> {
  return new LiveRun(options, clock, openLog(options, false, clock));
}

/** The log of what comes of the copies, window by window. */
export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #clock: Clock;
  #log: Log | Failure;
  /** No window is put aside before. */
  #rotateFrom: MonotonicMs;

  constructor(options: LiveRunOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#rotateFrom = clock.monotonic();
  }

  /** An observation may begin a window; what follows from an earlier one goes where the log is by then.
   * @throws PenumbraError `CANNOT_WRITE`: the entry is lost, a later one may not be */
  append(entry: RunEntry): void {
    let log = this.#opened();
    if (entry.kind === "observation" && this.#isOver(log)) {
      // A window in which nothing came begins with what comes.
      if (log.writer.isEmpty) this.#log = log = { ...log, meta: { ...log.meta, startedAt: timestamp(this.#clock) } };
      else log = this.#beginWindow(log);
    }
    log.writer.append(entry);
  }

  /** Writes what is pending and when it ended.
   * @throws PenumbraError `CANNOT_WRITE` */
  finish(): void {
    const { meta, writer } = this.#opened({ isLast: true });
    writer.end({ ...meta, endedAt: timestamp(this.#clock) });
  }

  /** Writes what is pending and leaves the run open: somebody goes on with it.
   * @throws PenumbraError `CANNOT_WRITE` */
  release(): void {
    const { meta, writer } = this.#opened({ isLast: true });
    writer.end({ ...meta, endedAt: null });
  }

  #isOver({ meta }: Log): boolean {
    const age = this.#clock.now() - Date.parse(meta.startedAt);
    return age >= this.#options.windowMs && this.#clock.monotonic() >= this.#rotateFrom;
  }

  /** The log, opened again where that failed.
   * @param isLast there will be no time at which a retry is due */
  #opened({ isLast = false } = {}): Log {
    const log = this.#log;
    if ("writer" in log) return log;
    if (!isLast && this.#clock.monotonic() < log.retryAt) throw log.error;
    // Nobody asks for a run to be replaced that somebody else has begun meanwhile.
    return this.#begun(() => openLog({ ...this.#options, force: false }, true, this.#clock));
  }

  #beginWindow({ meta, writer }: Log): Log {
    const { directory, keepMs } = this.#options;
    const log = this.#begun(() => {
      writer.end({ ...meta, endedAt: timestamp(this.#clock) });
      setAside(directory, meta.startedAt.replaceAll(":", "-"));
      return beginLog(this.#options, this.#clock);
    });
    // Where this fails, the new window has begun all the same.
    if (keepMs !== null) removeWindows(directory, this.#clock.now() - keepMs);
    return log;
  }

  /** From here on there is either an open log or the time of the next try.
   * @throws PenumbraError `CANNOT_WRITE` */
  #begun(begin: () => Log): Log {
    try {
      const log = begin();
      this.#log = log;
      return log;
    } catch (cause) {
      const now = this.#clock.monotonic();
      const error = cannotWrite(this.#options.directory, cause);
      this.#log = { error, retryAt: monotonicMs(now + retryAfter) };
      this.#rotateFrom = monotonicMs(now + rotateAgainAfter);
      throw error;
    }
  }
}

function cannotWrite(directory: string, cause: unknown): PenumbraError {
  if (cause instanceof PenumbraError && cause.code === "CANNOT_WRITE") return cause;
  const hint = cause instanceof PenumbraError ? cause.hint : "check the directory, its permissions and the space on the disk";
  return new PenumbraError("CANNOT_WRITE", `the log of ${directory} cannot be gone on with: ${reasonOf(cause)}`, hint, cause);
}

/** An open log, and whose it is. */
interface Log {
  readonly meta: RunMeta;
  readonly writer: RunWriter;
}

/** There is no open log. */
interface Failure {
  readonly error: PenumbraError;
  readonly retryAt: MonotonicMs;
}

/** @param isHeld whether the directory was looked at before: what has come to lie in it since is nobody's reason to stop
 * @throws PenumbraError for a directory that cannot be used */
function openLog(options: LiveRunOptions, isHeld: boolean, clock: Clock): Log {
  const { directory, force } = options;
  if (isDirectory(directory)) restoreWindow(directory);
  const there = metaOf(directory);
  if (there !== null && goesOn(there, options)) return { meta: there, writer: RunWriter.continue(directory, { clock, retryAfter }) };
  // After a crash between two windows, the last one says whose the directory is.
  const isBetween = !existsSync(join(directory, metaFile)) && (isHeld || isOfLastWindow(options));
  if (isBetween) return beginLog(options, clock);
  const meta = newRun(options, options.id, clock);
  return { meta, writer: RunWriter.create(directory, meta, { force, clock, retryAfter }) };
}

/** Begins a window in a directory that holds no run any more. */
function beginLog(options: LiveRunOptions, clock: Clock): Log {
  // Somebody may have taken all of it away.
  makeDirectories(options.directory);
  const meta = newRun(options, `${options.id}${windowMark}${timestamp(clock)}`, clock);
  return { meta, writer: RunWriter.begin(options.directory, meta, { clock, retryAfter }) };
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

/** The run that is there; null = none, or one that cannot be gone on with: the creation of another says what is wrong, if anything is. */
function metaOf(directory: string): RunMeta | null {
  try {
    return readMeta(directory);
  } catch (error) {
    if (error instanceof PenumbraError && error.code === "NOT_A_RUN") return null;
    throw error;
  }
}

function isOfLastWindow(options: LiveRunOptions): boolean {
  const last = windowsOf(options.directory).findLast((path) => existsSync(join(path, metaFile)));
  if (last === undefined) return false;
  const meta = metaOf(last);
  return meta !== null && goesOn(meta, options);
}

function goesOn(meta: RunMeta, { id, force, targets }: LiveRunOptions): boolean {
  const isSame = meta.kind === "live" && JSON.stringify(meta.targets) === JSON.stringify(targets);
  return meta.id === id || meta.id.startsWith(id + windowMark) || (isSame && !force);
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
