/** Writes a recording that is a part of another: what was recorded where, under which rules, is taken over. It is made beside its place
 * and moved there when it is whole.
 *
 *    exchanges ─► OUT.partial/000001.penumbra … ─► OUT            interrupted or failed: nothing is left */

import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import type { Clock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import type { Exchange } from "../model/exchange.ts";
import { reasonOf } from "./atomic-file.ts";
import { openRecording, type RecordingMeta } from "./open.ts";
import { claimDirectory, segmentPaths } from "./recording-directory.ts";
import { RecordingWriter } from "./writer.ts";

export interface DerivedOptions {
  readonly out: string;
  /** Replace a recording that is there. */
  readonly force: boolean;
  readonly clock: Clock;
  /** Of what redacted the exchanges; null = the original's own. */
  readonly redaction: { readonly description: string; readonly keyId: string | null } | null;
  readonly signal: AbortSignal;
}

/** Whether a recording can be made at `out`, before the work.
 * @throws PenumbraError `RECORDING_EXISTS`, `DIRECTORY_NOT_OURS`, `CANNOT_WRITE` */
export function checkDerivedPlace(out: string, force: boolean): void {
  const isThere = existsSync(out);
  claimDirectory(out);
  const isEmpty = segmentPaths(out).length === 0;
  if (!isThere) rmSync(out, { recursive: true });
  if (!isEmpty && !force) throw new PenumbraError("RECORDING_EXISTS", `${out} is already there`, "add --force to replace it");
}

/** @param original what the exchanges are from
 * @returns how many were written; null when it was interrupted */
export async function writeDerived(
  original: RecordingMeta,
  exchanges: AsyncIterable<Exchange>,
  options: DerivedOptions,
): Promise<number | null> {
  const { out, signal } = options;
  const partial = `${out}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    const count = await writeAll(partial, original, exchanges, options);
    if (signal.aborted) return null;
    rmSync(out, { recursive: true, force: true });
    renameSync(partial, out);
    return count;
  } catch (cause) {
    if (cause instanceof PenumbraError) throw cause;
    throw new PenumbraError("CANNOT_WRITE", `${out} cannot be written: ${reasonOf(cause)}`, "check its permissions and the disk", cause);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function writeAll(
  directory: string,
  original: RecordingMeta,
  exchanges: AsyncIterable<Exchange>,
  { out, clock, redaction, signal }: DerivedOptions,
): Promise<number> {
  const newest = original.segments.at(-1);
  let [written, lost] = [0, 0];
  const writer = RecordingWriter.open(directory, {
    labels: original.labels,
    primaries: original.primaries,
    epoch: randomUUID(),
    clock,
    redaction: redaction?.description ?? newest?.redaction ?? "off",
    keyId: redaction === null ? (newest?.keyId ?? null) : redaction.keyId,
    onCommitted: (sequences) => {
      written += sequences.length;
    },
    onDropped: (sequences) => {
      lost += sequences.length;
    },
    onPaused: () => {},
  });
  try {
    let sequence = 0;
    for await (const exchange of exchanges) {
      if (signal.aborted || lost > 0) break;
      writer.append(++sequence, exchange);
    }
  } finally {
    writer.close();
  }
  if (lost > 0) throw new PenumbraError("CANNOT_WRITE", `${out} could not be written whole`, "check the space on the disk");
  // What was written can be read.
  (await openRecording(directory)).close();
  return written;
}
