/** What the page draws, as numbers and as sentences for those who do not see the drawing: times of answers, exchanges over time. */

import type { EndpointSummary, Report } from "../../model/report.ts";
import { count, duration } from "../figures.ts";
import { reasonInWords } from "../outline.ts";
import { sortedEntries } from "../sorted-entries.ts";
import { visible } from "../visible.ts";

type Latency = NonNullable<EndpointSummary["latency"]>;

/** Empirical distributions: that share of a target's answers took at most so long. */
export interface TimesView {
  /** From 0 to 1. */
  readonly shares: readonly number[];
  readonly targets: readonly { readonly name: string; readonly ms: readonly number[]; readonly row: readonly string[] }[];
  /** Of the columns of the rows. */
  readonly head: readonly string[];
}

export interface TimelineView {
  /** ms since 1970, of each step's beginning. */
  readonly at: readonly number[];
  /** How long a step is: "5 s". */
  readonly step: string;
  readonly series: readonly { readonly key: string; readonly label: string; readonly counts: readonly number[]; readonly total: string }[];
  readonly sentence: string;
}

const head = ["p50", "p95", "p99"] as const;
const timeDigits = 4;

/** null = there are too few answers for a distribution. */
export function timesView({ quantiles, control, primary, candidate }: Latency): TimesView | null {
  if (quantiles === undefined) return null;
  const targets = [
    { name: "candidate", ms: quantiles.candidate, of: candidate },
    { name: "control", ms: quantiles.control, of: control },
    { name: "production", ms: quantiles.primary, of: primary },
  ];
  return {
    shares: quantiles.shares,
    head,
    targets: targets.flatMap(({ name, ms, of }) =>
      ms === null || of === null
        ? []
        : [{ name, ms: ms.map((value) => Number(value.toPrecision(timeDigits))), row: head.map((share) => duration(of[share])) }],
    ),
  };
}

/** "1.3 × (1.2 to 1.5)" */
export function shiftInWords(latency: EndpointSummary["latency"]): string {
  if (latency === null || latency.shift === null) return "";
  const factor = (value: number): string => Number(value.toPrecision(2)).toString();
  const interval = latency.interval === null ? "" : ` (${factor(latency.interval[0])} to ${factor(latency.interval[1])})`;
  return `${factor(latency.shift)} ×${interval}`;
}

export function timelineView({ startMs, stepMs, same, different, notComparable }: NonNullable<Report["timeline"]>): TimelineView {
  const series = (key: string, label: string, counts: readonly number[]): TimelineView["series"][number] => ({
    key,
    label,
    counts,
    total: count(counts.reduce((sum, n) => sum + n, 0)),
  });
  const all = [
    series("different", "different", different),
    series("same", "same", same),
    ...sortedEntries(notComparable).map(([reason, counts]) => series("skipped", `not compared: ${visible(reasonInWords(reason))}`, counts)),
  ];
  const shown = all.filter(({ counts }) => counts.some((n) => n > 0));
  return {
    at: same.map((_, step) => startMs + step * stepMs),
    step: duration(stepMs),
    series: shown,
    sentence: `${duration(stepMs * same.length)} of traffic: ${shown.map(({ label, total }) => `${total} ${label}`).join(", ")}.`,
  };
}
