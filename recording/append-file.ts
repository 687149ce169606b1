/** Files that only grow, line by line: opened for it, and freed of a line that a dead writer left half written. */

import { closeSync, ftruncateSync, openSync, readSync, statSync } from "node:fs";
import { PenumbraError } from "../model/errors.ts";
import { privateFile, reasonOf } from "./atomic-file.ts";

/** @throws PenumbraError `CANNOT_WRITE` */
export function openAppending(path: string, flags: "a" | "ax" | "r+"): number {
  try {
    return openSync(path, flags, privateFile);
  } catch (cause) {
    throw new PenumbraError(
      "CANNOT_WRITE",
      `${path} cannot be opened: ${reasonOf(cause)}`,
      "check the directory and its permissions",
      cause,
    );
  }
}

const lineFeed = 0x0a;
/** Read from the end in pieces of this size until a line feed is found. */
const searchBytes = 64 * 1024;

/** Shortens a file to its last line feed; one that is not there is left so.
 * @throws PenumbraError `CANNOT_WRITE` */
export function cutHalfLine(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  const file = openAppending(path, "r+");
  try {
    let end = size;
    while (end > 0) {
      const start = Math.max(0, end - searchBytes);
      const piece = Buffer.alloc(end - start);
      readSync(file, piece, 0, piece.length, start);
      const found = piece.lastIndexOf(lineFeed);
      end = found >= 0 ? start + found + 1 : start;
      if (found >= 0) break;
    }
    if (end < size) ftruncateSync(file, end);
  } finally {
    closeSync(file);
  }
}
