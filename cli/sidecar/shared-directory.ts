/** A directory in which others may write is no place for a recording: they can put files of theirs in the place of its own. */

import { statSync } from "node:fs";
import { note } from "../terminal.ts";

const othersMayWrite = 0o022;

/** Says so; it is the operator's to decide. @param directory one that is there */
export function warnOfOthers(directory: string): void {
  // There are no such modes on Windows.
  if (process.platform === "win32") return;
  const mode = statSync(directory).mode & 0o777;
  if ((mode & othersMayWrite) === 0) return;
  note(`penumbra: others may write in ${directory} (mode ${mode.toString(8)}) and so change what is recorded; chmod go-w it`);
}
