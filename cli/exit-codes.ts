/** What each way of ending means to a script; the one table that turns endings into exit codes. */

import { PenumbraError } from "../model/errors.ts";

export const exitCode = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An error that the user can mend is usage (2); anything else is a bug and must not look like a failed gate (70). */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof PenumbraError ? exitCode.usage : exitCode.internal;
}
