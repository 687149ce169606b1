/** The sentences of a report: verdict, totals, and the facts of one finding, in the same words in every format. */

import type { Location } from "../model/difference.ts";
import type { ReplayFacts } from "../model/observation.ts";
import type { Finding, FindingClass, FindingState, Report, TrafficShare, Verdict } from "../model/report.ts";
import { count, counted, duration, evidenceFigure, percent, shareOf } from "./figures.ts";
import { outlineOf, type QuietEndpoint } from "./outline.ts";
import { clipped, visible } from "./visible.ts";

export const verdictWords: Readonly<Record<Verdict, string>> = { pass: "PASS", fail: "FAIL", inconclusive: "INCONCLUSIVE" };

/** What the verdict means for this run, in one sentence without a full stop. */
export function verdictSentence(report: Report): string {
  const { open, settled } = outlineOf(report);
  const fresh = open.filter(({ state }) => state !== "unconfirmed").length;
  const unconfirmed = open.length > fresh ? `, and ${count(open.length - fresh)} unconfirmed` : "";
  switch (report.verdict) {
    case "fail":
      return fresh > 0
        ? `the candidate differs from production: ${counted(fresh, "finding")}${unconfirmed}`
        : "the gate of this run failed";
    case "inconclusive":
      return "not a pass: this run cannot say whether the builds differ";
    case "pass":
      return passSentence(fresh, open.length - fresh, settled);
    default:
      return report.verdict satisfies never;
  }
}

function passSentence(fresh: number, unconfirmed: number, settled: readonly Finding[]): string {
  const under = [...(fresh > 0 ? [counted(fresh, "finding")] : []), ...(unconfirmed > 0 ? [`${count(unconfirmed)} unconfirmed`] : [])];
  if (under.length > 0) return `nothing at or over the gate; ${under.join(" and ")} under it`;
  const decided = settled.filter(({ state }) => state === "accepted" || state === "known").length;
  return decided > 0 ? `no difference but noise and ${counted(decided, "accepted or known finding")}` : "no difference that is not noise";
}

/** "105 exchanges = 100 compared + 5 not comparable" */
export function exchangesSentence({ totals }: Report): string {
  const notComparable = Object.values(totals.notComparable).reduce((sum, n) => sum + n, 0);
  return `${counted(totals.exchanges, "exchange")} = ${count(totals.compared)} compared + ${count(notComparable)} not comparable`;
}

/** "100 compared = 82 same (12 with noise only) + 18 different" */
export function comparedSentence({ totals }: Report): string {
  const noise = totals.noiseOnly > 0 ? ` (${count(totals.noiseOnly)} with noise only)` : "";
  return `${count(totals.compared)} compared = ${count(totals.same)} same${noise} + ${count(totals.different)} different`;
}

/** The sums, a line each: exchanges, compared ones, and of a sample what it stands for. */
export function sumSentences(report: Report): string[] {
  return [exchangesSentence(report), comparedSentence(report), trafficSentence(report)].filter((sentence) => sentence !== null);
}

const states: readonly FindingState[] = ["new", "returned", "unconfirmed", "known", "accepted", "fixed", "noise"];

/** How many findings there are in each state that any is in. */
export function statesOf({ findings }: Report): (readonly [FindingState, number])[] {
  const counts = states.map((state) => [state, findings.filter((finding) => finding.state === state).length] as const);
  return counts.filter(([, n]) => n > 0);
}

/** "findings by state: 2 new, 1 accepted, 2 noise"; null without any. */
export function statesSentence(report: Report): string | null {
  const phrases = statesOf(report).map(([state, n]) => `${count(n)} ${state}`);
  return phrases.length === 0 ? null : `findings by state: ${phrases.join(", ")}`;
}

/** What the sample stands for; null where nobody knows how it was drawn, or where it is everything. */
export function trafficSentence({ traffic }: Report): string | null {
  if (traffic === undefined) return null;
  const lanes = counted(traffic.lanes, "session");
  return `about ${spanOf(traffic.different)} of production's requests would differ: the sample's ${lanes} stand for some ${count(traffic.requests)} requests`;
}

