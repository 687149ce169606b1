/** What a start has made on disk, to be taken away again when it does not come to serve. What was there before stays, and so does
 * what others have put there since. */

import { rmdirSync, rmSync } from "node:fs";
import { missingDirectories } from "../../recording/directories.ts";

export class StartTraces {
  readonly #removals: (() => void)[] = [];

  /** Before a directory is made, or what is in it. */
  willMake(directory: string): void {
    for (const path of missingDirectories(directory)) this.#removals.push(() => rmdirSync(path));
  }

  /** After a file was made that was not there before. */
  hasMade(file: string): void {
    this.#removals.push(() => rmSync(file, { force: true }));
  }

  /** The last one first. */
  remove(): void {
    for (const remove of this.#removals.splice(0).toReversed()) {
      try {
        remove();
      } catch {
        // Never made, in use by somebody else by now, or not to be removed: the failure that ends the start is what is told.
      }
    }
  }
}
