/** What may be wrong with a run that is followed while somebody writes it, and is no reason to end. */

import { PenumbraError } from "../../model/errors.ts";

/** There is none yet. */
export function isAbsence(problem: Error): boolean {
  return problem instanceof PenumbraError && problem.code === "NOT_A_RUN";
}

/** Not a fault of this program: what we complain of ourselves, what the system does, and a line that is longer than any of ours. */
export function isOfTheRun(error: unknown): error is Error {
  if (error instanceof PenumbraError || error instanceof RangeError) return true;
  return error instanceof Error && (error as NodeJS.ErrnoException).code !== undefined;
}
