/** Files for reports. The summary of a GitHub Actions step is one that the whole step adds to, so a report is put behind what is in
 * it already; every other file is replaced. */

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { PenumbraError } from "../model/errors.ts";
import { reasonOf } from "../recording/atomic-file.ts";
import { writeOutputFile } from "./output-file.ts";

/** The path of `--report FORMAT=-`. */
export const standardOutput = "-";

/** How much of the step's summary is taken; 0 for every other file. */
export function summaryBytesAt(path: string): number {
  return isStepSummary(path) ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0;
}

/** @throws PenumbraError `CANNOT_WRITE` */
export function writeReportFile(path: string, text: string): void {
  writeOutputFile(path, summaryBytesAt(path) === 0 ? text : `${textOf(path)}\n${text}`);
}

function isStepSummary(path: string): boolean {
  const summary = process.env["GITHUB_STEP_SUMMARY"] ?? "";
  return summary !== "" && resolve(path) === resolve(summary);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PenumbraError("CANNOT_WRITE", `${path} cannot be added to: ${reasonOf(cause)}`, "check its permissions", cause);
  }
}
