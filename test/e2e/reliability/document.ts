/** docs/reliability.md from trials. */

import type { Trial } from "./trial.ts";
import { failuresOf, mebibytes, memoryBoundMebibytes, requestsOf } from "./verdict.ts";

export interface Machine {
  readonly node: string;
  readonly cores: number;
}

export function reliabilityDocument(trials: readonly Trial[], { node, cores }: Machine): string {
  const intro = [
    "# Reliability: what breaks, and what users notice",
    "",
    "Written by `npm run bench -- reliability` from a real run; do not edit by hand. `npm test` makes every fault of this table",
    "again, for a shorter time, and asserts all of it but the times.",
    "",
    "The real command line stands in front of a primary. Twenty keep-alive users send 80 requests a second, everything is sampled,",
    "recorded and mirrored to a candidate and a control. Every answer is compared byte for byte with what the primary must have said;",
    "a request that reached the primary changed would get another answer. Each row is one sidecar: first the load without the",
    "fault, then the same load with it, then until the sidecar is its old self again, then a drain.",
    "",
    "A row stands here only if, besides the figures in it,",
    "",
    "- the ledger's law held at every scrape of `/counters` and `/metrics`, some 20 times a second, while it lasted;",
    "- the drain ended with exit code 0, with no copy open or pending, and `penumbra verify` was content with the recording;",
    "- the fault was seen to have happened: in the outcomes of the target, in the ledger or in the log.",
    "",
    `Node ${node}, ${cores} cores, which load, primary, targets, live process and observer share: a p99 in the same row compares`,
    `with and without the fault, not with another machine. The live process stays under **${memoryBoundMebibytes} MiB** with a \`--budget\` of 16 MiB.`,
    "",
  ];
  const heads = ["fault", "user requests", "failures", "p99 without", "p99 with", "peak memory"];
  return `${[...intro, row(heads), row(heads.map(() => "---")), ...trials.map(rowOf)].join("\n")}\n`;
}

function rowOf(trial: Trial): string {
  const memory = trial.peakMemory === null ? "unknown" : `${mebibytes(trial.peakMemory)} MiB`;
  const figures = [requestsOf(trial), failuresOf(trial).length, p99(trial.calm.took), p99(trial.faulty.took), memory];
  return row([trial.fault, ...figures.map(String)]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function p99(took: readonly number[]): string {
  const share = 0.99;
  const sorted = took.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length * share)];
  return value === undefined ? "none" : `${value.toFixed(1)} ms`;
}

/** The fault and the failures of each row of a document. */
export function rowsIn(document: string): readonly { readonly fault: string; readonly failures: string }[] {
  return document
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) => {
      const [, fault = "", , failures = ""] = line.split("|").map((cell) => cell.trim());
      return { fault, failures };
    });
}
