/** What every reporter takes and gives: the run's report and a few exemplar exchanges in, one text out.
 *
 *    Report ───────┐
 *                  ├──► reporter ──► { output }      pure: the caller reads the run and writes the file
 *    ReportDetails ┘
 */

import type { Difference } from "../model/difference.ts";
import type { HttpRequest, Outcome } from "../model/exchange.ts";
import type { Report, Severity } from "../model/report.ts";

/** One exemplar exchange with what each target did. */
export interface Sample {
  readonly exchangeId: string;
  readonly request: HttpRequest;
  readonly primary: Outcome;
  /** The first control's outcome; null = no control, or not sent. */
  readonly control: Outcome | null;
  readonly candidate: Outcome | null;
  /** Primary against candidate, in document order. */
  readonly differences: readonly Difference[];
  /** Those that rules of the configuration hide. */
  readonly hidden?: readonly HiddenDifference[];
}

export interface HiddenDifference {
  readonly difference: Difference;
  /** The rule, and its reason where it has one. */
  readonly rule: string;
}

export interface ReportDetails {
  /** Any order; a finding's exemplars are looked up by exchange id. */
  readonly samples: readonly Sample[];
  /** Columns of the terminal, for text; 80 when absent. */
  readonly width?: number;
  /** Terminal colours, for text; off when absent. */
  readonly color?: boolean;
  /** Where the run lies, for people: printed, never read. */
  readonly runDirectory?: string;
  /** For HTML; the caller reads it, since reporters do not touch the machine. */
  readonly page?: PageBundle;
  /** The gate of `--fail-on`: nothing under it is shown as a failure. Absent = every new finding of a failed run. */
  readonly failOn?: Severity | "none";
  /** The file of accepted changes, as it was named: where GitLab's issues point to. Absent = none. */
  readonly acceptedFile?: string;
  /** What the step summary that this one is appended to holds already, for GitHub; 0 when absent. */
  readonly summaryBytes?: number;
}

/** What makes the page work, built from report/page/app. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

export interface Rendered {
  readonly output: string;
  /** Lines for the log of the CI job, where the format has some: each one a command that the CI server reads there. */
  readonly annotations?: readonly string[];
}

/** Pure and deterministic: the same report and details give the same characters. */
export type Reporter = (report: Report, details: ReportDetails) => Rendered;
