/** Files that are either the old ones or the new ones, never half of one: written beside their
 * place, synced, then renamed over it. */

import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PenumbraError } from "../model/errors.ts";

/** What we write may hold traffic: for its owner only. */
export const privateFile = 0o600;
/** Directories with traffic likewise. */
export const privateDirectory = 0o700;
const permissionBits = 0o777;

/** Files that a crash may leave behind end with this. */
export const temporarySuffix = ".tmp";

/** Writes a whole file or nothing. A file that exists keeps its mode, a new one is 0600; a symbolic
 * link stays one; what is no regular file (a pipe, /dev/stdout) is simply written to.
 * @throws PenumbraError `CANNOT_WRITE` */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) writeFileSync(path, content);
    else replaceFile(existing === undefined ? path : realpathSync(path), content, existing);
  } catch (cause) {
    throw new PenumbraError(
      "CANNOT_WRITE",
      `${path} cannot be written: ${reasonOf(cause)}`,
      "check the directory, its permissions and the space on the disk",
      cause,
    );
  }
}

function replaceFile(path: string, content: string | Uint8Array, existing: Stats | undefined): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}${temporarySuffix}`);
  try {
    const file = openSync(temporary, "wx", existing === undefined ? privateFile : existing.mode & permissionBits);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

/** The system's own word for a failed file operation ("ENOSPC: no space left on device"), without the path. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split(",")[0] ?? cause.message) : String(cause);
}
