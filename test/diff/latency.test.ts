/** Latency findings: what is told, what fails, and that equal speeds are left alone. */

import { describe, expect, it } from "vitest";
import { judgeLatency, LatencySamples } from "../../diff/latency.ts";
import type { ComparedExchange } from "../../diff/tally.ts";
import type { Outcome } from "../../model/exchange.ts";
import { seededRandom } from "../../model/random.ts";
import type { EndpointSummary, Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { answered, type Case, type JudgeSettings, judgeCases, metaOf, realFindings } from "./fabricate.ts";

function after(ms: number, status: number = 200): Outcome {
  const outcome = answered({ a: 1 }, status);
  return outcome.kind === "answered" ? { ...outcome, tookMs: milliseconds(ms) } : outcome;
}

interface Speeds {
  readonly lanes?: number;
  readonly requests?: number;
  readonly seed?: number;
  /** Times the candidate's, by the number of the request in its lane. */
  readonly factor?: (request: number, random: () => number) => number;
  /** Drawn once a lane for each copy. */
  readonly stickySpread?: number;
}

function cases({ lanes = 40, requests = 8, seed = 1, factor = () => 1, stickySpread = 0 }: Speeds): Case[] {
  const random = seededRandom(seed);
  const noisy = (): number => 20 * Math.exp(random.next() + random.next() - 1);
  const sticky = Array.from({ length: lanes }, () => [1 + stickySpread * random.next(), 1 + stickySpread * random.next()] as const);
  const out: Case[] = [];
  for (let request = 0; request < requests; request++) {
    for (let lane = 0; lane < lanes; lane++) {
      const [own = 1, others = 1] = sticky[lane] ?? [];
      const [control, candidate] = [noisy() * own, noisy() * others * factor(request, () => random.next())];
      const id = `${lane}-${request}`;
      out.push({
        id,
        lane: `lane ${lane}`,
        target: `/items/${1000 + request * lanes + lane}`,
        primary: after(9),
        control: after(control),
        candidate: after(candidate),
      });
    }
  }
  return out;
}

function exchangeOf(index: number, lane: number): ComparedExchange {
  const place = { endpoint: 0, lane, content: index, record: index, isSafe: true, shape: 0 };
  return { ...place, id: `${index}`, features: 0, labels: 0, size: 1, afterGap: false, inclusion: 0, shown: [], noisy: [] };
}

/** Two processes, each for itself busy two fifths of the time. */
interface Busy {
  readonly pairs: number;
  /** How long one of them stays so, on average. */
  readonly busyPairs: number;
  /** How many times as long it takes then. */
  readonly slowdown: number;
  /** Times the candidate's. */
  readonly factor: number;
  readonly tookMs: number;
}

function isToldSlower({ pairs, busyPairs, slowdown, factor, tookMs }: Busy, seed: number): boolean {
  const busyShare = 0.4;
  const random = seededRandom(seed + 1);
  const samples = new LatencySamples();
  const isBusy = [random.next() < busyShare, random.next() < busyShare];
  const time = (target: number): number => {
    const turns = random.next() < (isBusy[target] ? 1 : busyShare / (1 - busyShare)) / busyPairs;
    if (turns) isBusy[target] = !isBusy[target];
    return 3 * Math.exp(0.6 * (random.next() + random.next() + random.next() - 1.5)) * (isBusy[target] ? slowdown : 1);
  };
  for (let pair = 0; pair < pairs; pair++) samples.add(pair, time(0), time(1) * factor);
  const exchanges = Array.from({ length: pairs }, (_, index) => exchangeOf(index, Math.floor(random.next() * 60)));
  const { tests } = judgeLatency(samples, { exchanges, isSmall: false, tookMs, failOnRatio: null });
  return tests.some(({ isTelling, b, c, logE }) => isTelling && b > c && logE > Math.log(20));
}

function report(speeds: Speeds, settings: JudgeSettings = {}): Report {
  return judgeCases(cases(speeds), settings);
}

function latencyOf({ endpoints }: Report): NonNullable<EndpointSummary["latency"]> {
  const [latency] = endpoints.map((endpoint) => endpoint.latency);
  if (latency === null || latency === undefined) throw new Error("no latency");
  return latency;
}

describe("equal speeds", () => {
  it("give no latency finding over 60 seeds, independent or sticky to lanes, and their interval holds 1 in most", () => {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const judged = report({ seed, stickySpread: seed % 2 });
      expect(realFindings(judged)).toEqual([]);
      const [low = 2, high = 0] = latencyOf(judged).interval ?? [];
      if (low <= 1 && high >= 1) held++;
    }
    expect(held).toBeGreaterThanOrEqual(53);
  });

  it("do not fail a run that asks for a ratio", () => {
    for (let seed = 1; seed <= 20; seed++) expect(report({ seed }, { failOnLatency: 1.1 }).verdict).toBe("pass");
  });
});

