/** Makes findings of what the latency tests say. They have a selection of their own: times are never exactly alike, and
 * their sure evidence must not lower what e-BH asks of differences. */

import type { DifferenceKind } from "../model/difference.ts";
import type { EndpointSummary } from "../model/report.ts";
import type { Assessment } from "./assess.ts";
import type { LatencyJudgement, LatencyTest } from "./latency.ts";
import { falseShare, select } from "./selection.ts";
import { severityPoints } from "./severity.ts";
import { newRecord, type SignatureRecord } from "./signatures.ts";

/** Rank points of an endpoint that is slower than `--fail-on-latency` allows: as much as a lost field, whatever the gate. */
const overRatioPoints = 60;

export interface JudgedLatency {
  readonly endpoint: string;
  readonly judgement: LatencyJudgement;
  readonly latency: EndpointSummary["latency"];
}

/** @param firstNumber of the signatures made here; after those of the differences */
export function latencyAssessments(judged: readonly JudgedLatency[], firstNumber: number): Assessment[] {
  const tests = judged.flatMap((one) => one.judgement.tests.map((test) => ({ ...one, test })));
  const selected = select(
    tests.map(({ test }) => ({ isHigh: false, logE: test.logE })),
    falseShare,
  );
  return tests.flatMap(({ endpoint, judgement, latency, test }, index) => {
    const isOver = judgement.isOverRatio && test.path === "";
    // A faster candidate shows in the endpoint's shift; it is nothing to look into.
    const isTold = selected.has(index) && test.isTelling && test.b > test.c;
    if (!isTold && !isOver) return [];
    return [assessmentOf(recordOf(firstNumber + index, endpoint, test, latency), test, isOver)];
  });
}

function assessmentOf(record: SignatureRecord, { b, c, logE }: LatencyTest, isOver: boolean): Assessment {
  const { location, path, kind } = record.signature;
  return {
    record,
    points: isOver ? overRatioPoints : severityPoints(location, path, kind, ""),
    b,
    c,
    logE,
    state: "new",
    class: "latency",
    isMasked: false,
    noiseRate: 0,
    labels: null,
  };
}

function recordOf(number: number, endpoint: string, test: LatencyTest, latency: EndpointSummary["latency"]): SignatureRecord {
  const { path, b, c, shown } = test;
  const kind: DifferenceKind = path === "" ? "latency.paired" : "latency.tail";
  const share = path === "" ? "p50" : path;
  const [from, to] = [latency?.control?.[share], latency?.candidate?.[share]].map((ms) => (ms === undefined ? null : inWords(ms)));
  const text = b > c ? "slower" : "faster";
  return {
    ...newRecord(number, { endpoint, location: "latency", path, kind }),
    anchor: "control",
    transitions: new Map([[text, { count: shown.length, from: from ?? null, to: to ?? null, text }]]),
    shown: [...shown],
    isValueLevel: false,
  };
}

const shownDigits = 3;

function inWords(ms: number): string {
  return `${Number(ms.toPrecision(shownDigits))} ms`;
}
