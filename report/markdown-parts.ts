/** Pieces of Markdown that the comment and the step summary have in common: rows, folded blocks, lists. Whatever was recorded is
 * inside of code or spelt with entities. */

import type { Finding, FindingState, Report, Severity, Verdict } from "../model/report.ts";
import { dependenceSentence } from "./dependence.ts";
import type { Sample } from "./details.ts";
import { counted } from "./figures.ts";
import { fixed, type Section } from "./fitted.ts";
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
  statesSentence,
  sumSentences,
  titleOf,
  verdictSentence,
  verdictWords,
  waysSentence,
} from "./sentences.ts";

const mostDifferences = 8;
const cellLimit = 140;
const lineLimit = 300;

const verdictSigns: Readonly<Record<Verdict, string>> = { pass: "✅", fail: "❌", inconclusive: "⚠️" };
const severitySigns: Readonly<Record<Severity, string>> = { high: "🔴", medium: "🟠", low: "🔵", info: "⚪" };
const settledStates: readonly FindingState[] = ["known", "accepted", "fixed"];

/** Verdict and sums: never left out. */
export function verdictSections(report: Report): Section[] {
  const states = statesSentence(report);
  return [
    fixed(`## ${verdictSigns[report.verdict]} Penumbra: ${verdictWords[report.verdict]}`),
    fixed(`**${sentenceCase(verdictSentence(report))}.**`),
    fixed([...sumSentences(report), ...(states === null ? [] : [states])].join("  \n")),
  ];
}

/** @param most more than anybody reads; the rest is counted */
export function reasonsSection(report: Report, most: number, importance: number): Section {
  const items = report.reasons.slice(0, most).map(({ code, text }) => `- ${prose(text, lineLimit)} (${inlineCode(code, cellLimit)})`);
  return listed(items, report.reasons.length - items.length, "reason", importance);
}

/** A table, with a line under it about the rows that are not in it. */
export function tableSection(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  {
    noun,
    beyond,
    importance,
    title = "",
  }: { readonly noun: string; readonly beyond: number; readonly importance: number; readonly title?: string },
): Section {
  const head = [`| ${columns.join(" | ")} |`, `|${columns.map(() => "---").join("|")}|`];
  return {
    items: rows.map((cells) => `| ${cells.join(" | ")} |`),
    render: (items, left) => {
      const missing = left + beyond;
      const parts = [
        ...(title === "" || items.length + missing === 0 ? [] : [`### ${title}`]),
        ...(items.length === 0 ? [] : [[...head, ...items].join("\n")]),
        ...(missing === 0 ? [] : [`_${counted(missing, `more ${noun}`)} left out; the HTML and JSON reports have everything._`]),
      ];
      return parts.join("\n\n");
    },
    importance,
  };
}

export const findingColumns: readonly string[] = ["severity", "finding", "example", "seen in", "evidence", "id"];

export function findingCells(finding: Finding): string[] {
  const { example } = finding;
  const sides = `${inlineCode(sideOf(example.from), cellLimit)} → ${inlineCode(sideOf(example.to), cellLimit)}`;
  return [
    `${severitySigns[finding.severity]} ${finding.severity}`,
    inlineCode(titleOf(finding), cellLimit),
    example.from === null && example.to === null ? "" : sides,
    reachOf(finding),
    evidenceOf(finding),
    inlineCode(finding.id, cellLimit),
  ];
}

/** A folded block for each. */
export function blocksSection(findings: readonly Finding[], samples: ReadonlyMap<string, Sample>, importance: number): Section {
  return {
    items: findings.map((finding) => `${block(finding, samples)}\n`),
    render: (items, left) => {
      const missing = left === 0 ? [] : [`_The details of ${counted(left, "finding")} left out for size._`];
      return [...items.map((item) => item.trimEnd()), ...missing].join("\n\n");
    },
    importance,
  };
}

function waysFact(finding: Finding): string[] {
  const sentence = waysSentence(finding);
  return sentence === null ? [] : [sentence.replace(/^shows as (.*)$/s, (_, ways: string) => `shows as ${inlineCode(ways, lineLimit)}`)];
}

/** One finding, folded: when it happens, how sure it is, and one exchange that shows it. */
function block(finding: Finding, samples: ReadonlyMap<string, Sample>): string {
  const facts = [
    `where: ${inlineCode(placeOf(finding), lineLimit)} at ${inlineCode(finding.endpoint, lineLimit)}`,
    `what: ${finding.kind}, ${inlineCode(finding.transition, cellLimit)}`,
    ...waysFact(finding),
    ...(finding.condition === null ? [] : [`when: ${inlineCode(finding.condition, lineLimit)}`]),
    `class: ${finding.class} (${classMeanings[finding.class]}), state: ${finding.state}`,
    ...dependenceFacts(finding),
  ];
  const summary = `<summary>${severitySigns[finding.severity]} ${inlineCode(titleOf(finding), cellLimit)}</summary>`;
  return [
    "<details>",
    `${summary}\n`,
    `${facts.map((fact) => `- ${fact}`).join("\n")}\n`,
    ...exemplar(finding, samples),
    "</details>",
  ].join("\n");
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

/** Folded and small, since it was decided that they do not count. */
export function rulesSection(report: Report, most: number, importance: number): Section {
  const views = rulesInWords(report);
  const items = views.slice(0, most).map(({ text, did, reason, places }) => {
    const why = reason === "" ? "" : ` (${prose(reason, lineLimit)})`;
    const where = places.map((place) => `<br><sub>${inlineCode(place, lineLimit)}</sub>`).join("");
    return `- ${inlineCode(text, lineLimit)}: ${prose(did, lineLimit)}${why}${where}`;
  });
  const list = listed(items, views.length - items.length, "rule", importance);
  return folded(hiddenSentence(report) ?? "Rules of the configuration hid nothing", list);
}

/** What is not a finding but must be said: settled ones, noise, silence, the replay, blind spots. */
export function asideSection(report: Report, most: number, importance: number): Section {
  const { settled, noise, quiet, blindSpots } = outlineOf(report);
  const states = settledStates.map((state) => [state, settled.filter((finding) => finding.state === state).length] as const);
  const settledPhrase = states.filter(([, n]) => n > 0).map(([state, n]) => `${n} ${state}`);
  const sentences = [
    ...(settledPhrase.length > 0 ? [settledPhrase.join(", ")] : []),
    ...[noiseSentence(noise), quietSentence(quiet), ...acceptedPhrases(report)].filter((sentence) => sentence !== null),
    ...(report.run.replay === null ? [] : [`Replay: ${replayPhrases(report.run.replay).join(" · ")}`]),
    ...blindSpots.slice(0, most),
  ];
  const items = sentences.map((sentence) => `- ${prose(sentence, lineLimit)}`);
  const list = listed(items, blindSpots.length - Math.min(most, blindSpots.length), "blind spot", importance);
  return folded("Noise, silence and blind spots", list);
}

function listed(items: readonly string[], beyond: number, noun: string, importance: number): Section {
  return {
    items,
    render: (kept, left) => [...kept, ...(left + beyond === 0 ? [] : [`- and ${counted(left + beyond, `more ${noun}`)}`])].join("\n"),
    importance,
  };
}

function folded(summary: string, section: Section): Section {
  const render: Section["render"] = (items, left) => {
    const inner = section.render(items, left);
    return inner === "" ? "" : `<details>\n<summary>${summary}</summary>\n\n${inner}\n\n</details>`;
  };
  return { ...section, render };
}

function sentenceCase(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
