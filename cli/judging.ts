/** From a RUN directory to a report: two passes over its log, the exemplars, the files, the exit code.
 *    entries ──► learn ──► entries ──► observe ──► Report ──► text, json, html, …              */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AcceptedChange } from "../diff/accepted.ts";
import { compareOutcomes } from "../diff/compare/outcomes.ts";
import { References } from "../diff/compare/references.ts";
import { Judge } from "../diff/judge.ts";
import { describeRule, type Rule } from "../diff/rules/rule.ts";
import { withStandIn } from "../diff/stand-in.ts";
import { systemClock } from "../model/clock.ts";
import { PenumbraError } from "../model/errors.ts";
import type { Observation, RunMeta } from "../model/observation.ts";
import type { Report } from "../model/report.ts";
import { writeFileAtomically } from "../recording/atomic-file.ts";
import { openRun, type Run } from "../recording/run.ts";
import type { Rendered, ReportDetails, Sample } from "../report/details.ts";
import { exitCodeOf } from "../report/exit-code.ts";
import { reporters } from "../report/reporters.ts";
import { reportSchema } from "../report/schema.ts";
import { readAcceptedFile } from "./accepted-file.ts";
import type { JudgingOption } from "./options.ts";
import { checkOutputFile } from "./output-file.ts";
import { pageBundle } from "./page-bundle.ts";
import { standardOutput, summaryBytesAt, writeReportFile } from "./report-file.ts";
import type { Resolved } from "./resolve.ts";
import { note, print, terminalWidth, wantsColor } from "./terminal.ts";

export type JudgingValues = Resolved<JudgingOption>;

/** What decides how a report looks. */
type ShownValues = Pick<JudgingValues, "fail-on" | "accept">;
type RequestedValues = ShownValues & Pick<JudgingValues, "report">;

export interface Judged {
  readonly report: Report;
  readonly samples: readonly Sample[];
}

/** Judges a run; reads its log three times and sends nothing. */
export async function judgeRun(run: Run, values: JudgingValues): Promise<Judged> {
  const { judge, report } = await judgeLog(run, values);
  return { report, samples: await collectSamples(run, report, (observation) => sampleOf(observation, judge, values.rules)) };
}

/** The report, and the judge that knows what the run's requests are called. */
export async function judgeLog(run: Run, values: JudgingValues): Promise<{ readonly judge: Judge; readonly report: Report }> {
  const judge = judgeOf(run.meta, values);
  for await (const entry of run.entries()) judge.learn(entry);
  for await (const entry of run.entries()) if (entry.kind === "observation") judge.observe(entry.observation);
  return { judge, report: judge.conclude() };
}

/** A judge that has seen nothing yet.
 * @throws PenumbraError for a file of accepted changes or a baseline that cannot be read */
export function judgeOf(meta: RunMeta, values: JudgingValues): Judge {
  return new Judge({
    meta,
    failOn: values["fail-on"],
    failOnLatency: values["fail-on-latency"],
    minCompared: values["min-compared"],
    minFidelity: values["min-fidelity"],
    accepted: acceptedChanges(values),
    baseline: values.baseline === null ? null : readStoredReport(values.baseline),
    today: systemClock.now(),
    rules: values.rules,
    endpoints: values.endpoints ?? [],
  });
}

/** Judges, keeps report.json and report.html in the run, prints, writes what --report asks for, and says where. */
export async function judgeAndTell(directory: string, values: JudgingValues): Promise<number> {
  checkReportTargets(values);
  const judged = await judgeRun(await openRun(directory), values);
  writeStoredReports(directory, judged, values);
  const page = `page: ${join(directory, "report.html")}`;
  if (values.json) print(render("json", judged, directory, values).output);
  else if (isDocument(values)) note(page);
  else {
    print(render("text", judged, directory, values).output);
    print(page);
  }
  // Last: one that cannot be written takes nothing else with it.
  writeRequestedReports(directory, judged, values, isDocument(values) ? note : print);
  return exitCodeOf(judged.report);
}

/** Whether standard output is for programs, or goes into something else: nothing but the one report may stand there. */
function isDocument({ json, report }: Pick<JudgingValues, "json" | "report">): boolean {
  return json || report.some(([, path]) => path === standardOutput);
}

/** @param path where the text will be written, if to a file */
export function render(format: string, judged: Judged, directory: string, values: ShownValues, path?: string): Rendered {
  const reporter = reporters.get(format);
  if (reporter === undefined) {
    throw new PenumbraError("UNKNOWN_FORMAT", `there is no report format "${format}"`, `use one of ${[...reporters.keys()].join(", ")}`);
  }
  const details: ReportDetails = {
    ...detailsOf(judged, directory, values),
    ...(path === undefined ? {} : { summaryBytes: summaryBytesAt(path) }),
    ...(format === "html" ? { page: pageBundle() } : {}),
    ...(format === "text" ? { width: terminalWidth(), color: path === undefined && wantsColor() } : {}),
  };
  return reporter(judged.report, details);
}

