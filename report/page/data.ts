/** What the page shows, worked out before it is opened: the page's script only lays these strings out, so that
 * everything that decides or escapes is here, in tested code, and in the same words as the other formats. */

import type { EndpointSummary, Finding, FindingSignature, Percentiles, Report, Severity } from "../../model/report.ts";
import { dependenceSentence } from "../dependence.ts";
import type { ReportDetails } from "../details.ts";
import { count, duration, percent } from "../figures.ts";
import { type Outline, outlineOf, reasonInWords } from "../outline.ts";
import { hiddenSentence, type RuleView, rulesInWords } from "../rules.ts";
import {
  acceptedPhrases,
  classMeanings,
  evidenceOf,
  evidenceSentence,
  noiseSentence,
  placeOf,
  quietSentence,
  reachOf,
  replayPhrases,
  sideOf,
  sumSentences,
  titleOf,
  toolOf,
  verdictSentence,
  verdictWords,
  waysSentence,
} from "../sentences.ts";
import { sortedEntries } from "../sorted-entries.ts";
import { clipped, visible } from "../visible.ts";
import { shellQuoted } from "./curl.ts";
import { type FieldNode, fieldTree } from "./field-tree.ts";
import { shiftInWords, type TimelineView, type TimesView, timelineView, timesView } from "./plots.ts";
import { type ReplayView, replayView } from "./replay-view.ts";

/** @template F what a finding is: all of it, or its row where the details travel apart */
export interface PageData<F = FindingView> {
  /** Running: of a run that is still going on, where nothing but its end is missing. */
  readonly verdict: Report["verdict"] | "running";
  readonly word: string;
  readonly sentence: string;
  readonly sums: readonly string[];
  /** Parts of all exchanges, in the order of the bar; they add up to the exchanges. */
  readonly parts: readonly { readonly key: string; readonly label: string; readonly n: number; readonly text: string }[];
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  readonly groups: readonly FindingGroup<F>[];
  /** Where differences are, by endpoint and place. */
  readonly fields: readonly FieldNode[];
  readonly endpoints: readonly EndpointView[];
  readonly endpointsLeftOut: number;
  readonly coverage: readonly { readonly key: string; readonly label: string; readonly share: number; readonly text: string }[];
  readonly blindSpots: readonly string[];
  /** What may still hide where nothing was seen; "" when there is no such endpoint. */
  readonly quiet: string;
  readonly remarks: readonly string[];
  /** What rules of the configuration hid; `rulesSentence` is "" when they hid nothing. */
  readonly rules: readonly RuleView[];
  readonly rulesSentence: string;
  /** null = it was no replay, or an older one. */
  readonly replay: ReplayView | null;
  readonly facts: readonly (readonly [string, string])[];
  /** null = nothing is known about when. */
  readonly timeline: TimelineView | null;
}

export interface FindingGroup<F = FindingView> {
  readonly key: "open" | "settled" | "noise";
  readonly title: string;
  readonly sentence: string;
  readonly findings: readonly F[];
  readonly leftOut: number;
}

/** What a list shows of a finding, and what search tokens ask for. */
export interface FindingRow {
  readonly id: string;
  readonly severity: Severity;
  readonly state: string;
  readonly title: string;
  readonly example: readonly [string, string] | null;
  readonly reach: string;
  readonly share: number;
  readonly condition: string;
  readonly evidence: string;
  readonly class: string;
  /** Endpoint and place of each signature, the one that speaks for it first: "GET /orders", "body /items/*". */
  readonly places: readonly (readonly [endpoint: string, place: string])[];
  readonly kind: string;
  readonly transition: string;
}

/** What is shown when a finding is opened. */
export interface FindingDetails {
  readonly facts: readonly (readonly [string, string])[];
  readonly signatures: readonly string[];
  readonly moreSignatures: number;
  readonly exemplars: readonly string[];
  /** Command lines to copy; "" where there is nothing to accept, or no place to ignore. */
  readonly accept: string;
  readonly ignore: string;
}

export interface FindingView extends FindingRow, FindingDetails {}

export interface EndpointView {
  readonly endpoint: string;
  /** Of the worst finding that is open there; null = none is. */
  readonly severity: Severity | null;
  readonly compared: string;
  readonly different: string;
  readonly differs: boolean;
  readonly before: string;
  readonly after: string;
  readonly bound: string;
  /** "1.3 × (1.2 to 1.5)", how many times as long as the control the candidate takes. */
  readonly shift: string;
  /** null = too few times are known. */
  readonly times: TimesView | null;
}

const severities: readonly Severity[] = ["info", "low", "medium", "high"];
const mostSignatures = 12;
const mostTransitions = 4;
const mostExemplars = 10;
const textLimit = 500;

