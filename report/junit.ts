/** The report as JUnit XML: one testcase per endpoint and check, with names that stay the same from run to run,
 * and one for the verdict itself. A testcase fails exactly where the run failed: a passing or inconclusive
 * run has no failure, so that the CI's view never contradicts the exit code. */

import { createHash } from "node:crypto";
import type { Location } from "../model/difference.ts";
import type { Finding, Report } from "../model/report.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { counted } from "./figures.ts";
import { failsGate } from "./gate.ts";
import { outlineOf } from "./outline.ts";
import {
  classMeanings,
  comparedSentence,
  evidenceOf,
  exampleOf,
  exchangesSentence,
  placeOf,
  reachOf,
  statesOf,
  titleOf,
  trafficSentence,
  verdictSentence,
  verdictWords,
  waysSentence,
} from "./sentences.ts";
import { sortedEntries } from "./sorted-entries.ts";
import { clipped, visible } from "./visible.ts";
import { xmlAttribute, xmlText } from "./xml.ts";

const checks = ["status", "headers", "body", "transport"] as const;
type Check = (typeof checks)[number] | "latency";

const checkOf: Readonly<Record<Location, Check>> = {
  status: "status",
  header: "headers",
  body: "body",
  transport: "transport",
  replay: "transport",
  latency: "latency",
};

/** CI servers refuse bigger files (GitLab at 30 MB); what is left out is counted in a property. */
const mostBytes = 29_000_000;
const nameLimit = 300;
const messageLimit = 2000;
/** Findings told in full in one testcase; the rest is counted. */
const mostFailures = 20;

interface TestCase {
  readonly endpoint: string;
  readonly check: Check;
  readonly failures: readonly Finding[];
  readonly notes: readonly Finding[];
  readonly skipped: string | null;
}

/** Renders JUnit XML under 30 MB. */
export function junitReporter(report: Report, details: ReportDetails): Rendered {
  const written: string[] = [];
  const counts = { failures: report.verdict === "fail" ? 1 : 0, skipped: report.verdict === "inconclusive" ? 1 : 0, leftOut: 0 };
  let size = 0;
  for (const testCase of testCases(report, details)) {
    const element = caseElement(testCase);
    size += Buffer.byteLength(element) + 1;
    if (size > mostBytes) {
      counts.leftOut++;
      continue;
    }
    written.push(element);
    if (testCase.failures.length > 0) counts.failures++;
    else if (testCase.skipped !== null) counts.skipped++;
  }
  const totals = `tests="${written.length + 1}" failures="${counts.failures}" errors="0"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="penumbra" ${totals}>`,
    `  <testsuite name="penumbra" ${totals} skipped="${counts.skipped}" timestamp="${xmlAttribute(timestampOf(report))}">`,
    ...properties(report, counts.leftOut),
    verdictElement(report),
    ...written,
    "  </testsuite>",
    "</testsuites>",
  ];
  return { output: `${lines.join("\n")}\n` };
}

/** JUnit's schema knows no fractions of a second and no zone. */
function timestampOf({ run }: Report): string {
  return run.startedAt.replace(/(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, "");
}

/** Failing ones first, so that a bound on size costs testcases that have nothing to say. */
function testCases(report: Report, details: ReportDetails): TestCase[] {
  const { open } = outlineOf(report);
  const byPlace = new Map<string, Finding[]>();
  for (const finding of open) {
    for (const place of placesOf(finding)) {
      const there = byPlace.get(place);
      if (there === undefined) byPlace.set(place, [finding]);
      else there.push(finding);
    }
  }
  const summaries = new Map(report.endpoints.map((summary) => [summary.endpoint, summary]));
  const endpoints = new Set([
    ...report.endpoints.map(({ endpoint }) => endpoint),
    ...[...byPlace.keys()].map((place) => place.slice(place.indexOf("\n") + 1)),
  ]);
  const cases = [...endpoints].toSorted().flatMap((endpoint) => {
    const summary = summaries.get(endpoint);
    const timed = (summary?.latency ?? null) !== null || byPlace.has(`latency\n${endpoint}`);
    return [...checks, ...(timed ? (["latency"] as const) : [])].map((check): TestCase => {
      const findings = byPlace.get(`${check}\n${endpoint}`) ?? [];
      const fails = (finding: Finding): boolean => failsGate(finding, report, details);
      const failures = findings.filter(fails);
      const skipped = skippedBecause(report, summary?.compared ?? 0);
      return {
        endpoint,
        check,
        failures,
        notes: findings.filter((finding) => !fails(finding)),
        skipped: failures.length > 0 ? null : skipped,
      };
    });
  });
  return [...cases.filter(({ failures }) => failures.length > 0), ...cases.filter(({ failures }) => failures.length === 0)];
}

/** Every endpoint and check that a finding touches, through any of its signatures. */
function placesOf(finding: Finding): Set<string> {
  return new Set([finding, ...finding.signatures].map(({ endpoint, location }) => `${checkOf[location]}\n${endpoint}`));
}

function skippedBecause(report: Report, compared: number): string | null {
  if (report.verdict === "inconclusive") return `inconclusive: ${report.reasons.map(({ text }) => text).join("; ")}`;
  return compared === 0 ? "nothing compared at this endpoint" : null;
}

/** A name that cannot be shown as it is gets a digest of the whole: two that look alike stay apart, and none depends on the others. */
function nameOf({ endpoint, check }: TestCase): string {
  const shown = clipped(visible(endpoint), nameLimit);
  return shown === endpoint ? `${endpoint} ${check}` : `${shown} #${digestOf(endpoint)} ${check}`;
}

function digestOf(text: string): string {
  const digits = 8;
  return createHash("sha256").update(text, "utf16le").digest("hex").slice(0, digits);
}

function caseElement(testCase: TestCase): string {
  const { endpoint, failures, notes, skipped } = testCase;
  const open = `    <testcase classname="${xmlAttribute(clipped(visible(endpoint), nameLimit))}" name="${xmlAttribute(nameOf(testCase))}"`;
  const [first, ...others] = failures;
  const noted = notes.length === 0 ? "" : `<system-out>${xmlText(paragraphs(notes))}</system-out>`;
  if (first !== undefined) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    const message = xmlAttribute(clipped(titleOf(first) + more, messageLimit));
    return `${open}><failure type="${first.severity}" message="${message}">${xmlText(paragraphs(failures))}</failure>${noted}</testcase>`;
  }
  if (skipped !== null) return `${open}><skipped message="${xmlAttribute(clipped(visible(skipped), messageLimit))}"/>${noted}</testcase>`;
  return noted === "" ? `${open}/>` : `${open}>${noted}</testcase>`;
}

