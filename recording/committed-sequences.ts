/** Which exchanges of one life of the live process are on disk: what is asked when an observer was lost, whose last words
 * may have been lost with it. */

import { PenumbraError } from "../model/errors.ts";
import { isDirectory } from "./directories.ts";
import { segmentPaths } from "./recording-directory.ts";
import { openSegment, readingSegment } from "./segment-file.ts";

/** The live process remembers 100,000 undecided copies and as many lost ones, so older ones need not be told again. */
const mostRecovered = 200_000;

/** The newest sequences of an epoch that are on disk, ascending, at most `mostRecovered`. A segment that cannot be read has none
 * to offer. */
export function committedSequences(directory: string, epoch: string): number[] {
  const found: number[] = [];
  for (const path of segmentsLeft(directory).toReversed()) {
    if (found.length >= mostRecovered) break;
    found.push(...sequencesIn(path, epoch, mostRecovered - found.length));
  }
  return found.toSorted((a, b) => a - b);
}

/** None when the directory is gone. */
function segmentsLeft(directory: string): readonly string[] {
  return isDirectory(directory) ? segmentPaths(directory) : [];
}

function sequencesIn(path: string, epoch: string, atMost: number): number[] {
  try {
    const segment = openSegment(path);
    try {
      const newest = segment.database
        .prepare<[string, number], number>("SELECT sequence FROM exchange WHERE epoch = ? ORDER BY sequence DESC LIMIT ?")
        .pluck();
      return readingSegment(path, () => newest.all(epoch, atMost));
    } finally {
      segment.close();
    }
  } catch (cause) {
    // Damaged or gone: what was in it stays lost in the ledger; `verify` says what is wrong.
    if (!(cause instanceof PenumbraError)) throw cause;
    return [];
  }
}
