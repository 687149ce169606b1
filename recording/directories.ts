/** Directories that may have to be made first. One at a time: Node's own recursive way never returns where the system says that
 * there is no parent though there is one, as it does under /proc. */

import { existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { privateDirectory } from "./atomic-file.ts";

/** The directory and those above it that are not there, outermost first. */
export function missingDirectories(directory: string): readonly string[] {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  return missing;
}

/** Makes the directory and those above it that are not there, each for its owner only unless told otherwise.
 * @throws the system's error */
export function makeDirectories(directory: string, mode: number = privateDirectory): void {
  for (const path of missingDirectories(directory)) {
    try {
      mkdirSync(path, { mode });
    } catch (cause) {
      // Somebody else may have been faster.
      if (!isDirectory(path)) throw cause;
    }
  }
}

/** False also for what cannot be looked at. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a file stands there, where a directory was wanted. False also for what cannot be looked at. */
export function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
}
