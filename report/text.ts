/** The report for a terminal: verdict, why, what differs (worst first), what is settled, what was noise,
 * and what this run is blind to. Read from the top, the first ten lines are enough to decide. */

import { styleText } from "node:util";
import type { Finding, FindingState, Report, Severity, Verdict } from "../model/report.ts";
import { dependenceSentence, reproductionCommand } from "./dependence.ts";
import type { Rendered, ReportDetails } from "./details.ts";
import { counted, percent } from "./figures.ts";
import { outlineOf } from "./outline.ts";
import { rulesInWords } from "./rules.ts";
import {
  acceptedPhrases,
  evidenceOf,
  exampleOf,
  noiseSentence,
  placeOf,
  quietSentence,
  reachOf,
  replayPhrases,
  statesSentence,
  sumSentences,
  titleOf,
  toolOf,
  verdictSentence,
  verdictWords,
  waysSentence,
} from "./sentences.ts";
import { sortedEntries } from "./sorted-entries.ts";
import { displayWidth, type Indents, joined, wrapped } from "./text-layout.ts";
import { clipped, visible } from "./visible.ts";

/** What terminals have had since punched cards. */
const defaultWidth = 80;
/** Below this nothing can be read, above it lines are too long for the eye. */
const narrowest = 40;
const widest = 140;
/** More findings than anybody reads in a terminal; the rest is counted. */
const mostFindings = 40;
const mostSettled = 20;
const mostRules = 20;
const textLimit = 500;

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

interface Sheet {
  readonly width: number;
  readonly paint: Paint;
}

interface VerdictLook {
  readonly rule: string;
  readonly sign: string;
  readonly style: Style;
}

/** An inconclusive run differs from a pass in words, sign and frame, not in colour alone. */
const verdictLooks: Readonly<Record<Verdict, VerdictLook>> = {
  pass: { rule: "─", sign: "✓", style: ["green", "bold"] },
  fail: { rule: "━", sign: "✗", style: ["red", "bold"] },
  inconclusive: { rule: "╌", sign: "?", style: ["yellow", "bold"] },
};

const severityStyles: Readonly<Record<Severity, Style>> = {
  high: ["red", "bold"],
  medium: ["yellow", "bold"],
  low: ["cyan"],
  info: ["dim"],
};

const settledStates: readonly FindingState[] = ["known", "accepted", "fixed"];

/** Renders the report as text of `details.width` columns, with colours only when `details.color`. */
export function textReporter(report: Report, details: ReportDetails): Rendered {
  const width = Math.min(widest, Math.max(narrowest, Math.floor(details.width ?? defaultWidth)));
  const paint: Paint = details.color === true ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const sheet: Sheet = { width, paint };
  const sections = [
    banner(report, sheet),
    reasons(report, sheet),
    openFindings(report, details, sheet),
    settledFindings(report, sheet),
    remarks(report, sheet),
    hiddenByRules(report, sheet),
    blindSpots(report, sheet),
    runFacts(report, details, sheet),
  ];
  const blocks = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return { output: `${blocks.join("\n\n")}\n` };
}

function banner(report: Report, { width, paint }: Sheet): string[] {
  const { rule, sign, style } = verdictLooks[report.verdict];
  const frame = paint(style, rule.repeat(width));
  const word = `${sign} ${verdictWords[report.verdict]}`;
  const [first = "", ...rest] = wrapped(`${word}  ${verdictSentence(report)}`, width, indent(1));
  return [
    frame,
    first.replace(word, () => paint(style, word)),
    ...rest,
    ...[...sumSentences(report), statesSentence(report) ?? ""]
      .filter((sentence) => sentence !== "")
      .flatMap((sentence) => wrapped(sentence, width, indent(3))),
    frame,
  ];
}

function reasons(report: Report, { width, paint }: Sheet): string[] {
  if (report.reasons.length === 0) return [];
  const lines = report.reasons.flatMap(({ code, text }) =>
    wrapped(`${short(text)} (${short(code)})`, width, { first: "  · ", rest: "    " }),
  );
  return [heading("Why", paint), ...lines];
}

function openFindings(report: Report, details: ReportDetails, sheet: Sheet): string[] {
  const { open } = outlineOf(report);
  if (open.length === 0) return [];
  const shown = open
    .slice(0, mostFindings)
    .flatMap((finding, index) => [
      ...(index === 0 ? [] : [""]),
      ...findingLines(finding, sheet, reproductionCommand(finding, report, details.runDirectory)),
    ]);
  const left = open.length - mostFindings;
  const more =
    left > 0
      ? ["", ...wrapped(`${counted(left, "more finding")} left out here: --format json and html have all`, sheet.width, indent(2))]
      : [];
  return [heading(`${counted(open.length, "finding")}, worst first`, sheet.paint), ...shown, ...more];
}

