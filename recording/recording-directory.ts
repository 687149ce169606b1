/** The directory of a recording: its segments by number, whether it is ours, and who may write.
 *
 *    000001.penumbra   000002.penumbra (+ -wal, -shm while written)   writer.lock */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { reasonOf } from "./atomic-file.ts";
import { isFile, makeDirectories } from "./directories.ts";
import { openSegment } from "./segment-file.ts";

const segmentName = /^(\d{6})\.penumbra$/;
/** What a writer leaves beside its segments, also when it was killed. */
const leftover = /^(\d{6}\.penumbra(-wal|-shm|-journal|\.tmp|\.tmp-journal)|writer\.lock(-journal)?)$/;
const numberDigits = 6;

/** The directory's segments, oldest first. */
export function segmentPaths(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => segmentName.test(name))
    .toSorted()
    .map((name) => join(directory, name));
}

/** 17 of `000017.penumbra`; 0 for what has another name. */
export function segmentNumber(path: string): number {
  return Number(segmentName.exec(basename(path))?.[1] ?? 0);
}

export function segmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(numberDigits, "0")}.penumbra`);
}

/** The path for the segment after the newest. */
export function nextSegmentPath(directory: string): string {
  const numbers = readdirSync(directory).map(segmentNumber);
  return segmentPath(directory, Math.max(0, ...numbers) + 1);
}

/** Makes the directory, or checks that it is empty or a recording of ours.
 * @throws PenumbraError `DIRECTORY_NOT_OURS`, `RECORDING_NEWER`, `CANNOT_WRITE` */
export function claimDirectory(directory: string): void {
  const names = makeDirectory(directory);
  const segments = names.filter((name) => segmentName.test(name));
  if (segments.length === 0) {
    if (names.every((name) => leftover.test(name))) return;
    throw notOurs(directory, "holds other files and no recording");
  }
  for (const name of segments) checkOurs(directory, name);
}

function makeDirectory(directory: string): readonly string[] {
  try {
    makeDirectories(directory);
    return readdirSync(directory);
  } catch (cause) {
    if (isFile(directory)) throw notOurs(directory, "is a file, not a directory");
    throw new PenumbraError("CANNOT_WRITE", `${directory} cannot be used: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
}

/** A damaged segment of ours is no reason to stop recording beside it. */
function checkOurs(directory: string, name: string): void {
  try {
    openSegment(join(directory, name)).close();
  } catch (cause) {
    if (!(cause instanceof PenumbraError)) throw cause;
    if (cause.code === "NOT_A_RECORDING") throw notOurs(directory, `holds ${name}, which is none of our files`);
    if (cause.code === "RECORDING_NEWER") throw cause;
  }
}

function notOurs(directory: string, problem: string): PenumbraError {
  return new PenumbraError("DIRECTORY_NOT_OURS", `${directory} ${problem}`, "name a new directory, an empty one, or an existing recording");
}
