/** What `penumbra inspect` says about a recording, in lines. Pure. */

import type { DropHistory } from "../recording/drop-windows.ts";
import type { Gap } from "../recording/gaps.ts";
import { partialText } from "../recording/import-mark.ts";
import type { RecordingMeta } from "../recording/open.ts";
import type { RecordingSummary } from "../recording/summary.ts";
import { visible } from "../report/visible.ts";
import type { Activity } from "./endpoint-activity.ts";
import { removedText } from "./removed-text.ts";

/** Of the windows in which something was lost. */
const shownWindows = 5;
const step = 1024;

export function summaryText(summed: RecordingSummary, activity: Activity): string {
  const when =
    summed.first === null || summed.last === null
      ? "empty"
      : `${new Date(summed.first).toISOString()} to ${new Date(summed.last).toISOString()}`;
  return [
    `${summed.path}: ${summed.exchanges} exchanges, ${when}`,
    `methods: ${counts(summed.methods)}`,
    `statuses: ${counts(summed.statusClasses)}`,
    `outcomes: ${counts(summed.outcomes)}`,
    `lanes: ${summed.lanes} (${summed.withoutLane} exchanges have none)`,
    `bodies: ${inBytes(summed.bytes.requests)} sent, ${inBytes(summed.bytes.answers)} answered, ${summed.capped} exchanges over the cap`,
    missingLine(summed),
    ...(summed.meta.isPartial ? [`partial: ${partialText}`] : []),
    ...(summed.removed === null ? [] : [removedText(summed.removed)]),
    ...dropLines(summed.dropHistory),
    ...gapLines(summed.gaps),
    ...originLines(summed.meta),
    ...endpointLines(activity),
  ].join("\n");
}

function missingLine({ drops, dropsAreLeast }: RecordingSummary): string {
  const known = `missing: ${counts(drops) || "nothing known"}`;
  return dropsAreLeast ? `${known}; it may be more: the last counters are not of the end` : known;
}

function counts(each: Readonly<Record<string, number>>): string {
  return Object.entries(each)
    .map(([name, count]) => `${visible(name)} ${count}`)
    .join(", ");
}

function dropLines({ windows, worst }: DropHistory): readonly string[] {
  const lines = worst
    .slice(0, shownWindows)
    .map(({ from, to, drops }) => `  ${from === null ? "until" : `${time(from)} to`} ${time(to)}: ${counts(drops)}`);
  return windows > shownWindows ? [...lines, `  … in ${windows} stretches in all`] : lines;
}

function gapLines(gaps: readonly Gap[]): readonly string[] {
  if (gaps.length === 0) return [];
  return [
    "longest times without any exchange:",
    ...gaps.map(({ from, to }) => `  ${((to - from) / 1000).toFixed(1)} s from ${time(from)}`),
  ];
}

function endpointLines({ endpoints, busiest }: Activity): readonly string[] {
  if (busiest.length === 0) return [];
  const rows = busiest.map(({ endpoint, requests, perSecond, p50Ms, p99Ms, bytes, statuses }) => [
    visible(endpoint),
    String(requests),
    perSecond === null ? "-" : digits(perSecond),
    digits(p50Ms),
    digits(p99Ms),
    inBytes(bytes.answers / requests),
    counts(statuses),
  ]);
  const header = ["endpoint", "requests", "per second", "p50 ms", "p99 ms", "answer", "statuses"];
  const more = endpoints > busiest.length ? [`… and ${endpoints - busiest.length} more endpoints (--json has the same ones)`] : [];
  return ["", ...table([header, ...rows]), ...more];
}

/** The first and last column flush left, numbers flush right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : column === row.length - 1 ? cell : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** Three digits say enough. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function inBytes(count: number): string {
  if (count < step) return `${Math.round(count)} B`;
  return count < step * step ? `${digits(count / step)} KiB` : `${digits(count / step / step)} MiB`;
}

/** Where it was recorded, and what opens its vault; nothing where nobody wrote that down. */
function originLines({ primaries, segments }: RecordingMeta): readonly string[] {
  const keys = new Set(segments.flatMap(({ vault }) => (vault === null ? [] : [vault.keyId])));
  return [
    ...(primaries.length === 0 ? [] : [visible(`production: ${primaries.join(", ")} (a replay refuses to send there)`)]),
    ...(keys.size === 0 ? [] : [visible(`vault: what tokens stand for is sealed to the key ${[...keys].join(", ")}`)]),
  ];
}
