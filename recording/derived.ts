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
import { openRecording, type Recording } from "./open.ts";
import { claimDirectory, segmentPaths } from "./recording-directory.ts";
import type { Redactor } from "./redaction.ts";
import { joinedRules } from "./redaction-rules.ts";
import { copyVaults, noteTokens } from "./vault/vault-copy.ts";
import { RecordingWriter } from "./writer.ts";
import { lockDirectory } from "./writer-lock.ts";

export interface DerivedOptions {
  readonly out: string;
  /** Replace a recording that is there. */
  readonly force: boolean;
  readonly clock: Clock;
  /** What redacted the exchanges; null = they are as they were recorded. */
  readonly redaction: Pick<Redactor, "description" | "keyId" | "rules"> | null;
  readonly signal: AbortSignal;
}

/** Whether a recording can be made at `out`, before the work.
 * @throws PenumbraError `RECORDING_EXISTS`, `RECORDING_BUSY`, `DIRECTORY_NOT_OURS`, `CANNOT_WRITE` */
export function checkDerivedPlace(out: string, force: boolean): void {
  const isThere = existsSync(out);
  claimDirectory(out);
  const isEmpty = segmentPaths(out).length === 0;
  if (!isThere) rmSync(out, { recursive: true });
  if (isEmpty) return;
  if (!force) throw new PenumbraError("RECORDING_EXISTS", `${out} is already there`, "add --force to replace it");
  // Nobody may be recording into it.
  lockDirectory(out, "recording")();
}

/** @param original what the exchanges are from; the sealed values of their tokens are taken over
 * @returns how many were written; null when it was interrupted */
export async function writeDerived(
  original: Pick<Recording, "meta" | "segmentPaths">,
  exchanges: AsyncIterable<Exchange>,
  options: DerivedOptions,
): Promise<number | null> {
  const { out, signal } = options;
  const partial = `${out}.partial`;
  // What a killed run of ours has left may go, and nothing else.
  claimDirectory(partial);
  rmSync(partial, { recursive: true });
  try {
    const count = await writeAll(partial, original, exchanges, options);
    if (signal.aborted) return null;
    rmSync(out, { recursive: true, force: true });
    renameSync(partial, out);
    return count;
  } catch (cause) {
    if (cause instanceof PenumbraError || !(cause instanceof Error && "code" in cause)) throw cause;
    throw new PenumbraError("CANNOT_WRITE", `${out} cannot be written: ${reasonOf(cause)}`, "check its permissions and the disk", cause);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function writeAll(
  directory: string,
  { meta, segmentPaths: originals }: Pick<Recording, "meta" | "segmentPaths">,
  exchanges: AsyncIterable<Exchange>,
  { out, clock, redaction, signal }: DerivedOptions,
): Promise<number> {
  const newest = meta.segments.at(-1);
  const hasVault = meta.segments.some(({ vault }) => vault !== null);
  const tokens = new Set<string>();
  let [written, lost] = [0, 0];
  const writer = RecordingWriter.open(directory, {
    labels: meta.labels,
    primaries: meta.primaries,
    epoch: randomUUID(),
    clock,
    redaction: redaction?.description ?? newest?.redaction ?? "off",
    redactionRules: redaction?.rules ?? joinedRules(meta.segments.map((each) => each.redactionRules)),
    keyId: redaction === null ? (newest?.keyId ?? null) : redaction.keyId,
    // Of a part nobody can make a whole.
    isImport: meta.isPartial,
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
      if (hasVault) noteTokens(exchange.request, tokens);
    }
  } finally {
    writer.close();
  }
  if (lost > 0) throw new PenumbraError("CANNOT_WRITE", `${out} could not be written whole`, "check the space on the disk");
  copyVaults(originals, directory, tokens);
  // What was written can be read.
  (await openRecording(directory)).close();
  return written;
}
