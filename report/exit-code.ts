/** The exit code of a finished run. */

import type { Report, Verdict } from "../model/report.ts";

const exitCodes: Readonly<Record<Verdict, 0 | 1 | 3>> = { pass: 0, fail: 1, inconclusive: 3 };

/** 0 pass, 1 fail, 3 inconclusive: a run that compared nothing never looks like a pass. */
export function exitCodeOf(report: Report): 0 | 1 | 3 {
  return exitCodes[report.verdict];
}
