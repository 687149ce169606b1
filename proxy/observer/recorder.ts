/** Stores captured exchanges: redacted first, told to the ledger after COMMIT.
 *
 *    exchangeComplete ──► redact ──► RecordingWriter ──COMMIT──► disposition "done"
 *                           ├─ what tokens stand for ─► sealed beside them, with --record-vault
 *                           └─ fails: never stored raw, `redaction_error`
 *
 * Exchanges that broke off are stored too, with their outcome. */

import { committedSequences } from "../../recording/committed-sequences.ts";
import type { Redactor } from "../../recording/redaction.ts";
import { RecordingWriter, type RecordingWriterOptions, type RecordDropReason as WriterDropReason } from "../../recording/writer.ts";
import type { RecordDropReason } from "../handover/reasons.ts";
import type { CapturedExchange } from "./intake.ts";

export interface RecorderOptions {
  readonly directory: string;
  readonly writer: Omit<RecordingWriterOptions, "onCommitted" | "onDropped" | "onPaused" | "onResumed">;
  readonly redaction: Pick<Redactor, "exchange">;
  /** Called once for every captured sequence, and again at the start for what an earlier observer committed. */
  readonly dispose: (sequence: number, result: "done" | RecordDropReason) => void;
  readonly onPaused: (reason: string) => void;
  readonly onResumed: () => void;
}

export class Recorder {
  readonly #writer: RecordingWriter;
  readonly #redaction: RecorderOptions["redaction"];
  readonly #hasVault: boolean;
  readonly #dispose: RecorderOptions["dispose"];

  /** @throws PenumbraError when the directory cannot be recorded into */
  constructor({ directory, writer, redaction, dispose, onPaused, onResumed }: RecorderOptions) {
    this.#redaction = redaction;
    this.#dispose = dispose;
    this.#hasVault = (writer.vault ?? null) !== null;
    this.#writer = RecordingWriter.open(directory, {
      ...writer,
      onCommitted: (sequences) => {
        for (const sequence of sequences) dispose(sequence, "done");
      },
      onDropped: (sequences, reason) => {
        for (const sequence of sequences) dispose(sequence, wordOf(reason));
      },
      onPaused,
      onResumed,
    });
  }

  /** Tells the live process again what an observer of the same epoch had committed before it died; the ledger
   * takes each sequence once. Returns how many there were. */
  recover(epoch: string): number {
    const committed = committedSequences(this.#writer.directory, epoch);
    for (const sequence of committed) this.#dispose(sequence, "done");
    return committed.length;
  }

  exchangeComplete({ sequence, exchange }: CapturedExchange): void {
    const secrets = new Map<string, string>();
    let redacted: CapturedExchange["exchange"];
    try {
      redacted = this.#redaction.exchange(exchange, this.#hasVault ? (token, value) => secrets.set(token, value) : null);
    } catch {
      // Counted by its reason; the message might quote a secret.
      this.#dispose(sequence, "redaction_error");
      return;
    }
    this.#writer.append(sequence, redacted, secrets);
  }

  /** Keeps the live process's ledger beside the exchanges: what the recording is missing, and why. */
  counters(snapshot: object): void {
    this.#writer.counters(snapshot);
  }

  /** Commits what is pending and closes the recording. */
  close(): void {
    this.#writer.close();
  }
}

/** The writer's word in the ledger's vocabulary. */
function wordOf(reason: WriterDropReason): RecordDropReason {
  switch (reason) {
    case "disk_full":
      return "disk_full";
    case "record_error":
      return "recorder_error";
    default:
      return reason satisfies never;
  }
}