/** "0.8 % (0.6 % to 1.1 %)" */
function spanOf({ share, low, high }: TrafficShare): string {
  return `${percent(share)} (${percent(low)} to ${percent(high)})`;
}

/** Longest title shown anywhere. */
const titleLimit = 200;

/** The finding's title, with its endpoint in front where the title does not name it, and with how many others show the same. */
export function titleOf(finding: Finding): string {
  const { title, endpoint, location, kind } = finding;
  const alike = finding.signatures.filter((signature) => signature.location === location && signature.kind === kind);
  const others = new Set(alike.map((signature) => signature.endpoint)).size - 1;
  const named = title.includes(endpoint) ? title : `${endpoint} · ${title}`;
  const elsewhere = others > 0 ? ` (and ${counted(others, "other endpoint")})` : "";
  return `${clipped(visible(named), titleLimit)}${elsewhere}`;
}

/** "18 of 105 (17 %)", of a sample with "about 0.8 % (0.6 % to 1.1 %) of all requests" */
export function reachOf(finding: Finding): string {
  const counts = `${count(finding.count)} of ${count(finding.compared)} (${shareOf(finding.count, finding.compared)})`;
  return finding.traffic === undefined ? counts : `${counts}, about ${spanOf(finding.traffic)} of all requests`;
}

/** "E 2.1e5 (b 18, c 0)", with the re-probes when there were any. */
export function evidenceOf({ evidence }: Finding): string {
  const probes = evidence.probes > 0 ? `, ${counted(evidence.probes, "probe")}` : "";
  return evidence.e === null
    ? `no control${probes}`
    : `E ${evidenceFigure(evidence.e)} (b ${count(evidence.b)}, c ${count(evidence.c)}${probes})`;
}

/** What the evidence means, for those who do not know e-values: "equal builds would show as much in at most 1 of 31 runs" */
export function evidenceSentence({ class: findingClass, evidence: { e, probes } }: Finding): string {
  if (e === null) return "without a control nobody knows how often equal builds show as much";
  if (e < leastTelling) {
    const isRepeated = findingClass === "deterministic" && probes > 0;
    return `by itself that says nothing${isRepeated ? ", but sent again the same request shows it every time" : ""}`;
  }
  return `equal builds would show as much in at most 1 of ${e < largeFigure ? count(Math.floor(e)) : evidenceFigure(e).replace("≥", "over")} runs`;
}

/** Under it "1 of E runs" is every run; from it on a figure is told by its size. */
const leastTelling = 2;
const largeFigure = 10_000;

/** Longest rendering of one side of an example. */
const exampleLimit = 200;

/** `15 → "15"`; null when the finding has no example. */
export function exampleOf({ example }: Finding): string | null {
  if (example.from === null && example.to === null) return null;
  return `${sideOf(example.from)} → ${sideOf(example.to)}`;
}

/** One side of a difference on one line; an absent one is said so. */
export function sideOf(rendering: string | null): string {
  return rendering === null ? "(absent)" : clipped(visible(rendering), exampleLimit);
}

/** "body /items/0/price", "header etag", "status" */
export function placeOf({ location, path }: { readonly location: Location; readonly path: string }): string {
  return path === "" ? location : `${location} ${visible(path)}`;
}

/** Ways that are named; a reader of more opens report.json. */
const mostWays = 6;

/** "shows as status 200→500 (40 %), body /id present→absent (70 %)": every way in which a finding shows, since its title names one and its count is
 * of all; null when there is but one. Shares are of the exchanges at the way's endpoint; at several, the largest. */
export function waysSentence(finding: Finding): string | null {
  const ways = new Map<string, { readonly isMain: boolean; readonly place: string; readonly endpoints: number; readonly rate: number }>();
  for (const { transitions = [], ...signature } of finding.signatures) {
    const place = placeOf(signature);
    for (const { transition, rate } of transitions) {
      const way = `${place} ${visible(transition)}`;
      const known = ways.get(way) ?? { endpoints: 0, rate: 0 };
      const isMain = place === placeOf(finding) && transition === finding.transition;
      ways.set(way, { isMain, place, endpoints: known.endpoints + 1, rate: Math.max(known.rate, rate) });
    }
  }
  if (ways.size < 2) return null;
  const nearness = (way: { readonly isMain: boolean; readonly place: string }): number =>
    way.isMain ? 0 : way.place === placeOf(finding) ? 1 : 2;
  const ranked = [...ways].toSorted(([, a], [, b]) => nearness(a) - nearness(b) || b.rate - a.rate);
  const named = ranked
    .slice(0, mostWays)
    .map(([way, { endpoints, rate }]) => `${clipped(way, exampleLimit)} (${endpoints > 1 ? "up to " : ""}${percent(rate)})`);
  const more = ranked.length - named.length;
  return `shows as ${named.join(", ")}${more > 0 ? ` and ${counted(more, "other way")}` : ""}`;
}

