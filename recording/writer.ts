/** Writes a recording: exchanges come in, batches go to disk, segments rotate.
 *
 *    append ──► pending (≤ 256 exchanges, ≤ 8 MiB, ≤ 50 ms) ──► one transaction ──► onCommitted
 *                                                                     └─ fails ──► onDropped, pause, retry
 *
 * A crash costs at most the batch that was pending. A full disk pauses the recording and nothing else. */

import Database from "better-sqlite3";
import type { CancelTimer, Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import { type Exchange, heldBytes } from "../model/exchange.ts";
import { toolVersion } from "../model/format.ts";
import { milliseconds, monotonicMs } from "../model/units.ts";
import { reasonOf } from "./atomic-file.ts";
import { claimDirectory, nextSegmentPath, segmentPaths } from "./recording-directory.ts";
import type { RedactionRule } from "./redaction-rules.ts";
import { deleteSegments, planRetention, type RetentionLimits } from "./retention.ts";
import { type createSegment, recoverSegment } from "./segment-file.ts";
import { type PreparedExchange, prepareExchange, SegmentWriter } from "./segment-writer.ts";
import { Sealer } from "./vault/sealed-box.ts";
import type { VaultPublicKey } from "./vault/vault-keys.ts";
import { lockDirectory } from "./writer-lock.ts";

/** Why an exchange is not in the recording. */
export type RecordDropReason = "disk_full" | "record_error";

export interface RecordingLimits extends RetentionLimits {
  /** Exchanges a batch: one commit costs about as much as writing some hundred rows. */
  readonly batchExchanges: number;
  /** Bytes a batch: bounds the memory and how long one transaction blocks the observer. */
  readonly batchBytes: number;
  /** How long an exchange waits for its batch. */
  readonly batchMs: number;
  /** A segment is closed at this size, so that it can be copied and retention has something to delete. */
  readonly segmentBytes: number;
  /** … and at this age. */
  readonly segmentMs: number;
  /** How long a pause lasts after the first failure; doubled with each further one. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
}

const defaultLimits: RecordingLimits = {
  batchExchanges: 256,
  batchBytes: 8 * 1024 * 1024,
  batchMs: 50,
  segmentBytes: 256 * 1024 * 1024,
  segmentMs: 24 * 60 * 60 * 1000,
  keepBytes: null,
  keepMs: null,
  retryMs: 1000,
  longestRetryMs: 30_000,
};

export interface RecordingWriterOptions {
  readonly labels: Readonly<Record<string, string>>;
  /** URLs of the servers that answer users, so that a replay can refuse to send to them; absent = not known. */
  readonly primaries?: readonly string[];
  /** Which life of the live process the sequences belong to. */
  readonly epoch: string;
  readonly clock: Clock;
  /** The redaction rules in words (`Redactor.description`), "off" without. */
  readonly redaction: string;
  /** Those that users gave (`Redactor.rules`). */
  readonly redactionRules?: readonly RedactionRule[];
  /** Of the redaction key; null without redaction. */
  readonly keyId: string | null;
  /** What tokens stand for is sealed to it; absent = it is not kept. */
  readonly vault?: VaultPublicKey | null;
  /** The exchanges are those of a file: until `markWhole` the recording says that it holds a part of it. */
  readonly isImport?: boolean;
  /** After COMMIT; never twice for one `append`. */
  readonly onCommitted: (sequences: readonly number[]) => void;
  /** These will never be in the recording. */
  readonly onDropped: (sequences: readonly number[], reason: RecordDropReason) => void;
  /** Recording has stopped for a while; the next successful batch ends it. */
  readonly onPaused: (reason: RecordDropReason) => void;
  readonly onResumed?: () => void;
  readonly limits?: Partial<RecordingLimits>;
  /** How segments are made; tests put a full disk here. */
  readonly createSegment?: typeof createSegment;
}

interface Pause {
  readonly reason: RecordDropReason;
  readonly until: number;
  readonly lasts: number;
}

export class RecordingWriter {
  readonly directory: string;
  readonly #options: RecordingWriterOptions;
  readonly #limits: RecordingLimits;
  readonly #unlock: () => void;
  #segment: SegmentWriter | null = null;
  #pending: PreparedExchange[] = [];
  #pendingBytes = 0;
  #cancelFlush: CancelTimer | null = null;
  #pause: Pause | null = null;
  #counters: { readonly at: number; readonly snapshot: string } | null = null;
  #closed = false;

  /** Opens `directory` for recording; a recording that is there gets a new segment. On a disk that is full, recording begins
   * paused: there may be room later.
   * @throws PenumbraError `DIRECTORY_NOT_OURS`, `RECORDING_BUSY`, `RECORDING_NEWER`, `CANNOT_WRITE` */
  static open(directory: string, options: RecordingWriterOptions): RecordingWriter {
    claimDirectory(directory);
    const unlock = lockDirectory(directory, "recording");
    try {
      for (const path of segmentPaths(directory)) recoverOne(path);
      const writer = new RecordingWriter(directory, options, unlock);
      writer.#openFirstSegment();
      return writer;
    } catch (cause) {
      unlock();
      if (cause instanceof PenumbraError) throw cause;
      throw new PenumbraError(
        "CANNOT_WRITE",
        `${directory} cannot be written: ${reasonOf(cause)}`,
        "check its permissions and the space on the disk",
        cause,
      );
    }
  }

  private constructor(directory: string, options: RecordingWriterOptions, unlock: () => void) {
    this.directory = directory;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#unlock = unlock;
  }

  /** Why nothing is recorded at the moment; null = it is. */
  get paused(): RecordDropReason | null {
    return this.#pause?.reason ?? null;
  }

  /** Takes one exchange, already redacted. Its fate is told by `onCommitted` or `onDropped`. Never throws.
   * @param secrets what the tokens of its request stand for: for the vault, if there is one */
  append(sequence: number, exchange: Exchange, secrets?: ReadonlyMap<string, string>): void {
    const { clock, epoch, onDropped } = this.#options;
    if (this.#closed) return onDropped([sequence], "record_error");
    if (this.#pause !== null && clock.monotonic() < this.#pause.until) return onDropped([sequence], this.#pause.reason);
    let prepared: PreparedExchange;
    try {
      prepared = prepareExchange(epoch, sequence, exchange, secrets);
    } catch {
      // Counted by its reason; the message might quote the exchange.
      return onDropped([sequence], "record_error");
    }
    this.#pending.push(prepared);
    this.#pendingBytes += prepared.row.head.length + heldBytes(exchange) + bytesOf(prepared.secrets);
    const full = this.#pending.length >= this.#limits.batchExchanges || this.#pendingBytes >= this.#limits.batchBytes;
    if (full) this.flush();
    else this.#cancelFlush ??= clock.after(milliseconds(this.#limits.batchMs), () => this.flush());
  }

  /** Appends a snapshot of the ledger; left out while recording is paused. Every further segment begins with the last one, so that each
   * tells that there was more to come. */
  counters(snapshot: object): void {
    const counters = { at: this.#options.clock.now(), snapshot: JSON.stringify(snapshot) };
    try {
      if (!this.#closed && this.#pause === null) this.#openSegment().counters(counters.at, counters.snapshot);
      this.#counters = counters;
      // Also when nobody comes: what is kept for a time only must not stay for want of users.
      this.#rotateWhenFull();
    } catch (cause) {
      this.#startPause(cause);
    }
  }

  /** Commits, and says that all of the import is here.
   * @returns false when that could not be written */
  markWhole(): boolean {
    this.flush();
    try {
      this.#openSegment().markWhole();
      return true;
    } catch (cause) {
      this.#startPause(cause);
      return false;
    }
  }

  /** Commits what is pending. Never throws. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    const sequences = batch.map(({ sequence }) => sequence);
    try {
      this.#openSegment().write(batch);
    } catch (cause) {
      const reason = this.#startPause(cause);
      this.#options.onDropped(sequences, reason);
      return;
    }
    const wasPaused = this.#pause !== null;
    this.#pause = null;
    this.#options.onCommitted(sequences);
    if (wasPaused) this.#options.onResumed?.();
    this.#rotateWhenFull();
  }

  /** Commits, closes the segment and lets go of the directory. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#segment?.close();
    this.#segment = null;
    this.#unlock();
  }

  #openFirstSegment(): void {
    try {
      this.#openSegment();
    } catch (cause) {
      if (dropReasonOf(cause) !== "disk_full") throw cause;
      this.#startPause(cause);
    }
  }

  #openSegment(): SegmentWriter {
    if (this.#segment !== null) return this.#segment;
    this.#segment = this.#newSegment();
    if (this.#counters !== null) this.#segment.counters(this.#counters.at, this.#counters.snapshot);
    return this.#segment;
  }

  #newSegment(): SegmentWriter {
    const { clock, epoch, labels, primaries = [], redaction, redactionRules = [], keyId, vault = null, isImport = false } = this.#options;
    // A new key a segment: each can be kept, copied and deleted for itself.
    const sealer = vault === null ? null : new Sealer(vault);
    const retention = planRetention(this.directory, this.#limits, { now: clock.now(), epoch });
    const meta = {
      tool: `penumbra ${toolVersion}`,
      createdAtMs: clock.now(),
      monotonicMs: clock.monotonic(),
      epoch,
      labels,
      primaries,
      redaction,
      redactionRules,
      keyId,
      vault: sealer?.header ?? null,
      removed: retention.removed,
      imported: isImport ? ("part" as const) : null,
    };
    const segment = new SegmentWriter(nextSegmentPath(this.directory), meta, sealer, this.#options.createSegment);
    deleteSegments(retention.paths);
    return segment;
  }

  /** The next batch opens the next segment. */
  #rotateWhenFull(): void {
    if (this.#segment === null) return;
    const age = this.#options.clock.now() - this.#segment.createdAtMs;
    if (this.#segment.size() < this.#limits.segmentBytes && age < this.#limits.segmentMs) return;
    this.#segment.close();
    this.#segment = null;
  }

  /** After a failure the segment is closed as it is and the next try makes a new one: what went wrong
   * with a file (moved away, disk gone, quota) often is over with the next. */
  #startPause(cause: unknown): RecordDropReason {
    const reason = dropReasonOf(cause);
    const lasts = this.#pause === null ? this.#limits.retryMs : Math.min(this.#pause.lasts * 2, this.#limits.longestRetryMs);
    this.#pause = { reason, lasts, until: monotonicMs(this.#options.clock.monotonic() + lasts) };
    this.#segment?.close();
    this.#segment = null;
    this.#options.onPaused(reason);
    return reason;
  }
}

function bytesOf(secrets: ReadonlyMap<string, string>): number {
  let sum = 0;
  for (const value of secrets.values()) sum += value.length;
  return sum;
}

function recoverOne(path: string): void {
  try {
    recoverSegment(path);
  } catch (cause) {
    // Not repairable now: reading and `verify` say what is wrong with it; recording goes on beside it.
    if (!(cause instanceof Database.SqliteError)) throw cause;
  }
}

function dropReasonOf(cause: unknown): RecordDropReason {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT" ? "disk_full" : "record_error";
}
