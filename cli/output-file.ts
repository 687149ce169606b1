/** Files that the user has named for results: whether they can be written is known before the work, and their directories are made. */

import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { reasonOf, writeFileAtomically } from "../recording/atomic-file.ts";
import { isDirectory, makeDirectories, missingDirectories } from "../recording/directories.ts";

/** Results are meant to be passed on: what the umask allows. */
const publicDirectory = 0o777;

/** @param flag as the user gave it, for the error
 * @throws PenumbraError `CANNOT_WRITE` when it is certain that the file cannot be written; makes nothing */
export function checkOutputFile(path: string, flag: string): void {
  const problem = problemOf(path);
  if (problem === null) return;
  throw new PenumbraError("CANNOT_WRITE", `${flag} cannot be written: ${problem}`, "name a file in a directory that can be written");
}

/** Makes the file's directory when it is missing.
 * @throws PenumbraError `CANNOT_WRITE` */
export function writeOutputFile(path: string, text: string): void {
  makeOutputDirectory(dirname(path));
  writeFileAtomically(path, text);
}

/** @throws PenumbraError `CANNOT_WRITE` */
export function makeOutputDirectory(directory: string): void {
  try {
    makeDirectories(directory, publicDirectory);
  } catch (cause) {
    const what = `the directory ${directory} cannot be made: ${reasonOf(cause)}`;
    throw new PenumbraError("CANNOT_WRITE", what, "check the path and its permissions", cause);
  }
  if (!isDirectory(directory)) throw new PenumbraError("CANNOT_WRITE", `${directory} is not a directory`, "name another path");
}

function problemOf(path: string): string | null {
  if (path === "") return "no file is named";
  try {
    return statSync(path).isDirectory() ? "it is a directory" : null;
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) return reasonOf(cause);
  }
  const [outermost] = missingDirectories(dirname(path));
  const above = outermost === undefined ? dirname(path) : dirname(outermost);
  if (!isDirectory(above)) return `${above} is not a directory`;
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return null;
  } catch (cause) {
    return reasonOf(cause);
  }
}