export const classMeanings: Readonly<Record<FindingClass, string>> = {
  deterministic: "the same request shows it every time",
  sequence: "depends on the requests before it",
  concurrency: "depends on requests at the same time",
  flaky: "comes and goes",
  heterogeneity: "instances of the same build disagree",
  latency: "a matter of speed",
  unclassified: "not known what it depends on",
};

/** "12 signatures told apart as noise, e.g. GET /x body /served (noise 100 %)"; null without noise. */
export function noiseSentence(noise: readonly Finding[]): string | null {
  const [first] = noise.toSorted((a, b) => b.noiseRate - a.noiseRate || (a.id < b.id ? -1 : 1));
  if (first === undefined) return null;
  const signatures = noise.reduce((sum, finding) => sum + Math.max(1, finding.signatures.length), 0);
  const rate = first.noiseRate > 0 ? ` (noise ${percent(first.noiseRate)})` : "";
  const example = `${visible(first.endpoint)} ${placeOf(first)}${rate}`;
  return `${counted(signatures, "signature")} told apart as noise, e.g. ${clipped(example, titleLimit)}`;
}

/** "penumbra 0.1.0", whether the run names its tool or its version only. */
export function toolOf({ run }: Report): string {
  return /^\d/.test(run.tool) ? `penumbra ${run.tool}` : run.tool;
}

/** What may still hide where nothing was seen (rule of three); null without such endpoints. */
export function quietSentence(quiet: readonly QuietEndpoint[]): string | null {
  const bounds = quiet.toSorted((a, b) => a.upperBound - b.upperBound);
  const [best, worst] = [bounds[0], bounds.at(-1)];
  if (best === undefined || worst === undefined) return null;
  const compared = quiet.reduce((sum, endpoint) => sum + endpoint.compared, 0);
  const low = percent(Math.min(1, best.upperBound));
  const high = percent(Math.min(1, worst.upperBound));
  const span = low === high ? low : `${low} (${visible(best.endpoint)}) to ${high} (${visible(worst.endpoint)})`;
  return `No difference at ${counted(quiet.length, "endpoint")} (${count(compared)} compared); with 95 % confidence one in what is compared by value would touch at most ${span} of their requests`;
}

/** The facts of a replay, each a short phrase. */
export function replayPhrases(replay: ReplayFacts): string[] {
  const { lateness, maxConcurrency } = replay;
  return [
    replay.valid ? "valid" : "INVALID: it ran too late to be trusted",
    `${count(replay.sent)} of ${count(replay.scheduled)} sent`,
    `${count(replay.dropped)} dropped`,
    `late by ${duration(lateness.p50)} (median), ${duration(lateness.p99)} (p99), ${duration(lateness.max)} (most)`,
    counted(replay.orderViolations, "order violation"),
    `${count(maxConcurrency.achieved)} at once (${count(maxConcurrency.recorded)} recorded)`,
  ];
}

/** Accepted entries that did nothing, or no longer count. */
export function acceptedPhrases({ accepted }: Report): string[] {
  const phrases: string[] = [];
  if (accepted.unused.length > 0)
    phrases.push(
      `${counted(accepted.unused.length, "accepted entry", "accepted entries")} no longer needed: ${accepted.unused.map(visible).join(", ")}`,
    );
  if (accepted.expired.length > 0)
    phrases.push(
      `${counted(accepted.expired.length, "accepted entry", "accepted entries")} expired: ${accepted.expired.map(visible).join(", ")}`,
    );
  return phrases;
}