/** @param most findings of each group, and endpoints, that are put on the page; the rest is counted */
export function pageData(report: Report, details: ReportDetails, most: number): PageData {
  const outline = outlineOf(report);
  return {
    verdict: report.verdict,
    word: verdictWords[report.verdict],
    sentence: verdictSentence(report),
    sums: sumSentences(report),
    parts: parts(report),
    reasons: report.reasons.map(({ code, text }) => ({ code: shown(code), text: shown(text) })),
    groups: groups(outline, most, details),
    fields: fieldTree(report),
    endpoints: rankedEndpoints(report).slice(0, most).map(endpointView),
    endpointsLeftOut: Math.max(0, report.endpoints.length - most),
    coverage: coverage(report),
    blindSpots: outline.blindSpots.map(shown),
    quiet: shown(quietSentence(outline.quiet) ?? ""),
    remarks: acceptedPhrases(report).map(shown),
    rules: rulesInWords(report).slice(0, most),
    rulesSentence: hiddenSentence(report) ?? "",
    replay: report.run.replay === null ? null : replayView(report.run.replay),
    facts: facts(report, details),
    timeline: report.timeline === undefined ? null : timelineView(report.timeline),
  };
}

function parts({ totals }: Report): PageData["parts"] {
  const part = (key: string, label: string, n: number) => ({ key, label, n, text: count(n) });
  const skipped = sortedEntries(totals.notComparable);
  return [
    part("different", "different", totals.different),
    part("same", "same", totals.same - totals.noiseOnly),
    part("noise", "same but for noise", totals.noiseOnly),
    ...skipped.map(([reason, n]) => part("skipped", `not compared: ${reasonInWords(reason)}`, n)),
  ];
}

function groups({ open, settled, noise }: Outline, most: number, details: ReportDetails): FindingGroup[] {
  const group = (key: FindingGroup["key"], title: string, sentence: string, findings: readonly Finding[]): FindingGroup => ({
    key,
    title,
    sentence,
    findings: findings.slice(0, most).map((finding) => findingView(finding, details)),
    leftOut: Math.max(0, findings.length - most),
  });
  return [
    group("open", "Findings", "", open),
    group("settled", "Known, accepted, fixed", "Differences that somebody has already decided about.", settled),
    group("noise", "Told apart as noise", noiseSentence(noise) ?? "", noise),
  ];
}

function findingView(finding: Finding, details: ReportDetails): FindingView {
  const { example, labels } = finding;
  const where = sortedEntries(labels ?? {});
  return {
    id: finding.id,
    severity: finding.severity,
    state: finding.state,
    title: titleOf(finding),
    example: example.from === null && example.to === null ? null : [sideOf(example.from), sideOf(example.to)],
    reach: reachOf(finding),
    share: finding.compared === 0 ? 0 : Math.min(1, finding.count / finding.compared),
    condition: shown(finding.condition ?? ""),
    evidence: evidenceOf(finding),
    class: finding.class,
    places: placesOf(finding),
    kind: finding.kind,
    transition: shown(finding.transition),
    ...reviewCommands(finding, details),
    facts: [
      ["Where", shown(placeOf(finding))],
      ["Endpoint", shown(finding.endpoint)],
      ["What", shown(`${finding.kind}, ${finding.transition}`)],
      ["Seen in", `${reachOf(finding)}; in the control ${percent(finding.noiseRate)}`],
      ...waysFact(finding),
      ["Evidence", `${evidenceOf(finding)}: ${evidenceSentence(finding)}`],
      ["When", finding.condition === null ? "no condition found" : shown(finding.condition)],
      ...(where.length === 0 ? [] : [["Only at", shown(where.map(([name, value]) => `${name}=${value}`).join(", "))] as const]),
      ["Class", `${finding.class}: ${classMeanings[finding.class]}`],
      ...dependenceFacts(finding),
      ["State", finding.state],
    ],
    signatures: finding.signatures
      .slice(0, mostSignatures)
      .map((signature) => shown(`${signature.endpoint} · ${placeOf(signature)} · ${signature.kind}${transitionsOf(signature)}`)),
    moreSignatures: Math.max(0, finding.signatures.length - mostSignatures),
    exemplars: finding.exemplars.slice(0, mostExemplars).map(visible),
  };
}

function waysFact(finding: Finding): (readonly [string, string])[] {
  const sentence = waysSentence(finding);
  return sentence === null ? [] : [["Shows as", shown(sentence.replace(/^shows as /, ""))]];
}

/** ` · number→string 15 %, number→object 5 %` */
function transitionsOf({ transitions = [] }: FindingSignature): string {
  const named = transitions.slice(0, mostTransitions).map(({ transition, rate }) => `${transition} ${percent(rate)}`);
  return named.length === 0 ? "" : ` · ${named.join(", ")}${transitions.length > named.length ? ", …" : ""}`;
}

function dependenceFacts(finding: Finding): (readonly [string, string])[] {
  const sentence = dependenceSentence(finding);
  const { recording = null, curl = [] } = finding.dependence ?? {};
  return [
    ...(sentence === null ? [] : [["Depends on", shown(sentence)] as const]),
    ...(recording === null ? [] : [["Reproduction", shown(recording)] as const]),
    // Whole, since a part of one is no command; their writer bounds them.
    ...curl.map((line) => ["Command", visible(line)] as const),
  ];
}