describe("a slower candidate", () => {
  const slow: Speeds = { factor: () => 2 };

  it("is told with its shift, as information", () => {
    const judged = report(slow);
    expect(judged.verdict).toBe("pass");
    expect(realFindings(judged).filter(({ path }) => path === "")).toMatchObject([
      { location: "latency", path: "", kind: "latency.paired", transition: "slower", severity: "info", class: "latency", state: "new" },
    ]);
    const { shift, interval, e, pairs } = latencyOf(judged);
    expect(shift).toBeGreaterThan(1.9);
    expect(shift).toBeLessThan(2.2);
    expect(interval?.[0]).toBeGreaterThan(1.5);
    expect(e).toBeGreaterThan(8_000);
    expect(pairs).toEqual({ tested: 317, cold: 3, saturated: 0, unlike: 0, probes: 0 });
    // Being slower is no difference between the answers.
    expect(judged.totals).toMatchObject({ same: 320, different: 0 });
  });

  it("fails a run from the ratio on that its whole interval passes", () => {
    expect(report(slow, { failOnLatency: 1.5 })).toMatchObject({
      verdict: "fail",
      // Its tail is as much slower as everything else: no second finding.
      findings: [{ severity: "high", kind: "latency.paired" }],
    });
    expect(report(slow, { failOnLatency: 2 }).verdict).toBe("pass");
  });

  it.each([1.3, 1 / 1.3])("by %d, which another core may do as well, is shown as the endpoint's shift and is no finding", (factor) => {
    const judged = report({ factor: () => factor });
    expect(realFindings(judged)).toEqual([]);
    expect(latencyOf(judged).e).toBeGreaterThan(1_000);
    expect(report({ factor: () => factor }, { failOnLatency: 1.15 }).verdict).toBe(factor > 1 ? "fail" : "pass");
  });

  it("fails no run that was slow in one window only, or that did not keep production's timing", () => {
    const once: Speeds = { factor: (request) => (request < 2 ? 12 : 1.02) };
    expect(report(once, { failOnLatency: 1.01 }).verdict).toBe("pass");
    const replay = { valid: false, scheduled: 1, sent: 1, dropped: 0, orderViolations: 0 };
    const late = { ...replay, lateness: { p50: 1, p95: 50, p99: 50, max: 50 }, maxConcurrency: { recorded: 1, achieved: 1 } };
    const meta = metaOf({ replay: late });
    expect(report(slow, { failOnLatency: 1.2, meta }).verdict).toBe("pass");
  });

  it("is seen in few lanes by the distinct request", () => {
    const judged = report({ lanes: 3, requests: 20, factor: () => 3 }, { failOnLatency: 1.5 });
    expect(judged.verdict).toBe("fail");
    expect(latencyOf(judged).shift).toBeGreaterThan(2.3);
  });
});

describe("a longer tail", () => {
  it("is a finding of its own where the middle is as fast as before", () => {
    const judged = report({ lanes: 40, requests: 12, factor: (_, random) => (random() < 0.12 ? 20 : 1) });
    const tail = realFindings(judged).filter(({ kind }) => kind === "latency.tail");
    expect(tail.map(({ path, transition, severity }) => [path, transition, severity])).toContainEqual(["p95", "slower", "info"]);
    expect(latencyOf(judged).shift).toBeLessThan(1.15);
  });
});

describe("processes that are busy at times", () => {
  const run: Busy = { pairs: 600, busyPairs: 40, slowdown: 5, factor: 1, tookMs: 60_000 };
  const toldOf = (busy: Busy): number => Array.from({ length: 200 }, (_, seed) => isToldSlower(busy, seed)).filter(Boolean).length;

  it("are not told to be slower builds, however much they slow down", () => {
    for (const slowdown of [2, 3, 10]) expect(toldOf({ ...run, slowdown })).toBeLessThanOrEqual(8);
  });

  it("are not told in a short run, which one such time may fill", () => {
    for (const busyPairs of [40, 600, 6_000]) expect(toldOf({ ...run, busyPairs, slowdown: 2.5, tookMs: 8_000 })).toBe(0);
  });

  it("keep neither twice as slow a build from being told, where they are steady, nor thrice in a short run", () => {
    const steady: Busy = { ...run, slowdown: 1, factor: 2.2 };
    expect(toldOf(steady)).toBeGreaterThanOrEqual(198);
    expect(toldOf({ ...steady, tookMs: 8_000 })).toBe(0);
    expect(toldOf({ ...steady, factor: 4, tookMs: 8_000 })).toBeGreaterThanOrEqual(198);
  });
});

describe("pairs that say nothing", () => {
  it("are left out and counted: cold ones, saturated ones, and answers with different statuses", () => {
    const exchanges: ComparedExchange[] = [];
    const samples = new LatencySamples();
    for (let i = 0; i < 100; i++) {
      exchanges.push(exchangeOf(i, i));
      const isSaturated = i >= 50 && i < 60;
      samples.add(i, isSaturated ? 900 : 10, isSaturated ? 5_000 : 10 + (i % 2));
    }
    samples.unlike = 2;
    samples.probes = 18;
    const judged = judgeLatency(samples, { exchanges, isSmall: false, tookMs: null, failOnRatio: null });
    expect(judged.pairs).toEqual({ tested: 87, cold: 3, saturated: 10, unlike: 2, probes: 18 });
    expect(judged.tests[0]).toMatchObject({ b: 0, c: 0 });
  });

  it("are those of unlike answers and of differences under a millisecond", () => {
    const statuses = cases({ factor: () => 3 }).map((one) => ({ ...one, candidate: after(90, 500) }));
    expect(latencyOf(judgeCases(statuses))).toMatchObject({ shift: null, interval: null, e: null, pairs: { tested: 0, unlike: 320 } });
    const quick = cases({}).map((one) => ({ ...one, control: after(0.2), candidate: after(0.6) }));
    expect(realFindings(judgeCases(quick))).toEqual([]);
  });

  it("leave a run without a control without a shift", () => {
    const alone = cases({}).map((one) => ({ ...one, control: null }));
    const latency = latencyOf(judgeCases(alone, { hasControl: false }));
    expect(latency).toMatchObject({ control: null, shift: null, interval: null, e: null, pairs: null });
  });
});
