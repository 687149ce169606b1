/** A run on disk: what came of sending a recording, or live copies, to candidate and controls.
 *
 *    RunWriter ──► run.json (meta, replaced whole)   entries.ndjson (log, appended)  ──► openRun
 *
 * The log is written in the order in which things became known; a crash costs at most what was not
 * flushed, and at most one half-written line, which the reader leaves out and counts. */

import { closeSync, fstatSync, fsyncSync, ftruncateSync, readFileSync, type Stats, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type CancelTimer, type Clock, systemClock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import { runFormat } from "../model/format.ts";
import type { RunEntry, RunMeta } from "../model/observation.ts";
import { type Milliseconds, type MonotonicMs, milliseconds, monotonicMs } from "../model/units.ts";
import { cutHalfLine, openAppending } from "./append-file.ts";
import { reasonOf, writeFileAtomically } from "./atomic-file.ts";
import { withSpelledExtra } from "./exchange-json.ts";
import { Fields, FormError, isObject } from "./fields.ts";
import { type Line, linesOf } from "./lines.ts";
import { parseKeepingNumbers } from "./lossless-numbers.ts";
import { claimRunDirectory, entriesFile, metaFile } from "./run-directory.ts";
import { entryFromJson, entryToJson, metaFromJson, metaToJson } from "./run-json.ts";
import { lockDirectory } from "./writer-lock.ts";

/** Like a recording's batch: what a crash may cost. */
const flushAfter = milliseconds(50);
/** One write call for many small lines; more would only raise what a crash costs. */
const flushBytes = 256 * 1024;

export interface RunWriterOptions {
  /** Replace a run that is already there. */
  readonly force: boolean;
  readonly clock?: Clock;
  /** After a failed write, the next is tried this much later: for runs that outlast a full disk. Without it a failure is final. */
  readonly retryAfter?: Milliseconds;
  /** How bytes reach the log; tests put a full disk here. */
  readonly write?: (file: number, bytes: Buffer, offset: number) => number;
}

export class RunWriter {
  readonly directory: string;
  readonly #clock: Clock;
  readonly #file: number;
  readonly #unlock: () => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  readonly #retryAfter: Milliseconds | null;
  readonly #writeBytes: (file: number, bytes: Buffer, offset: number) => number;
  /** The length of the log up to its last whole line. */
  #size: number;
  #cancelFlush: CancelTimer | null = null;
  #failure: Failure | null = null;
  #open = true;

  /** @throws PenumbraError `RUN_EXISTS`, `DIRECTORY_NOT_OURS`, `RUN_BUSY`, `CANNOT_WRITE` */
  static create(directory: string, meta: RunMeta, options: RunWriterOptions): RunWriter {
    return RunWriter.#locked(claimRunDirectory(directory, options.force), (unlock) => {
      writeMeta(directory, meta);
      return new RunWriter(directory, openAppending(join(directory, entriesFile), "ax"), unlock, options);
    });
  }

  /** Begins a run in a directory whose files this process has looked at before, between two windows: whatever has come to lie there
   * since is left alone. A log without meta data is gone on with.
   * @throws PenumbraError `RUN_BUSY`, `CANNOT_WRITE` */
  static begin(directory: string, meta: RunMeta, options: Omit<RunWriterOptions, "force">): RunWriter {
    return RunWriter.#locked(lockDirectory(directory, "run"), (unlock) => {
      writeMeta(directory, meta);
      return RunWriter.#appending(directory, unlock, options);
    });
  }

  /** Goes on with a run whose writer is gone; a line that it left half written is cut off.
   * @throws PenumbraError `RUN_BUSY`, `CANNOT_WRITE` */
  static continue(directory: string, options: Omit<RunWriterOptions, "force"> = {}): RunWriter {
    return RunWriter.#locked(lockDirectory(directory, "run"), (unlock) => RunWriter.#appending(directory, unlock, options));
  }

  static #appending(directory: string, unlock: () => void, options: Omit<RunWriterOptions, "force">): RunWriter {
    const path = join(directory, entriesFile);
    cutHalfLine(path);
    return new RunWriter(directory, openAppending(path, "a"), unlock, options);
  }

  /** Lets go of the lock when there will be no writer to do so. */
  static #locked(unlock: () => void, make: (unlock: () => void) => RunWriter): RunWriter {
    try {
      return make(unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(directory: string, file: number, unlock: () => void, { clock, retryAfter, write }: Omit<RunWriterOptions, "force">) {
    this.directory = directory;
    this.#unlock = unlock;
    this.#clock = clock ?? systemClock;
    this.#retryAfter = retryAfter ?? null;
    this.#writeBytes = write ?? writeSync;
    this.#file = file;
    this.#size = fstatSync(file).size;
  }

  /** Whether nothing was appended, by this writer or one before. */
  get isEmpty(): boolean {
    return this.#size === 0 && this.#pendingBytes === 0;
  }

  /** Adds one entry to the log; on disk after at most 50 ms, or after `flush`.
   * @throws PenumbraError `CANNOT_WRITE`, until a retry is due: the log ends where the disk did, and what was pending is lost */
  append(entry: RunEntry): void {
    this.#throwFailure();
    const line = Buffer.from(`${JSON.stringify(entryToJson(entry))}\n`);
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes >= flushBytes) this.flush();
    else this.#cancelFlush ??= this.#clock.after(flushAfter, () => this.#write(), { unref: true });
  }

  /** @throws PenumbraError `CANNOT_WRITE` */
  flush(): void {
    this.#write();
    this.#throwFailure();
  }

  /** As `end`, for those who wait for other things too. */
  async finish(meta: RunMeta): Promise<void> {
    this.end(meta);
  }

  /** Writes what is pending and the final meta data, and lets go of the directory; nothing can be appended afterwards.
   * @throws PenumbraError `CANNOT_WRITE` */
  end(meta: RunMeta): void {
    // The last chance of a retry that is not yet due.
    if (this.#failure !== null && this.#failure.retryAt !== null) this.#failure = { ...this.#failure, retryAt: this.#clock.monotonic() };
    try {
      this.#write();
      if (this.#open) {
        this.#open = false;
        this.#close();
      }
      this.#throwFailure();
      writeMeta(this.directory, meta);
    } finally {
      this.#unlock();
    }
  }

  #close(): void {
    try {
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }

  #write(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#hasFailed()) return;
    try {
      if (this.#failure !== null) ftruncateSync(this.#file, this.#size);
      for (let written = 0; written < bytes.length; ) written += this.#writeBytes(this.#file, bytes, written);
      this.#size += bytes.length;
      this.#failure = null;
    } catch (cause) {
      const error = new PenumbraError(
        "CANNOT_WRITE",
        `the log of ${this.directory} cannot be written: ${reasonOf(cause)}`,
        "check the space on the disk",
        cause,
      );
      const retryAt = this.#retryAfter === null ? null : monotonicMs(this.#clock.monotonic() + this.#retryAfter);
      this.#failure = { error, retryAt };
    }
  }

  /** Whether a write has failed and it is not yet time to try again. */
  #hasFailed(): boolean {
    if (this.#failure === null) return false;
    return this.#failure.retryAt === null || this.#clock.monotonic() < this.#failure.retryAt;
  }

  #throwFailure(): void {
    if (this.#failure !== null && this.#hasFailed()) throw this.#failure.error;
  }
}

interface Failure {
  readonly error: PenumbraError;
  /** null = never. */
  readonly retryAt: MonotonicMs | null;
}

export interface Run {
  readonly directory: string;
  readonly meta: RunMeta;
  /** Half-written last lines that the latest reading left out: 0 or 1. */
  readonly ignoredLines: number;
  /** The log from its beginning; can be read as often as one likes.
   * @throws PenumbraError `RUN_DAMAGED` for a line that is none of ours */
  entries(): AsyncGenerator<RunEntry>;
}

/** @throws PenumbraError `NOT_A_RUN`, `RUN_NEWER`, `CANNOT_READ` */
export async function openRun(directory: string): Promise<Run> {
  const meta = readMeta(directory);
  const path = join(directory, entriesFile);
  if (statsOf(path)?.isFile() !== true) {
    throw new PenumbraError("NOT_A_RUN", `${directory} has no ${entriesFile}`, "name the directory of a finished or interrupted run");
  }
  const run = {
    directory,
    meta,
    ignoredLines: 0,
    async *entries(): AsyncGenerator<RunEntry> {
      run.ignoredLines = 0;
      for await (const line of linesOf(path)) {
        const entry = decodeLine(line, path);
        if (entry === null) run.ignoredLines++;
        else yield entry;
      }
    },
  };
  return run;
}

/** Null for a last line that was cut off.
 * @param where of the file it is, for the complaint
 * @throws PenumbraError `RUN_DAMAGED` */
export function decodeLine(line: Line, path: string, where: string = `line ${line.number}`): RunEntry | null {
  try {
    const text = line.bytes.toString("utf8");
    const entry = entryFromJson(JSON.parse(text));
    if (entry.kind !== "observation" || entry.observation.exchange.extra === undefined) return entry;
    const again = parseKeepingNumbers(text);
    const exchange = withSpelledExtra(entry.observation.exchange, isObject(again) ? again["exchange"] : undefined);
    return { kind: "observation", observation: { ...entry.observation, exchange } };
  } catch (cause) {
    if (!line.ended && cause instanceof SyntaxError) return null;
    const problem = cause instanceof FormError ? cause.message : "not JSON";
    throw new PenumbraError("RUN_DAMAGED", `${path} ${where}: ${problem}`, "the file was changed or cut; run again", cause);
  }
}

function writeMeta(directory: string, meta: RunMeta): void {
  writeFileAtomically(join(directory, metaFile), `${JSON.stringify(metaToJson(meta), null, 2)}\n`);
}

/** What `run.json` says, whether or not there is a log.
 * @throws PenumbraError `NOT_A_RUN`, `RUN_NEWER`, `CANNOT_READ` */
export function readMeta(directory: string): RunMeta {
  const path = join(directory, metaFile);
  const hint = "name a directory that penumbra replay, compare or proxy --run has written";
  if (statsOf(directory) === undefined) throw new PenumbraError("NOT_A_RUN", `${directory} does not exist`, hint);
  if (statsOf(path)?.isFile() !== true) throw new PenumbraError("NOT_A_RUN", `${directory} is not a run: it has no ${metaFile}`, hint);
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    checkFormat(directory, value);
    return metaFromJson(value);
  } catch (cause) {
    if (cause instanceof FormError) throw new PenumbraError("NOT_A_RUN", `${path}: ${cause.message}`, hint, cause);
    if (cause instanceof SyntaxError) throw new PenumbraError("NOT_A_RUN", `${path} is not JSON`, hint, cause);
    if (cause instanceof PenumbraError) throw cause;
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check its permissions", cause);
  }
}

/** First of all, since a newer format may name everything else differently. */
function checkFormat(directory: string, meta: unknown): void {
  const format = new Fields(meta, "").count("format");
  if (format <= runFormat) return;
  throw new PenumbraError(
    "RUN_NEWER",
    `${directory} has run format ${format}; this build reads up to ${runFormat}`,
    "upgrade penumbra, or run again",
  );
}

/** Undefined when there is nothing.
 * @throws PenumbraError `CANNOT_READ` when it cannot be told */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
}

/** Adds copies that were lost on the way to a finished live run, so that whoever judges it knows of them.
 * @throws PenumbraError as `openRun`, and `CANNOT_WRITE` */
export function noteLost(directory: string, lost: Readonly<Record<string, number>>): void {
  const meta = readMeta(directory);
  const sums: Record<string, number> = { ...meta.lost };
  for (const [reason, count] of Object.entries(lost)) if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
  if (Object.keys(sums).length > 0) writeMeta(directory, { ...meta, lost: sums });
}
