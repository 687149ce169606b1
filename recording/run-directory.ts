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

/** Puts a run aside as a window, so that another can begin in its place; what is not ours stays where it is. A crash or a failure
 * in between is made good by `restoreWindow`.
 * @param name of the window: when it began
 * @throws PenumbraError `CANNOT_WRITE` */
export function setAside(directory: string, name: string): void {
  const path = join(directory, windowsDirectory, name);
  try {
    makeDirectories(path);
    moveRun(directory, path);
  } catch (cause) {
    throw cannotMove(directory, path, cause);
  }
}

/** Moves what is left of a run to its window, to which its meta data had been moved when the process ended or the disk failed.
 * @throws PenumbraError `CANNOT_WRITE` */
export function restoreWindow(directory: string): void {
  if (existsSync(join(directory, metaFile)) || !existsSync(join(directory, entriesFile))) return;
  const window = windowsOf(directory).findLast((path) => existsSync(join(path, metaFile)) && !existsSync(join(path, entriesFile)));
  if (window === undefined) return;
  try {
    moveRun(directory, window);
  } catch (cause) {
    throw cannotMove(directory, window, cause);
  }
}

/** The meta data go first and the log last: a log without meta data says that its window is not whole yet. */
function moveRun(directory: string, window: string): void {
  const ends = [metaFile, entriesFile, windowsDirectory];
  const between = readdirSync(directory).filter((entry) => !ends.includes(entry) && isOurs(directory, entry));
  for (const entry of [metaFile, ...between, entriesFile]) {
    if (existsSync(join(directory, entry))) renameSync(join(directory, entry), join(window, entry));
  }
}

function cannotMove(directory: string, window: string, cause: unknown): PenumbraError {
  const hint = `check ${join(directory, windowsDirectory)}, its permissions and the space on the disk`;
  return new PenumbraError("CANNOT_WRITE", `the run cannot be moved to ${window}: ${reasonOf(cause)}`, hint, cause);
}

/** Removes the windows that ended before a time (epoch, ms), with all that is in them.
 * @throws PenumbraError `CANNOT_WRITE` when one of them cannot be removed; the others are */
export function removeWindows(directory: string, before: number): void {
  const windows = windowsOf(directory);
  let failure: PenumbraError | null = null;
  for (const [index, path] of windows.entries()) {
    // A window ends where the next one begins; the newest of them ended just now.
    const next = windows[index + 1];
    if (next === undefined || beginningOf(next) >= before) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (cause) {
      failure ??= new PenumbraError("CANNOT_WRITE", `${path} cannot be removed: ${reasonOf(cause)}`, "check its permissions", cause);
    }
  }
  if (failure !== null) throw failure;
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