function placesOf(finding: Finding): FindingRow["places"] {
  const all = [finding, ...finding.signatures].map(
    ({ endpoint, location, path }) => [shown(endpoint), shown(placeOf({ location, path }))] as const,
  );
  const distinct = new Map(all.map((place) => [place.join("\n"), place]));
  return [...distinct.values()].slice(0, mostSignatures);
}

/** What somebody pastes into a terminal to say that a finding is wanted, or that its place does not matter. */
function reviewCommands(
  { id, state, location }: Finding,
  { runDirectory: run, acceptedFile }: Pick<ReportDetails, "runDirectory" | "acceptedFile">,
): Pick<FindingDetails, "accept" | "ignore"> {
  const isOpen = state === "new" || state === "returned" || state === "unconfirmed" || state === "known";
  if (!isOpen || run === undefined) return { accept: "", ignore: "" };
  const command = (name: string, reason: string): string => `penumbra ${name} ${shellQuoted(visible(run))} ${id} --reason '${reason}'`;
  const hasPlace = location !== "latency" && location !== "replay";
  // The file that was judged with: an entry in another one would change nothing.
  const file = acceptedFile === undefined ? "" : ` --file ${shellQuoted(visible(acceptedFile))}`;
  return { accept: `${command("accept", "why it is wanted")}${file}`, ignore: hasPlace ? command("ignore", "why it does not matter") : "" };
}

interface RankedEndpoint extends EndpointSummary {
  /** Of the worst finding that is open there; null = none is. */
  readonly worst: Finding | null;
}

/** By the severity of their worst open finding, then by how sure that is, then by how much differs. */
function rankedEndpoints(report: Report): RankedEndpoint[] {
  const worst = new Map<string, Finding>();
  for (const finding of outlineOf(report).open)
    for (const { endpoint } of [finding, ...finding.signatures]) if (!worst.has(endpoint)) worst.set(endpoint, finding);
  const rank = ({ worst: finding }: RankedEndpoint): number => (finding === null ? -1 : severities.indexOf(finding.severity));
  return report.endpoints
    .map((endpoint) => ({ ...endpoint, worst: worst.get(endpoint.endpoint) ?? null }))
    .toSorted(
      (a, b) =>
        rank(b) - rank(a) ||
        (b.worst?.evidence.e ?? 0) - (a.worst?.evidence.e ?? 0) ||
        b.different - a.different ||
        b.compared - a.compared ||
        (a.endpoint < b.endpoint ? -1 : 1),
    );
}

function endpointView({ endpoint, compared, different, latency, upperBound, worst }: RankedEndpoint): EndpointView {
  return {
    endpoint: shown(endpoint),
    severity: worst?.severity ?? null,
    compared: count(compared),
    different: count(different),
    differs: different > 0,
    before: percentilesOf(latency?.control ?? latency?.primary ?? null),
    after: percentilesOf(latency?.candidate ?? null),
    shift: shiftInWords(latency),
    times: latency === null ? null : timesView(latency),
    bound: compared === 0 ? "nothing compared" : upperBound === null ? "" : `≤ ${percent(Math.min(1, upperBound))}`,
  };
}

function percentilesOf(percentiles: Percentiles | null): string {
  return percentiles === null ? "" : [percentiles.p50, percentiles.p95, percentiles.p99].map(duration).join(" / ");
}

function coverage({ coverage: { byValue, byFormat, untested } }: Report): PageData["coverage"] {
  const part = (key: string, label: string, share: number) => ({ key, label, share, text: percent(share) });
  if (byValue + byFormat + untested === 0) return [];
  return [
    part("value", "compared by value", byValue),
    part("format", "by format only", byFormat),
    part("untested", "not tested", untested),
  ];
}

function facts(report: Report, details: ReportDetails): [string, string][] {
  const {
    run,
    coverage: { fidelity },
  } = report;
  const labels = sortedEntries(run.labels);
  const rows: [string, string][] = [
    ["Primary", run.targets.primary],
    ["Candidate", run.targets.candidate ?? "none"],
    ["Control", run.targets.controls.length > 0 ? run.targets.controls.join(", ") : (run.targets.control ?? "none")],
    ["Started", run.startedAt],
    ["Run", run.id],
    ["Seed", String(run.seed)],
    ["Made by", toolOf(report)],
  ];
  if (fidelity !== null) rows.push(["Fidelity", `the control gave the primary's status in ${percent(fidelity)} of the exchanges`]);
  if (labels.length > 0) rows.push(["Labels", labels.map(([name, value]) => `${name}=${value}`).join(", ")]);
  if (run.replay !== null) rows.push(["Replay", replayPhrases(run.replay).join(" · ")]);
  if (details.runDirectory !== undefined) rows.push(["Kept in", details.runDirectory]);
  return rows.map(([name, value]) => [name, shown(value)]);
}

function shown(text: string): string {
  return clipped(visible(text), textLimit);
}
