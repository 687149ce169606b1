/** The report as one HTML file that works from anywhere, without a network; and the same page without data, which asks the sidecar for them.
 *
 *    PageData, samples ──► payload: index and chunks ─┐
 *                                                     ├──► one file; the policy lets only our own style and script run (by hash)
 *    style, script ───────────────────────────────────┘                                                                    */

import { createHash } from "node:crypto";
import type { Report } from "../model/report.ts";
import type { PageBundle, Rendered, ReportDetails, Sample } from "./details.ts";
import { outlineOf } from "./outline.ts";
import { pageData } from "./page/data.ts";
import { payloadOf } from "./page/payload.ts";
import { viewSample } from "./page/sample-view.ts";
import { sumSentences, verdictSentence, verdictWords } from "./sentences.ts";

/** What mail servers and CI artifact viewers still take. */
const mostBytes = 15_000_000;
/** Findings of each group, and endpoints: more than a reader bears. */
const mostListed = 100_000;

/** Renders one self-contained page of at most 15 MB; samples that do not fit are counted on it.
 * @throws Error without the page's script and style: whoever calls has to give them */
export function htmlReporter(report: Report, details: ReportDetails): Rendered {
  const { page } = details;
  if (page === undefined) throw new Error("the HTML report needs the page's script and style");
  const candidate = report.run.targets.candidate ?? "";
  const frame = (blocks: string): string =>
    document(page, { title: titleOf(report), fallback: fallbackOf(report), blocks, connect: false, token: null });
  const room = mostBytes - Buffer.byteLength(frame(""));
  for (let listed = mostListed; ; listed = Math.floor(listed / 2)) {
    const samples = inOrderOfNeed(report, details.samples).map((sample) => () => viewSample(sample, candidate));
    const { index, chunks } = payloadOf(pageData(report, details, listed), samples, room);
    const blocks = [dataBlock("index", index), ...chunks.map((chunk, number) => dataBlock(`chunk-${number}`, chunk))].join("\n");
    const output = frame(blocks);
    // The lists by themselves may be too long.
    if (Buffer.byteLength(output) <= mostBytes || listed <= 1) return { output };
  }
}

/** The page that watches a run: it asks the address that it came from for `api/events` and `api/samples/ID`.
 * @param token that it sends when it accepts; null = it cannot */
export function livePage(page: PageBundle, token: string | null): string {
  const fallback = ["The live page needs its script, which is switched off here."];
  return document(page, { title: "Penumbra", fallback, blocks: "", connect: true, token });
}

/** Every finding's first exemplar before any finding's second, the worst finding's first. */
function inOrderOfNeed(report: Report, samples: readonly Sample[]): Sample[] {
  const byId = new Map(samples.map((sample) => [sample.exchangeId, sample]));
  const { open, settled, noise } = outlineOf(report);
  const findings = [...open, ...settled, ...noise];
  const deepest = findings.reduce((most, { exemplars }) => Math.max(most, exemplars.length), 0);
  const ordered = new Set<Sample>();
  for (let rank = 0; rank < deepest; rank++) {
    for (const { exemplars } of findings) {
      const sample = byId.get(exemplars[rank] ?? "");
      if (sample !== undefined) ordered.add(sample);
    }
  }
  return [...ordered];
}

/** base64 cannot end its element. */
function dataBlock(id: string, base64: string): string {
  return `<script type="application/octet-stream" id="${id}">${base64}</script>`;
}

function titleOf(report: Report): string {
  return `${verdictWords[report.verdict]} · Penumbra report`;
}

function fallbackOf(report: Report): readonly string[] {
  return [
    `${verdictWords[report.verdict]}: ${verdictSentence(report)}`,
    ...sumSentences(report),
    "This page lists findings with its own script, which is switched off here; the text and JSON reports say the same.",
  ];
}

interface Document {
  readonly title: string;
  /** Lines for a browser without scripts. */
  readonly fallback: readonly string[];
  readonly blocks: string;
  /** May ask the server that it came from. */
  readonly connect: boolean;
  readonly token: string | null;
}

function document({ script, style }: PageBundle, { title, fallback, blocks, connect, token }: Document): string {
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(style)}'`,
    `script-src '${sourceHash(script)}'`,
    ...(connect ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${token === null ? "" : `<meta name="penumbra-token" content="${escaped(token)}">\n`}<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript><p>${fallback.map(escaped).join("<br>")}</p></noscript>
<div id="page"></div>
${blocks}
<script>${script}</script>
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
