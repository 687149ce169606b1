/** The RUN directory: which files in it are ours, and whether we may write there. */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { reasonOf } from "./atomic-file.ts";
import { isDirectory, isFile, makeDirectories } from "./directories.ts";
import { isObject } from "./fields.ts";
import { runSchema } from "./run-json.ts";
import { isLockFile, lockDirectory } from "./writer-lock.ts";

export const metaFile = "run.json";
export const entriesFile = "entries.ndjson";
/** Writes that were about to be sent, while the replay is not finished. */
export const writesFile = "writes.ndjson";
/** Small recordings that show single findings again. */
export const reproductionsDirectory = "reproductions";
/** What a run leaves in its directory: its log, its meta data, the reports made of it, leftovers of a crash. */
const ourFiles = /^(run\.json|entries\.ndjson|writes\.ndjson|report\.(json|html|txt|md|xml)|\..+\.tmp)$/;
const ourReproductions = /^([0-9a-f]{12}\.ndjson|\..+\.tmp)$/;

/** Makes `directory` an empty place for a run, and locks it.
 * @returns how to let go of the lock
 * @throws PenumbraError `RUN_EXISTS` without `force`, `DIRECTORY_NOT_OURS` and `RUN_BUSY` always, `CANNOT_WRITE` */
export function claimRunDirectory(directory: string, force: boolean): () => void {
  checkEntries(directory, force);
  const unlock = lockDirectory(directory, "run");
  try {
    // Looked at again: somebody else may have begun a run before the lock was ours.
    for (const entry of checkEntries(directory, force))
      rmSync(join(directory, entry), { force: true, recursive: entry === reproductionsDirectory });
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @returns what an earlier run has left there, which may be taken away */
function checkEntries(directory: string, force: boolean): readonly string[] {
  const entries = makeDirectory(directory).filter((entry) => !isLockFile(entry));
  if (entries.length === 0) return [];
  const ours = entries.every((entry) => isOurs(directory, entry)) && (!entries.includes(metaFile) || isOurMeta(join(directory, metaFile)));
  if (!ours) {
    throw new PenumbraError("DIRECTORY_NOT_OURS", `${directory} holds files that are not a run's`, "name a new directory, or an empty one");
  }
  if (!force) {
    throw new PenumbraError("RUN_EXISTS", `${directory} already holds a run`, "name another directory, or add --force to replace it");
  }
  return entries;
}

function isOurs(directory: string, entry: string): boolean {
  if (entry !== reproductionsDirectory) return ourFiles.test(entry);
  const path = join(directory, entry);
  return isDirectory(path) && readdirSync(path).every((name) => ourReproductions.test(name));
}

function makeDirectory(directory: string): readonly string[] {
  try {
    makeDirectories(directory);
    return readdirSync(directory);
  } catch (cause) {
    if (isFile(directory)) {
      throw new PenumbraError("DIRECTORY_NOT_OURS", `${directory} is a file, not a directory`, "name a new directory", cause);
    }
    throw new PenumbraError("CANNOT_WRITE", `${directory} cannot be used: ${reasonOf(cause)}`, "check the path and its permissions", cause);
  }
}

function isOurMeta(path: string): boolean {
  try {
    const meta: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isObject(meta) && meta["schema"] === runSchema;
  } catch {
    // Unreadable or no JSON: then it is somebody else's, which is the answer.
    return false;
  }
}
