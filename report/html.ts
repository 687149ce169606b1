/** The report as one HTML file that works from anywhere, without a network.
 *
 *    PageData ──► JSON data block ─┐
 *    samples  ──► (as many as fit) ├──► one file; the policy lets only our own style and script run (by hash)
 *    style, script ────────────────┘                                                                       */

import { createHash } from "node:crypto";
import type { Report } from "../model/report.ts";
import type { Rendered, ReportDetails, Sample } from "./details.ts";
import { outlineOf } from "./outline.ts";
import { pageData } from "./page/data.ts";
import { viewSample } from "./page/sample-view.ts";
import { pageScript } from "./page/script.ts";
import { pageStyle } from "./page/style.ts";
import { sumSentences, verdictSentence, verdictWords } from "./sentences.ts";

/** What mail servers and CI artifact viewers still take. */
const mostBytes = 15_000_000;
/** What the lists may take of it, so that there is room for samples. */
const mostListBytes = 8_000_000;
/** Findings of each group, and endpoints: more than a reader bears. */
const mostListed = 2000;

/** Renders one self-contained page of at most 15 MB; samples that do not fit are counted on it. */
export function htmlReporter(report: Report, details: ReportDetails): Rendered {
  const data = lists(report, details);
  const frame = (samples: string, leftOut: number): string =>
    page(report, `{"data":${data},"samplesLeftOut":${leftOut},"samples":{${samples}}}`);
  // The count of samples left out is a few digits; the reserve covers them.
  const reserve = 100;
  let room = mostBytes - reserve - Buffer.byteLength(frame("", 0));
  const kept: string[] = [];
  let leftOut = 0;
  for (const sample of inOrderOfNeed(report, details.samples)) {
    const view = viewSample(sample, report.run.targets.candidate ?? "");
    const entry = `${dataBlock(view.id)}:${dataBlock(view)}`;
    const size = Buffer.byteLength(entry) + 1;
    if (size > room) {
      leftOut++;
      continue;
    }
    room -= size;
    kept.push(entry);
  }
  return { output: frame(kept.join(","), leftOut) };
}

/** The page's lists as JSON, shortened until they fit. */
function lists(report: Report, details: ReportDetails): string {
  let listed = mostListed;
  let data = dataBlock(pageData(report, details, listed));
  while (Buffer.byteLength(data) > mostListBytes && listed > 1) {
    listed = Math.floor(listed / 2);
    data = dataBlock(pageData(report, details, listed));
  }
  return data;
}

/** Every finding's first exemplar before any finding's second, the worst finding's first. */
function inOrderOfNeed(report: Report, samples: readonly Sample[]): Sample[] {
  const byId = new Map(samples.map((sample) => [sample.exchangeId, sample]));
  const { open, settled, noise } = outlineOf(report);
  const findings = [...open, ...settled, ...noise];
  const deepest = Math.max(0, ...findings.map(({ exemplars }) => exemplars.length));
  const ordered = new Set<Sample>();
  for (let rank = 0; rank < deepest; rank++) {
    for (const { exemplars } of findings) {
      const sample = byId.get(exemplars[rank] ?? "");
      if (sample !== undefined) ordered.add(sample);
    }
  }
  return [...ordered];
}

/** JSON that can stand inside a script element: nothing in it can close the element or open a comment. */
function dataBlock(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function page(report: Report, data: string): string {
  const title = `${verdictWords[report.verdict]} · Penumbra report`;
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(pageStyle)}'`,
    `script-src '${sourceHash(pageScript)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const summary = [`${verdictWords[report.verdict]}: ${verdictSentence(report)}`, ...sumSentences(report)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<noscript><p>${summary.map(escaped).join("<br>")}</p><p>This page lists findings with its own script, which is switched off here; the text and JSON reports say the same.</p></noscript>
<div id="page"></div>
<script type="application/json" id="data">${data}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function sourceHash(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