/** What the reporters and the dashboard are given beside a report. */
export function detailsOf(
  { samples }: Pick<Judged, "samples">,
  directory: string,
  values: Pick<JudgingValues, "fail-on" | "accept">,
): ReportDetails {
  const accepted = values.accept === null ? {} : { acceptedFile: values.accept };
  return { samples, runDirectory: directory, failOn: values["fail-on"], ...accepted };
}

/** What judging reads and writes besides the run, looked at before anything is sent or judged.
 * @throws PenumbraError for a format that does not exist, a report that cannot be written, a file of accepted changes or a baseline
 * that cannot be read */
export function checkJudging(values: Pick<JudgingValues, "report" | "json" | "accept" | "baseline">): void {
  checkReportTargets(values);
  acceptedChanges(values);
  if (values.baseline !== null) readStoredReport(values.baseline);
}

function checkReportTargets(values: Pick<JudgingValues, "report" | "json">): void {
  for (const [format, path] of values.report) if (path !== standardOutput) checkOutputFile(path, `--report ${format}=${path}`);
  const there = values.report.filter(([, path]) => path === standardOutput).map(([format]) => `--report ${format}=-`);
  const [first, second] = values.json ? [...there, "--json"] : there;
  if (first === undefined || second === undefined) return;
  throw new PenumbraError("BAD_OPTION", `${first} and ${second} both go to standard output`, "give one of them a file, or leave it out");
}

function writeStoredReports(directory: string, judged: Judged, values: ShownValues): void {
  writeFileAtomically(join(directory, "report.json"), render("json", judged, directory, values).output);
  writeFileAtomically(join(directory, "report.html"), render("html", judged, directory, values).output);
}

/** @param tell puts annotations into the job's log: CI servers read both streams, so where standard output is a document for
 * machines they go to standard error */
export function writeRequestedReports(directory: string, judged: Judged, values: RequestedValues, tell: (line: string) => void): void {
  for (const [format, path] of values.report) {
    const isShown = path === standardOutput;
    const { output, annotations = [] } = render(format, judged, directory, values, isShown ? undefined : path);
    if (isShown) print(output);
    else {
      writeReportFile(path, output);
      note(`${format} report: ${path}`);
    }
    for (const annotation of annotations) tell(annotation);
  }
}

function acceptedChanges(values: Pick<JudgingValues, "accept">): readonly AcceptedChange[] {
  return values.accept === null ? [] : readAcceptedFile(values.accept, { mustExist: true });
}

/** The report that an earlier judgement left in its run. */
export function readStoredReport(directory: string): Report {
  const path = join(directory, "report.json");
  if (!existsSync(path)) {
    throw new PenumbraError(
      "NO_REPORT",
      `${directory} holds no report.json`,
      "name a run directory that `penumbra replay`, `proxy`, `compare` or `diff` has written",
    );
  }
  const checked = reportSchema.safeParse(parseJsonFile(path));
  if (!checked.success) {
    throw new PenumbraError("NOT_A_REPORT", `${path} is not a report that this version reads`, "judge the run again with `penumbra diff`");
  }
  return checked.data;
}

function parseJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new PenumbraError("NOT_A_REPORT", `${path} cannot be read as JSON`, "judge the run again with `penumbra diff`", cause);
  }
}

/** The exemplar exchanges of all findings that are not noise, as they went over the wire. */
async function collectSamples(run: Run, report: Report, sampled: (observation: Observation) => Sample): Promise<Sample[]> {
  const wanted = wantedSamples(report);
  const samples: Sample[] = [];
  if (wanted.size === 0) return samples;
  for await (const entry of run.entries()) {
    if (entry.kind === "observation" && wanted.has(entry.observation.exchange.id)) samples.push(sampled(entry.observation));
  }
  return samples;
}

/** The exchanges that are shown whole. */
export function wantedSamples({ findings }: Report): ReadonlySet<string> {
  return new Set(findings.filter((finding) => finding.state !== "noise").flatMap((finding) => finding.exemplars));
}

export function sampleOf(observation: Observation, judge: Judge, rules: readonly Rule[]): Sample {
  const { exchange, candidate, controls } = withStandIn(observation);
  const comparison =
    candidate === null
      ? null
      : compareOutcomes(exchange.outcome, candidate.outcome, {
          request: exchange.request,
          references: new References(),
          rules: judge.rulesFor(exchange.request),
          ...(candidate.sentTarget === undefined ? {} : { rightSentTarget: candidate.sentTarget }),
        });
  return {
    exchangeId: exchange.id,
    request: exchange.request,
    primary: exchange.outcome,
    control: controls[0]?.outcome ?? null,
    candidate: candidate?.outcome ?? null,
    differences: comparison?.differences ?? [],
    hidden: (comparison?.rules?.hidden ?? []).map(({ rule, difference }) => ({ difference, rule: explained(rules[rule]) })),
  };
}

/** "ignore body $.served (names the machine)" */
function explained(rule: Rule | undefined): string {
  if (rule === undefined) return "";
  return rule.reason === null ? describeRule(rule) : `${describeRule(rule)} (${rule.reason})`;
}
