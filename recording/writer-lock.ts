/** One writer a directory, be it a recording's or a run's. The lock is SQLite's on a file of its own: it goes with its process, however
 * that ends. */

import { closeSync, constants, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { PenumbraError } from "../model/errors.ts";
import { privateFile, reasonOf } from "./atomic-file.ts";

const lockFile = "writer.lock";
/** A writer that is just being replaced gets this long to go. */
const lockTimeoutMs = 500;

/** Where the lock of a directory lies. It stays when its writer has gone: whoever waits for it holds that very file. */
export function lockPath(directory: string): string {
  return join(directory, lockFile);
}

export function isLockFile(name: string): boolean {
  return name === lockFile || name === `${lockFile}-journal`;
}

/** @returns how to let go
 * @throws PenumbraError `RECORDING_BUSY`, `RUN_BUSY`, `CANNOT_WRITE` */
export function lockDirectory(directory: string, what: "recording" | "run"): () => void {
  let lock: Database.Database | undefined;
  try {
    const path = lockPath(directory);
    // Not where a link leads: whoever may put one here must not choose what is opened for writing.
    closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0), privateFile));
    lock = new Database(path, { timeout: lockTimeoutMs });
    lock.pragma("journal_mode = MEMORY");
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock?.close();
    if (cause instanceof Database.SqliteError && cause.code === "SQLITE_BUSY") throw busy(directory, what, cause);
    if (cause instanceof Error && "code" in cause && cause.code === "ELOOP") throw linked(directory, cause);
    throw new PenumbraError(
      "CANNOT_WRITE",
      `${directory} cannot be written: ${reasonOf(cause)}`,
      "check its permissions and the space on the disk",
      cause,
    );
  }
  return () => lock.close();
}

/** Whether somebody holds it at this moment. */
export function isLocked(directory: string): boolean {
  if (!existsSync(lockPath(directory))) return false;
  let lock: Database.Database | undefined;
  try {
    lock = new Database(lockPath(directory), { readonly: true, fileMustExist: true, timeout: 0 });
    lock.pragma("schema_version");
    return false;
  } catch (cause) {
    return cause instanceof Database.SqliteError && cause.code === "SQLITE_BUSY";
  } finally {
    lock?.close();
  }
}

function linked(directory: string, cause: unknown): PenumbraError {
  const hint = "remove the link, and see who else may write there";
  return new PenumbraError("CANNOT_WRITE", `${lockPath(directory)} is a symbolic link, which is not followed`, hint, cause);
}

function busy(directory: string, what: "recording" | "run", cause: unknown): PenumbraError {
  const hint = "name another directory, or stop the other one";
  return what === "recording"
    ? new PenumbraError("RECORDING_BUSY", `another penumbra is recording into ${directory}`, hint, cause)
    : new PenumbraError("RUN_BUSY", `another penumbra is writing the run ${directory}`, hint, cause);
}
