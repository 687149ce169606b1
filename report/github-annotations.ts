/** Annotations of GitHub Actions, as workflow commands for the job's log: `::error title=Penumbra%3A FAIL::message`.
 * They carry no file: what differs is traffic, and a line of a file that has nothing to do with it would mislead. */

import type { Finding, Report, Verdict } from "../model/report.ts";
import type { ReportDetails } from "./details.ts";
import { counted } from "./figures.ts";
import { failsGate } from "./gate.ts";
import { escapedCharacter, withoutLogCommands } from "./log-commands.ts";
import { outlineOf } from "./outline.ts";
import {
  evidenceOf,
  exampleOf,
  placeOf,
  reachOf,
  statesSentence,
  sumSentences,
  titleOf,
  verdictSentence,
  verdictWords,
  waysSentence,
} from "./sentences.ts";
import { clipped, visible } from "./visible.ts";

type Level = "error" | "warning" | "notice";

/** GitHub shows no more than ten of a level and step, and nobody reads more than a few. */
const mostAnnotations = 5;
const mostReasons = 5;
const titleLimit = 200;
const lineLimit = 400;

const verdictLevels: Readonly<Record<Verdict, Level>> = { pass: "notice", fail: "error", inconclusive: "warning" };

/** The verdict first, then the worst findings: at most 5 lines, each a workflow command. */
export function annotationsOf(report: Report, details: ReportDetails): string[] {
  const { open } = outlineOf(report);
  const shown = open.slice(0, mostAnnotations - 1);
  const left = open.length - shown.length;
  return [verdictAnnotation(report, left), ...shown.map((finding) => findingAnnotation(finding, report, details))];
}

function verdictAnnotation(report: Report, left: number): string {
  const states = statesSentence(report);
  const reasons = report.reasons.slice(0, mostReasons).map(({ code, text }) => `${clipped(visible(text), lineLimit)} (${visible(code)})`);
  const moreReasons = report.reasons.length - reasons.length;
  const lines = [
    verdictSentence(report),
    ...sumSentences(report),
    ...(states === null ? [] : [states]),
    ...reasons,
    ...(moreReasons > 0 ? [`and ${counted(moreReasons, "more reason")}`] : []),
    ...(left > 0 ? [`${counted(left, "finding")} without an annotation: the step summary has them`] : []),
  ];
  return command(verdictLevels[report.verdict], `Penumbra: ${verdictWords[report.verdict]}`, lines);
}

function findingAnnotation(finding: Finding, report: Report, details: ReportDetails): string {
  const [example, ways] = [exampleOf(finding), waysSentence(finding)];
  const lines = [
    ...(example === null ? [] : [example]),
    `${reachOf(finding)} · ${evidenceOf(finding)} · ${finding.state} · ${finding.class}`,
    ...(ways === null ? [] : [clipped(ways, lineLimit)]),
    ...(finding.condition === null ? [] : [clipped(visible(finding.condition), lineLimit)]),
    clipped(`${placeOf(finding)} · id ${finding.id}`, lineLimit),
  ];
  const level = failsGate(finding, report, details) ? "error" : report.verdict === "pass" ? "notice" : "warning";
  return command(level, `${finding.severity}: ${titleOf(finding)}`, lines);
}

function command(level: Level, title: string, lines: readonly string[]): string {
  return `::${level} title=${property(inert(clipped(title, titleLimit)))}::${data(lines.map(inert).join("\n"))}`;
}

/** Other servers than GitHub find their commands anywhere in a line. */
function inert(text: string): string {
  return withoutLogCommands(text, escapedCharacter);
}

/** The message ends with its line, and `%` begins an escape. */
function data(text: string): string {
  return text.replace(/[%\r\n]/g, percentEncoded);
}

/** A property also ends at a comma, and all of them at `::`. */
function property(text: string): string {
  return text.replace(/[%\r\n:,]/g, percentEncoded);
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
