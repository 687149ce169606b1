/** The RUN directory: which files in it are ours, and whether we may write there. */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
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
/** Earlier windows of a live run, each a run of its own. */
const windowsDirectory = "windows";
/** What a run leaves in its directory: its log, its meta data, the reports made of it, leftovers of a crash. */
const ourFiles = /^(run\.json|entries\.ndjson|writes\.ndjson|report\.(json|html|txt|md|xml)|\..+\.tmp)$/;
/** `2026-11-27T08-30-00.000Z` */
const ourWindow = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/;
const directoriesOfOurs: ReadonlySet<string> = new Set([reproductionsDirectory, windowsDirectory]);
const ourReproductions = /^([0-9a-f]{12}\.ndjson|\..+\.tmp)$/;

/** Makes `directory` an empty place for a run, and locks it. Windows that are there stay: they are runs of their own.
 * @returns how to let go of the lock
 * @throws PenumbraError `RUN_EXISTS` without `force`, `DIRECTORY_NOT_OURS` and `RUN_BUSY` always, `CANNOT_WRITE` */
export function claimRunDirectory(directory: string, force: boolean): () => void {
  checkEntries(directory, force);
  const unlock = lockDirectory(directory, "run");
  try {
    // Looked at again: somebody else may have begun a run before the lock was ours.
    for (const entry of checkEntries(directory, force))
      rmSync(join(directory, entry), { force: true, recursive: directoriesOfOurs.has(entry) });
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @returns what an earlier run has left there, which may be taken away: all but its windows */
function checkEntries(directory: string, force: boolean): readonly string[] {
  const entries = makeDirectory(directory).filter((entry) => !isLockFile(entry));
  if (entries.length === 0) return [];
  const ours = entries.every((entry) => isOurs(directory, entry)) && (!entries.includes(metaFile) || isOurMeta(join(directory, metaFile)));
  if (!ours) {
    throw new PenumbraError("DIRECTORY_NOT_OURS", `${directory} holds files that are not a run's`, "name a new directory, or an empty one");
  }
  const left = entries.filter((entry) => entry !== windowsDirectory);
  if (left.length > 0 && !force) {
    throw new PenumbraError("RUN_EXISTS", `${directory} already holds a run`, "name another directory, or add --force to replace it");
  }
  return left;
}

function isOurs(directory: string, entry: string): boolean {
  if (!directoriesOfOurs.has(entry)) return ourFiles.test(entry);
  const path = join(directory, entry);
  if (!isDirectory(path)) return false;
  // What somebody keeps inside a window is not looked at: no run that begins here takes a window away.
  const ours = entry === reproductionsDirectory ? ourReproductions : ourWindow;
  return readdirSync(path).every((name) => ours.test(name));
}

/** Puts a run aside as a window, so that another can begin in its place; a crash in between is made good by `restoreWindow`.
 * @param name of the window: when it began
 * @returns where it is now
 * @throws PenumbraError `CANNOT_WRITE` */
export function setAside(directory: string, name: string): string {
  const path = join(directory, windowsDirectory, name);
  makeDirectories(path);
  // The meta data go first: a log alone in `directory` says that its window is not whole yet.
  const order = [
    metaFile,
    ...readdirSync(directory).filter((entry) => entry !== metaFile && entry !== windowsDirectory && isOurs(directory, entry)),
  ];
  for (const entry of order) renameSync(join(directory, entry), join(path, entry));
  return path;
}

/** Moves a log to its window whose meta data had been moved when the process ended. */
export function restoreWindow(directory: string): void {
  if (existsSync(join(directory, metaFile)) || !existsSync(join(directory, entriesFile))) return;
  const window = windowsOf(directory).findLast((path) => existsSync(join(path, metaFile)) && !existsSync(join(path, entriesFile)));
  if (window !== undefined) renameSync(join(directory, entriesFile), join(window, entriesFile));
}

/** Removes the windows that ended before a time (epoch, ms). */
export function removeWindows(directory: string, before: number): void {
  const windows = windowsOf(directory);
  // A window ends where the next one begins; the newest of them ended just now.
  windows.forEach((path, index) => {
    const next = windows[index + 1];
    if (next !== undefined && beginningOf(next) < before) rmSync(path, { recursive: true, force: true });
  });
}

function beginningOf(window: string): number {
  const [date = "", time = ""] = basename(window).split("T");
  return Date.parse(`${date}T${time.replaceAll("-", ":")}`);
}

/** Paths of the earlier windows, oldest first. */
export function windowsOf(directory: string): readonly string[] {
  const path = join(directory, windowsDirectory);
  if (!isDirectory(path)) return [];
  return readdirSync(path)
    .filter((name) => ourWindow.test(name))
    .toSorted()
    .map((name) => join(path, name));
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
