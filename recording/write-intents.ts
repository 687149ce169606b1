/** Which writes a replay was about to send, told before each of them leaves, so that none is sent twice when the replay is gone
 * on with after its process was killed.
 *
 *    write is released ─► WriteIntents.note ─► writes.ndjson ─► it is sent ─► its answer ─► entries.ndjson (in batches)
 *                                                 └ here, and not in the log: it may have taken effect
 *
 * One write call a record, and no fsync: what the system has taken outlives the process, not the machine. The file is there only
 * while there is something to go on with. */

import { closeSync, existsSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { cutHalfLine, openAppending } from "./append-file.ts";
import { reasonOf } from "./atomic-file.ts";
import { linesOf } from "./lines.ts";
import { writesFile } from "./run-directory.ts";

export class WriteIntents {
  readonly #path: string;
  /** null before the first write: a replay of reads leaves no file. */
  #file: number | null = null;

  /** @param directory of a run whose writer holds its lock */
  constructor(directory: string) {
    this.#path = join(directory, writesFile);
  }

  /** Returns when the system has the record: only then may the write be sent.
   * @throws PenumbraError `CANNOT_WRITE` */
  note(name: string): void {
    this.#file ??= this.#opened();
    const record = Buffer.from(`${JSON.stringify(name)}\n`);
    try {
      for (let written = 0; written < record.length; ) written += writeSync(this.#file, record, written);
    } catch (cause) {
      throw new PenumbraError("CANNOT_WRITE", `${this.#path} cannot be written: ${reasonOf(cause)}`, "check the space on the disk", cause);
    }
  }

  /** @param isWhole the run is finished: nobody will ask any more */
  close(isWhole: boolean): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    if (isWhole) rmSync(this.#path, { force: true });
  }

  #opened(): number {
    // The write of a half record never left.
    cutHalfLine(this.#path);
    return openAppending(this.#path, "a");
  }
}

/** The names of a run's intents, in the order in which the writes were released; none where there is no such file.
 * @throws PenumbraError `RUN_DAMAGED`, `CANNOT_READ` */
export async function* writeIntents(directory: string): AsyncGenerator<string> {
  const path = join(directory, writesFile);
  if (!existsSync(path)) return;
  try {
    for await (const { bytes, ended, number } of linesOf(path)) {
      if (ended) yield idOf(bytes, `${path} line ${number}`);
    }
  } catch (cause) {
    if (cause instanceof PenumbraError) throw cause;
    throw new PenumbraError("CANNOT_READ", `${path} cannot be read: ${reasonOf(cause)}`, "check its permissions", cause);
  }
}

function idOf(bytes: Buffer, place: string): string {
  const id = parsed(bytes.toString("utf8"));
  if (typeof id === "string") return id;
  throw new PenumbraError("RUN_DAMAGED", `${place} is no exchange id`, "the file was changed or cut; run again");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no id either.
    return null;
  }
}
