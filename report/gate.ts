/** Which findings failed the run: in every format that marks some of them as failures. */

import type { Finding, FindingState, Report, Severity } from "../model/report.ts";
import type { ReportDetails } from "./details.ts";

const failingStates: ReadonlySet<FindingState> = new Set(["new", "returned"]);
const severityRanks: Readonly<Record<Severity | "none", number>> = { info: 0, low: 1, medium: 2, high: 3, none: 4 };

/** Never one of a run that passed or is inconclusive, so that no view contradicts the exit code. */
export function failsGate({ state, severity }: Finding, report: Report, { failOn = "info" }: ReportDetails): boolean {
  return report.verdict === "fail" && failingStates.has(state) && severityRanks[severity] >= severityRanks[failOn];
}
