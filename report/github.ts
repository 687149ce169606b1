/** The report for GitHub Actions: a step summary in Markdown, and a few annotations.
 *
 *    report ──┬─► summary, at most 900 kB, cut by rows ──► the file that $GITHUB_STEP_SUMMARY names
 *             └─► at most 5 annotations ──► the job's log                                          */

import type { EndpointSummary, Finding, Percentiles, Report } from "../model/report.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { count, duration, percent } from "./figures.ts";
import { fitted, type Section } from "./fitted.ts";
import { annotationsOf } from "./github-annotations.ts";
import { inlineCode } from "./markdown-escape.ts";
import {
  asideSection,
  blocksSection,
  findingCells,
  findingColumns,
  reasonsSection,
  rulesSection,
  tableSection,
  verdictSections,
} from "./markdown-parts.ts";
import { outlineOf } from "./outline.ts";

/** GitHub drops a step's summary that is larger than 1 MiB, all of it. */
const mostBytes = 900_000;
/** What a browser still renders well; more are counted. */
const mostRows = 2000;
const mostBlocks = 20;
const mostReasons = 100;
const mostBlindSpots = 200;
const mostRules = 200;
const nameLimit = 140;

const importance = { rules: 1, aside: 2, endpoints: 3, settled: 4, blocks: 5, open: 6, reasons: 7 } as const;

/** Renders a step summary of at most 900 kB, together with what `details.summaryBytes` says is there already. */
export function githubReporter(report: Report, details: ReportDetails): Rendered {
  const samples = new Map(details.samples.map((sample) => [sample.exchangeId, sample]));
  const { open, settled } = outlineOf(report);
  const output = fitted(
    [
      ...verdictSections(report),
      reasonsSection(report, mostReasons, importance.reasons),
      openTable(open),
      blocksSection(open.slice(0, mostBlocks), samples, importance.blocks),
      settledTable(settled),
      endpointTable(report),
      rulesSection(report, mostRules, importance.rules),
      asideSection(report, mostBlindSpots, importance.aside),
    ],
    Math.max(0, mostBytes - (details.summaryBytes ?? 0)),
    (text) => Buffer.byteLength(text),
  );
  return { output, annotations: annotationsOf(report, details) };
}

function openTable(findings: readonly Finding[]): Section {
  const shown = findings.slice(0, mostRows);
  return tableSection(
    [...findingColumns, "state"],
    shown.map((finding) => [...findingCells(finding), finding.state]),
    { title: "Findings, worst first", noun: "finding", beyond: findings.length - shown.length, importance: importance.open },
  );
}

function settledTable(findings: readonly Finding[]): Section {
  const shown = findings.slice(0, mostRows);
  return tableSection(
    [...findingColumns, "state"],
    shown.map((finding) => [...findingCells(finding), finding.state]),
    { title: "Known, accepted, fixed", noun: "finding", beyond: findings.length - shown.length, importance: importance.settled },
  );
}

function endpointTable(report: Report): Section {
  const ranked = report.endpoints.toSorted(byInterest);
  const shown = ranked.slice(0, mostRows);
  return tableSection(
    ["endpoint", "compared", "different", "p50 / p95 / p99 before", "after", "unseen differences"],
    shown.map(endpointCells),
    { title: "Endpoints", noun: "endpoint", beyond: ranked.length - shown.length, importance: importance.endpoints },
  );
}

function byInterest(a: EndpointSummary, b: EndpointSummary): number {
  return b.different - a.different || b.compared - a.compared || (a.endpoint < b.endpoint ? -1 : 1);
}

function endpointCells({ endpoint, compared, different, latency, upperBound }: EndpointSummary): string[] {
  const bound = compared === 0 ? "nothing compared" : upperBound === null ? "" : `≤ ${percent(Math.min(1, upperBound))}`;
  return [
    inlineCode(endpoint, nameLimit),
    count(compared),
    count(different),
    percentilesOf(latency?.control ?? latency?.primary ?? null),
    percentilesOf(latency?.candidate ?? null),
    bound,
  ];
}

function percentilesOf(percentiles: Percentiles | null): string {
  return percentiles === null ? "" : [percentiles.p50, percentiles.p95, percentiles.p99].map(duration).join(" / ");
}
