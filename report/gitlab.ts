/** The report as GitLab Code Quality JSON: an array of issues that the merge request shows as new or as gone, by comparing
 * fingerprints with the target branch's report. A pass without findings is an empty array; every other verdict is an issue itself. */

import { createHash } from "node:crypto";
import type { Finding, Report, Severity } from "../model/report.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { counted } from "./figures.ts";
import { jsonText } from "./json-text.ts";
import { outlineOf } from "./outline.ts";
import { exampleOf, reachOf, statesSentence, sumSentences, titleOf, verdictSentence, verdictWords, waysSentence } from "./sentences.ts";
import { clipped, visible } from "./visible.ts";

/** One issue, as GitLab's reader wants it (a part of Code Climate's format). */
interface CodeQualityIssue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: "info" | "minor" | "major" | "critical" | "blocker";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const severities: Readonly<Record<Severity, CodeQualityIssue["severity"]>> = {
  info: "info",
  low: "minor",
  medium: "major",
  high: "critical",
};

/** A finding has no file. GitLab makes a link of the path, so it has to be one that is there: the file of accepted changes where the
 * run was given one, since that is where a finding is settled, else the file that every pipeline has. */
const usualFile = ".gitlab-ci.yml";
/** More than a merge request shows; the rest is counted in an issue. */
const mostIssues = 1000;
const descriptionLimit = 1000;
/** In one line. */
const mostReasons = 3;
const reasonLimit = 150;

/** Renders a Code Quality report of at most 1,002 issues, well under GitLab's limit on artifacts. */
export function gitlabReporter(report: Report, details: ReportDetails): Rendered {
  const { open } = outlineOf(report);
  const location = { path: pathOf(details), lines: { begin: 1 } };
  const left = open.length - mostIssues;
  const issues = [...verdictIssues(report), ...open.slice(0, mostIssues).map(findingIssue), ...(left > 0 ? [leftOutIssue(left)] : [])].map(
    (issue): CodeQualityIssue => ({ ...issue, location }),
  );
  return { output: jsonText(issues) };
}

type Placeless = Omit<CodeQualityIssue, "location">;

function verdictIssues(report: Report): Placeless[] {
  if (report.verdict === "pass") return [];
  const states = statesSentence(report);
  const reasons = report.reasons.slice(0, mostReasons).map(({ code, text }) => `${clipped(visible(text), reasonLimit)} (${visible(code)})`);
  const left = report.reasons.length - reasons.length;
  const sentences = [
    verdictSentence(report),
    ...sumSentences(report),
    ...(states === null ? [] : [states]),
    ...reasons,
    ...(left > 0 ? [`and ${counted(left, "more reason")}`] : []),
  ];
  return [
    {
      description: described(`${verdictWords[report.verdict]}: ${sentences.join("; ")}`),
      check_name: `penumbra/verdict/${report.verdict}`,
      fingerprint: fingerprintOf(`verdict ${report.verdict}`),
      severity: report.verdict === "fail" ? "blocker" : "major",
    },
  ];
}

function findingIssue(finding: Finding): Placeless {
  const optional = [exampleOf(finding), waysSentence(finding)].filter((line) => line !== null);
  const facts = [titleOf(finding), ...optional, reachOf(finding), finding.state, `id ${finding.id}`];
  return {
    description: described(facts.join(" · ")),
    check_name: `penumbra/${finding.location}/${finding.kind}`,
    fingerprint: fingerprintOf(`finding ${finding.id}`),
    severity: severities[finding.severity],
  };
}

function leftOutIssue(left: number): Placeless {
  return {
    description: `${counted(left, "more finding")} left out here; the HTML and JSON reports have everything`,
    check_name: "penumbra/left-out",
    fingerprint: fingerprintOf("left out"),
    severity: "info",
  };
}

/** GitLab shows it as one line of plain text. */
function described(text: string): string {
  return clipped(text, descriptionLimit);
}

/** 32 hexadecimal digits, of what stays the same from run to run. */
function fingerprintOf(identity: string): string {
  const digits = 32;
  return createHash("sha256").update(`penumbra ${identity}`).digest("hex").slice(0, digits);
}

function pathOf({ acceptedFile }: ReportDetails): string {
  const path = acceptedFile?.replace(/^(?:\.\/+)+/, "") ?? "";
  return path === "" || path.startsWith("/") || path.split("/").includes("..") ? usualFile : path;
}