/** Title, example, then the facts. Severity stands in a column of its own, so that the eye can run down it. */
function findingLines(finding: Finding, { width, paint }: Sheet, reproduction: string | null): string[] {
  const label = finding.severity.toUpperCase().padEnd("MEDIUM".length);
  const lead = `  ${label}  `;
  const body: Indents = { first: " ".repeat(lead.length), rest: " ".repeat(lead.length) };
  const [title = "", ...titleRest] = wrapped(titleOf(finding), width, { first: lead, rest: body.rest });
  const example = exampleOf(finding);
  const noise = finding.noiseRate > 0 ? [`noise ${percent(finding.noiseRate)}`] : [];
  const facts = [reachOf(finding), ...(finding.condition === null ? [] : [short(finding.condition)]), evidenceOf(finding), ...noise];
  const kind = [finding.state, finding.class, short(placeOf(finding)), ...labelPhrases(finding), `id ${finding.id}`];
  return [
    title.replace(label, () => paint(severityStyles[finding.severity], label)),
    ...titleRest,
    ...(example === null ? [] : wrapped(example, width, body).map((line) => paint("bold", line))),
    ...joined(facts, width, body),
    ...[waysSentence(finding), dependenceSentence(finding), reproduction].flatMap((line) =>
      line === null ? [] : wrapped(line, width, body),
    ),
    ...joined(kind, width, body).map((line) => paint("dim", line)),
  ];
}

function labelPhrases({ labels }: Finding): string[] {
  const entries = sortedEntries(labels ?? {});
  return entries.length === 0 ? [] : [`only at ${entries.map(([name, value]) => `${short(name)}=${short(value)}`).join(", ")}`];
}

function settledFindings(report: Report, { width, paint }: Sheet): string[] {
  const { settled } = outlineOf(report);
  if (settled.length === 0) return [];
  const inOrder = settledStates.flatMap((state) => settled.filter((finding) => finding.state === state));
  const lines = inOrder.slice(0, mostSettled).flatMap((finding) => {
    const lead = `  ${finding.state.padEnd("accepted".length)}  `;
    return joined([titleOf(finding), reachOf(finding), `id ${finding.id}`], width, { first: lead, rest: " ".repeat(lead.length) });
  });
  const left = settled.length - mostSettled;
  return [heading("Known, accepted, fixed", paint), ...lines, ...(left > 0 ? [`  and ${counted(left, "more", "more")}`] : [])];
}

function remarks(report: Report, { width, paint }: Sheet): string[] {
  const { noise, quiet } = outlineOf(report);
  const told = [noiseSentence(noise), quietSentence(quiet)].filter((sentence) => sentence !== null);
  // The ids of accepted entries are the user's own, and needed whole.
  const sentences = [...told.map(short), ...acceptedPhrases(report)];
  if (sentences.length === 0) return [];
  return [
    heading("Noise and silence", paint),
    ...sentences.flatMap((sentence) => wrapped(sentence, width, { first: "  · ", rest: "    " })),
  ];
}

/** Greyed: it was decided that they do not count. */
function hiddenByRules(report: Report, { width, paint }: Sheet): string[] {
  const rules = rulesInWords(report);
  if (rules.length === 0) return [];
  const item: Indents = { first: "  · ", rest: "    " };
  const lines = rules
    .slice(0, mostRules)
    .flatMap(({ text, did, reason, places }) => [
      ...wrapped(`${text}: ${did}${reason === "" ? "" : ` (${reason})`}`, width, item),
      ...places.flatMap((place) => wrapped(place, width, { first: "      ", rest: "        " })),
    ]);
  const left = rules.length - mostRules;
  const more = left > 0 ? [`  and ${counted(left, "more rule")}`] : [];
  return [heading("Rules of the configuration", paint), ...[...lines, ...more].map((line) => paint("dim", line))];
}

function blindSpots(report: Report, { width, paint }: Sheet): string[] {
  const { blindSpots: spots } = outlineOf(report);
  if (spots.length === 0) return [];
  return [heading("Blind spots", paint), ...spots.flatMap((spot) => wrapped(short(spot), width, { first: "  · ", rest: "    " }))];
}

function runFacts(report: Report, details: ReportDetails, { width, paint }: Sheet): string[] {
  const { targets, replay } = report.run;
  const facts: (readonly [string, readonly string[]])[] = [
    ["primary", [targets.primary]],
    ["candidate", [targets.candidate ?? "none"]],
    ["control", targets.controls.length > 0 ? targets.controls : [targets.control ?? "none"]],
    ["run", [report.run.id, report.run.startedAt, `seed ${report.run.seed}`, toolOf(report)]],
  ];
  if (replay !== null) facts.push(["replay", replayPhrases(replay)]);
  if (details.runDirectory !== undefined) facts.push(["kept in", [details.runDirectory]]);
  const lines = facts.flatMap(([name, phrases]) => {
    const lead = `  ${name.padEnd("candidate".length)}  `;
    return joined(phrases.map(short), width, { first: lead, rest: " ".repeat(displayWidth(lead)) });
  });
  return [heading("Run", paint), ...lines];
}

/** What a reader of a terminal bears of a text that traffic decides; the other formats have more of it. */
function short(text: string): string {
  return clipped(visible(text), textLimit);
}

function heading(text: string, paint: Paint): string {
  return paint("bold", text);
}

function indent(columns: number): Indents {
  return { first: " ".repeat(columns), rest: " ".repeat(columns) };
}