function paragraphs(findings: readonly Finding[]): string {
  const told = findings.slice(0, mostFailures).map(paragraph);
  const left = findings.length - told.length;
  return [...told, ...(left > 0 ? [`and ${counted(left, "more finding")}`] : [])].join("\n\n");
}

/** One finding in a few lines of plain text. */
function paragraph(finding: Finding): string {
  const [example, ways] = [exampleOf(finding), waysSentence(finding)];
  const lines = [
    `${finding.severity.toUpperCase()} ${titleOf(finding)}`,
    ...(example === null ? [] : [example]),
    `${reachOf(finding)} · ${evidenceOf(finding)} · ${finding.state} · ${finding.class} (${classMeanings[finding.class]})`,
    ...(ways === null ? [] : [ways]),
    ...(finding.condition === null ? [] : [visible(finding.condition)]),
    `${placeOf(finding)} · ${finding.kind} · id ${finding.id}`,
  ];
  return clipped(lines.join("\n"), messageLimit);
}

function verdictElement(report: Report): string {
  const open = '    <testcase classname="penumbra" name="verdict"';
  const why = report.reasons.map(({ code, text }) => `${visible(text)} (${visible(code)})`).join("\n");
  const message = `${verdictWords[report.verdict]}: ${verdictSentence(report)}`;
  switch (report.verdict) {
    case "pass":
      return why === "" ? `${open}/>` : `${open}><system-out>${xmlText(clipped(why, messageLimit))}</system-out></testcase>`;
    case "fail":
      return `${open}><failure type="verdict" message="${xmlAttribute(message)}">${xmlText(clipped(why, messageLimit))}</failure></testcase>`;
    case "inconclusive":
      return `${open}><skipped message="${xmlAttribute(clipped(`${message}\n${why}`, messageLimit))}"/></testcase>`;
    default:
      return report.verdict satisfies never;
  }
}

function properties(report: Report, leftOut: number): string[] {
  const { run, totals } = report;
  const traffic = trafficSentence(report);
  const entries: (readonly [string, string])[] = [
    ["verdict", report.verdict],
    ["run", run.id],
    ["tool", run.tool],
    ["seed", String(run.seed)],
    ["candidate", run.targets.candidate ?? ""],
    ["exchanges", exchangesSentence(report)],
    ["compared", comparedSentence(report)],
    ...(traffic === null ? [] : [["traffic", traffic] as const]),
    ["testcases left out for size", String(leftOut)],
    ...sortedEntries(totals.notComparable).map(([reason, n]) => [`not comparable: ${visible(reason)}`, String(n)] as const),
    ...statesOf(report).map(([state, n]) => [`findings: ${state}`, String(n)] as const),
  ];
  const lines = entries.map(
    ([name, value]) =>
      `      <property name="${xmlAttribute(clipped(name, nameLimit))}" value="${xmlAttribute(clipped(visible(value), nameLimit))}"/>`,
  );
  return ["    <properties>", ...lines, "    </properties>"];
}
