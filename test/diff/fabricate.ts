/** Makes observations and judges them, for tests: JSON answers, no servers. */

import type { AcceptedChange } from "../../diff/accepted.ts";
import { Judge, type JudgeOptions } from "../../diff/judge.ts";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import type { NotComparableReason, Observation, Probe, RunEntry, RunMeta } from "../../model/observation.ts";
import type { Finding, Report } from "../../model/report.ts";
import { epochMs, milliseconds } from "../../model/units.ts";

const encoder = new TextEncoder();
const startOfDay = epochMs(Date.UTC(2026, 10, 22));

export const jsonHeaders: HeaderList = [["Content-Type", "application/json"]];

export function answered(json: unknown, status: number = 200, headers: HeaderList = jsonHeaders): Outcome {
  const body = encoder.encode(JSON.stringify(json));
  return {
    kind: "answered",
    answer: { status, reason: "", headers, body: { kind: "whole", bytes: body } },
    firstByteMs: milliseconds(1),
    tookMs: milliseconds(2),
  };
}

export function failed(kind: Exclude<Outcome["kind"], "answered">, detail?: string): Outcome {
  return { kind, tookMs: milliseconds(1), ...(detail === undefined ? {} : { detail }) };
}

export interface Case {
  readonly id: string;
  readonly lane?: string | null;
  readonly method?: string;
  readonly target?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly headers?: HeaderList;
  readonly body?: unknown;
  readonly primary: Outcome;
  readonly candidate: Outcome | null;
  /** null = the run has no control. */
  readonly control?: Outcome | null;
  /** Of a second copy of the current build. */
  readonly secondControl?: Outcome;
  readonly afterGap?: boolean;
  readonly notComparable?: NotComparableReason;
}

export function observationOf(one: Case): Observation {
  const control = one.control === undefined ? one.primary : one.control;
  const body = one.body === undefined ? null : encoder.encode(JSON.stringify(one.body));
  const requestHeaders: HeaderList = [...(one.headers ?? [["Host", "shop"]]), ...(body === null ? [] : jsonHeaders)];
  return {
    exchange: {
      id: one.id,
      at: startOfDay,
      lane: one.lane === undefined ? "lane" : one.lane,
      labels: one.labels ?? {},
      request: {
        method: one.method ?? "GET",
        target: one.target ?? "/things",
        version: "1.1",
        headers: requestHeaders,
        body: body === null ? { kind: "none" } : { kind: "whole", bytes: body },
      },
      outcome: one.primary,
    },
    candidate: one.candidate === null ? null : { outcome: one.candidate },
    controls: [control, one.secondControl].flatMap((outcome) => (outcome === null || outcome === undefined ? [] : [{ outcome }])),
    ...(one.afterGap === undefined ? {} : { afterGap: one.afterGap }),
    ...(one.notComparable === undefined ? {} : { notComparable: one.notComparable }),
  };
}

export function probeEntry(probe: Probe): RunEntry {
  return { kind: "probe", probe };
}

export function caseEntry(one: Case): RunEntry {
  return { kind: "observation", observation: observationOf(one) };
}

export interface JudgeSettings extends Partial<JudgeOptions> {
  readonly hasControl?: boolean;
  readonly accepted?: readonly AcceptedChange[];
}

export function metaOf(changes: Partial<RunMeta> = {}): RunMeta {
  return {
    id: "run",
    format: 1,
    startedAt: "2026-11-22T00:00:00.000Z",
    endedAt: "2026-11-22T00:01:00.000Z",
    tool: "0.1.0",
    seed: 1,
    kind: "replay",
    targets: { primary: "http://p", candidate: "http://c", controls: ["http://s"] },
    labels: {},
    interrupted: false,
    replay: null,
    ...changes,
  };
}

/** Both passes over a log. */
export function judge(entries: readonly RunEntry[], settings: JudgeSettings = {}): Report {
  const { hasControl = true, ...options } = settings;
  const meta = metaOf({ targets: { primary: "http://p", candidate: "http://c", controls: hasControl ? ["http://s"] : [] } });
  const judging = new Judge({
    meta,
    failOn: "medium",
    failOnLatency: null,
    minCompared: 1,
    minFidelity: 0.9,
    accepted: [],
    baseline: null,
    today: startOfDay,
    ...options,
  });
  for (const entry of entries) judging.learn(entry);
  for (const entry of entries) if (entry.kind === "observation") judging.observe(entry.observation);
  return judging.conclude();
}

export function judgeCases(cases: readonly Case[], settings: JudgeSettings = {}): Report {
  return judge(cases.map(caseEntry), settings);
}

/** Findings that are not noise. */
export function realFindings(report: Report): Finding[] {
  return report.findings.filter(({ state }) => state !== "noise");
}
