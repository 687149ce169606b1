/** Retention: whole segments go, oldest first, when the recording is larger or older than it may be.
 *
 *    plan: which go, and what was in them ──► the next segment is made, and says so ──► they are deleted
 *
 * In this order a crash leaves at most a file that was to go: it is counted already, and goes next time. */

import { rmSync, statSync } from "node:fs";
import { PenumbraError } from "../model/errors.ts";
import { segmentNumber, segmentPaths } from "./recording-directory.ts";
import { nothingRemoved, type Removed } from "./removed.ts";
import { type SegmentFacts, segmentFacts } from "./segment-reader.ts";

export interface RetentionLimits {
  /** Of all segments; room for another of `segmentBytes` is kept free in it. null = any. */
  readonly keepBytes: number | null;
  /** From the start of a segment's last request. null = for ever. */
  readonly keepMs: number | null;
  readonly segmentBytes: number;
}

export interface RetentionPlan {
  readonly paths: readonly string[];
  /** With everything that went before; null = nothing ever did. */
  readonly removed: Removed | null;
}

/** What has to go before another segment is begun, at `now`, of `epoch`. */
export function planRetention(
  directory: string,
  { keepBytes, keepMs, segmentBytes }: RetentionLimits,
  { now, epoch }: { readonly now: number; readonly epoch: string },
): RetentionPlan {
  const paths = segmentPaths(directory);
  const before = removedBefore(paths);
  const sizes = new Map(paths.map((path) => [path, sizeOf(path)]));
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const leaving: string[] = [];
  for (const path of paths) {
    const isLeftOver = segmentNumber(path) <= before.through;
    const isTooMuch = keepBytes !== null && total + segmentBytes > keepBytes;
    const isTooOld = keepMs !== null && now - newestIn(path) > keepMs;
    if (!isLeftOver && !isTooMuch && !isTooOld) break;
    leaving.push(path);
    total -= sizes.get(path) ?? 0;
  }
  const counted = leaving.filter((path) => segmentNumber(path) > before.through).reduce(withSegment, before);
  const left = new Set([epoch, ...paths.slice(leaving.length).flatMap((path) => factsOf(path)?.meta.epoch ?? [])]);
  const removed = counted === nothingRemoved ? null : { ...counted, byEpoch: onlyOf(left, counted.byEpoch) };
  return { paths: leaving, removed };
}

/** What cannot be deleted is tried again with the next segment. */
export function deleteSegments(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    } catch {
      // Recording goes on; the file stays to be seen.
    }
  }
}

/** As the newest segment tells it that can be read; nothing where nobody does. */
function removedBefore(paths: readonly string[]): Removed {
  for (const path of paths.toReversed()) {
    const facts = factsOf(path);
    if (facts !== null) return facts.meta.removed ?? nothingRemoved;
  }
  return nothingRemoved;
}

function withSegment(removed: Removed, path: string): Removed {
  const facts = factsOf(path);
  const gone = { ...removed, through: segmentNumber(path), segments: removed.segments + 1 };
  if (facts === null) return gone;
  const { exchanges, first, last, meta } = facts;
  return {
    ...gone,
    exchanges: removed.exchanges + exchanges,
    first: earlier(removed.first, first?.at ?? null),
    last: later(removed.last, last?.at ?? null),
    byEpoch: { ...removed.byEpoch, [meta.epoch]: (removed.byEpoch[meta.epoch] ?? 0) + exchanges },
  };
}

function onlyOf(epochs: ReadonlySet<string>, counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([epoch]) => epochs.has(epoch)));
}

/** Start of its last request, ms since 1970; when nothing is in it, or it cannot be read, when it was made or written last. */
function newestIn(path: string): number {
  const facts = factsOf(path);
  return facts === null ? statSync(path).mtimeMs : (facts.last?.at ?? facts.meta.createdAtMs);
}

function factsOf(path: string): SegmentFacts | null {
  try {
    return segmentFacts(path);
  } catch (cause) {
    if (cause instanceof PenumbraError) return null;
    throw cause;
  }
}

function sizeOf(path: string): number {
  return statSync(path).size + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
