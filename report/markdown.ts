/** The report as a comment on a pull request: verdict, totals, the worst findings in a table with a folded
 * block each. Bounded, since forges refuse comments over 65,536 characters. */

import type { Finding, Report, Severity, Verdict } from "../model/report.ts";
import { dependenceSentence } from "./dependence.ts";
import type { Rendered, ReportDetails, Sample } from "./details.ts";
import { counted } from "./figures.ts";
import { inlineCode, preformatted, prose } from "./markdown-escape.ts";
import { outlineOf } from "./outline.ts";
import { hiddenSentence, rulesInWords } from "./rules.ts";
import {
  acceptedPhrases,
  classMeanings,
  evidenceOf,
  noiseSentence,
  placeOf,
  quietSentence,
  reachOf,
  replayPhrases,
  sideOf,
  sumSentences,
  titleOf,
  verdictSentence,
  verdictWords,
} from "./sentences.ts";

/** Finds the comment again, so that the next run replaces it (a sticky comment). */
export const markdownMarker = "<!-- penumbra-report -->";
/** GitHub refuses comments over 65,536 characters; the rest is for whoever puts a frame around this. */
const mostCharacters = 60_000;
/** More than a reviewer reads. */
const mostFindings = 20;
const mostReasons = 10;
const mostBlindSpots = 10;
const mostRules = 20;
const mostDifferences = 8;
const cellLimit = 140;
const lineLimit = 300;

const verdictSigns: Readonly<Record<Verdict, string>> = { pass: "✅", fail: "❌", inconclusive: "⚠️" };
const severitySigns: Readonly<Record<Severity, string>> = { high: "🔴", medium: "🟠", low: "🔵", info: "⚪" };

/** Renders Markdown of at most 60,000 characters; what does not fit is counted in it. */
export function markdownReporter(report: Report, details: ReportDetails): Rendered {
  const samples = new Map(details.samples.map((sample) => [sample.exchangeId, sample]));
  const { open } = outlineOf(report);
  const limit = Math.min(open.length, mostFindings);
  // Folded blocks go before table rows: a row without its block still says what differs.
  for (let blocks = limit; blocks >= 0; blocks--) {
    const output = rendered(report, samples, limit, blocks);
    if (output.length <= mostCharacters) return { output };
  }
  return { output: rendered(report, samples, 0, 0).slice(0, mostCharacters) };
}

