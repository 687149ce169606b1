/** What retention has taken out of a recording, in words. Pure. */

import type { Removed } from "../recording/removed.ts";

export function removedText({ segments, exchanges, first, last }: Removed): string {
  const when = first === null || last === null ? "" : ` of ${new Date(first).toISOString()} to ${new Date(last).toISOString()}`;
  return `removed by retention: ${exchanges} exchanges${when}, in ${segments} segment${segments === 1 ? "" : "s"}`;
}
