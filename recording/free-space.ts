/** How much room is left where something is kept. */

import { statfsSync } from "node:fs";

/** Bytes that may still be written at this path; null where the system does not say. */
export function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // Not there yet, or taken away: a gauge that is missing says so.
    return null;
  }
}