function rendered(report: Report, samples: ReadonlyMap<string, Sample>, rows: number, blocks: number): string {
  const { open } = outlineOf(report);
  const paragraphs = [
    `${markdownMarker}\n## ${verdictSigns[report.verdict]} Penumbra: ${verdictWords[report.verdict]}`,
    `**${sentenceCase(verdictSentence(report))}.**`,
    sumSentences(report).join("  \n"),
    bullets(report.reasons.slice(0, mostReasons).map(({ code, text }) => `${prose(text, lineLimit)} (${inlineCode(code, cellLimit)})`)),
    table(open.slice(0, rows)),
    ...open.slice(0, blocks).map((finding) => block(finding, samples)),
    leftOut(open.length - rows, rows - blocks),
    rules(report),
    aside(report),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== "").join("\n\n")}\n`;
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function table(findings: readonly Finding[]): string {
  if (findings.length === 0) return "";
  const head = "| | finding | example | seen in | evidence | id |\n|---|---|---|---|---|---|";
  return [head, ...findings.map(row)].join("\n");
}

function row(finding: Finding): string {
  const { example } = finding;
  const sides = `${inlineCode(sideOf(example.from), cellLimit)} → ${inlineCode(sideOf(example.to), cellLimit)}`;
  const cells = [
    `${severitySigns[finding.severity]} ${finding.severity}`,
    inlineCode(titleOf(finding), cellLimit),
    example.from === null && example.to === null ? "" : sides,
    reachOf(finding),
    evidenceOf(finding),
    inlineCode(finding.id, cellLimit),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** One finding, folded: when it happens, how sure it is, and one exchange that shows it. */
function block(finding: Finding, samples: ReadonlyMap<string, Sample>): string {
  const facts = [
    `where: ${inlineCode(placeOf(finding), lineLimit)} at ${inlineCode(finding.endpoint, lineLimit)}`,
    `what: ${finding.kind}, ${inlineCode(finding.transition, cellLimit)}`,
    ...(finding.condition === null ? [] : [`when: ${inlineCode(finding.condition, lineLimit)}`]),
    `class: ${finding.class} (${classMeanings[finding.class]}), state: ${finding.state}`,
    ...dependenceFacts(finding),
  ];
  const summary = `<summary>${severitySigns[finding.severity]} ${inlineCode(titleOf(finding), cellLimit)}</summary>`;
  return ["<details>", `${summary}\n`, `${bullets(facts)}\n`, ...exemplar(finding, samples), "</details>"].join("\n");
}

function dependenceFacts(finding: Finding): string[] {
  const sentence = dependenceSentence(finding);
  const recording = finding.dependence?.recording ?? null;
  return [
    ...(sentence === null ? [] : [`depends on: ${inlineCode(sentence, lineLimit)}`]),
    ...(recording === null ? [] : [`reproduction: ${inlineCode(recording, lineLimit)} in the run`]),
  ];
}

function exemplar(finding: Finding, samples: ReadonlyMap<string, Sample>): string[] {
  const sample = finding.exemplars.map((id) => samples.get(id)).find((found) => found !== undefined);
  if (sample === undefined) return [];
  const lines = sample.differences
    .slice(0, mostDifferences)
    .flatMap((difference) => [
      `@ ${preformatted(placeOf(difference), lineLimit)}`,
      `- ${preformatted(sideOf(difference.from), lineLimit)}`,
      `+ ${preformatted(sideOf(difference.to), lineLimit)}`,
    ]);
  const left = sample.differences.length - mostDifferences;
  const more = left > 0 ? [`… ${counted(left, "more difference")}`] : [];
  const request = preformatted(`${sample.request.method} ${sample.request.target}`, lineLimit);
  return [`<pre lang="diff">${request}`, ...lines, ...more, "</pre>\n"];
}

function leftOut(findings: number, blocks: number): string {
  const parts = [
    ...(findings > 0 ? [`${counted(findings, "more finding")} left out`] : []),
    ...(blocks > 0 ? [`the details of ${counted(blocks, "finding")} left out for size`] : []),
  ];
  return parts.length === 0 ? "" : `_${parts.join("; ")}; the HTML and JSON reports have everything._`;
}

/** Folded and small, since it was decided that it does not count. */
function rules(report: Report): string {
  const views = rulesInWords(report);
  if (views.length === 0) return "";
  const items = views.slice(0, mostRules).map(({ text, did, reason, places }) => {
    const why = reason === "" ? "" : ` (${prose(reason, lineLimit)})`;
    const where = places.map((place) => `<br><sub>${inlineCode(place, lineLimit)}</sub>`).join("");
    return `${inlineCode(text, lineLimit)}: ${prose(did, lineLimit)}${why}${where}`;
  });
  const left = views.length - mostRules;
  const more = left > 0 ? [`and ${counted(left, "more rule")}`] : [];
  const summary = hiddenSentence(report) ?? "Rules of the configuration hid nothing";
  return `<details>\n<summary>${summary}</summary>\n\n${bullets([...items, ...more])}\n\n</details>`;
}

/** What is not a finding but must be said: settled ones, noise, silence, blind spots, the replay. */
function aside(report: Report): string {
  const { settled, noise, quiet, blindSpots } = outlineOf(report);
  const states = ["known", "accepted", "fixed"].map(
    (state) => [state, settled.filter((finding) => finding.state === state).length] as const,
  );
  const settledPhrase = states.filter(([, n]) => n > 0).map(([state, n]) => `${n} ${state}`);
  const sentences = [
    ...(settledPhrase.length > 0 ? [settledPhrase.join(", ")] : []),
    ...[noiseSentence(noise), quietSentence(quiet), ...acceptedPhrases(report)].filter((sentence) => sentence !== null),
    ...blindSpots.slice(0, mostBlindSpots),
    ...(report.run.replay === null ? [] : [`Replay: ${replayPhrases(report.run.replay).join(" · ")}`]),
  ];
  if (sentences.length === 0) return "";
  const lines = bullets(sentences.map((sentence) => prose(sentence, lineLimit)));
  return `<details>\n<summary>Noise, silence and blind spots</summary>\n\n${lines}\n\n</details>`;
}

function sentenceCase(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
