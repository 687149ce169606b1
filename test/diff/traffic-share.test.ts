/** What a sample of production says about all of it: its parts against jstat, its promise against simulated traffic. */

import jStat from "jstat";
import { describe, expect, it } from "vitest";
import { betaQuantile, studentQuantile } from "../../diff/beta-quantile.ts";
import { Sample } from "../../diff/traffic-share.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import { answered, caseEntry, judge } from "./fabricate.ts";

interface Request {
  readonly lane: number;
  readonly inclusion: number;
  readonly shows: boolean;
}

/** Sessions of 1 to 30 requests. What they show sticks to them by half. Some requests are sampled more often than the rest. */
function traffic(random: Random, rate: number, share: (isRare: boolean) => number): { all: Request[]; sampled: Request[] } {
  const all: Request[] = [];
  const sampled: Request[] = [];
  for (let lane = 0; lane < 2000; lane++) {
    const position = random.next();
    const own = random.next() < 0.5 ? rate / 2 : random.next() < rate * 1.5 ? 1 : 0;
    for (let i = 1 + random.below(30); i > 0; i--) {
      const inclusion = share(random.next() < 0.2);
      const request = { lane, inclusion, shows: random.next() < own };
      all.push(request);
      if (position < inclusion) sampled.push(request);
    }
  }
  return { all, sampled };
}

const showing = (requests: readonly Request[]): Set<number> => new Set(requests.flatMap(({ shows }, index) => (shows ? [index] : [])));

describe("quantiles", () => {
  it("are jstat's", () => {
    for (const [a, b] of [
      [0.5, 40],
      [1, 1],
      [3.7, 900.2],
      [40, 0.6],
      [250, 251],
    ] as const) {
      for (const p of [0.001, 0.025, 0.5, 0.975]) expect(betaQuantile(p, a, b)).toBeCloseTo(jStat.beta.inv(p, a, b), 7);
    }
    for (const freedom of [1, 2, 9, 30, 500]) expect(studentQuantile(0.95, freedom)).toBeCloseTo(jStat.studentt.inv(0.975, freedom), 5);
  });
});

describe("Sample", () => {
  it.each([
    ["a tenth of the sessions, 20 % show it", 0.2, () => 0.1],
    ["a tenth of the sessions, 2 % show it", 0.02, () => 0.1],
    ["half of the sessions, .3 % show it", 0.003, () => 0.5],
    ["two in a hundred sessions, a third shows it", 0.33, () => 0.02],
    ["a twentieth, and of rare requests three in ten", 0.1, (isRare: boolean) => (isRare ? 0.3 : 0.05)],
  ])("holds the truth in 182 of 200 runs at the least: %s", (_, rate, share) => {
    let held = 0;
    let error = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { all, sampled } = traffic(seededRandom(seed), rate, share);
      const truth = showing(all).size / all.length;
      const estimate = new Sample(sampled).shareOf(showing(sampled));
      if (estimate.low <= truth && truth <= estimate.high) held++;
      error += estimate.share / truth - 1;
      expect(estimate.low <= estimate.share && estimate.share <= estimate.high).toBe(true);
    }
    expect(held).toBeGreaterThanOrEqual(182);
    // Three standard errors of the rarest.
    expect(Math.abs(error / 200)).toBeLessThan(0.15);
  });

  it("knows the number of requests, and nothing more where all were recorded or nobody knows how", () => {
    const { all, sampled } = traffic(seededRandom(1), 0.1, () => 0.25);
    expect(new Sample(sampled).requests / all.length).toBeCloseTo(1, 1);
    for (const inclusion of [0, 1]) expect(new Sample(sampled.map((one) => ({ ...one, inclusion }))).isEstimable).toBe(false);
  });

  it("that shows nothing may still miss what one session in so many has", () => {
    const { sampled } = traffic(seededRandom(1), 0, () => 0.1);
    const { share, low, high } = new Sample(sampled).shareOf(new Set());
    const lanes = new Set(sampled.map(({ lane }) => lane)).size;
    expect([share, low]).toEqual([0, 0]);
    expect(new Sample(sampled.map((one) => ({ ...one, inclusion: 0.5 }))).shareOf(new Set(sampled.keys()))).toMatchObject({
      share: 1,
      high: 1,
    });
    expect(high).toBeGreaterThan(2 / lanes);
    expect(high).toBeLessThan(5 / lanes);
  });
});

describe("the report of a sampled run", () => {
  const entries = (inclusion: number | undefined) =>
    Array.from({ length: 400 }, (_, index) => {
      const entry = caseEntry({
        id: `x${index}`,
        lane: `lane ${index % 50}`,
        target: `/items/${index}`,
        primary: answered({ price: 1 }),
        candidate: answered({ price: index % 4 === 0 ? 2 : 1 }),
      });
      if (entry.kind !== "observation" || inclusion === undefined) return entry;
      const { observation } = entry;
      return { ...entry, observation: { ...observation, exchange: { ...observation.exchange, inclusion } } };
    });

  it("says how much of production would differ, as a whole and for each finding", () => {
    const report = judge(entries(0.1));
    expect(report.traffic).toMatchObject({ requests: 4000, lanes: 50, different: { share: 0.25 } });
    expect(report.traffic?.different.low).toBeLessThan(0.25);
    expect(report.findings[0]?.traffic).toEqual(report.traffic?.different);
  });

  it("says nothing of the kind without a sample", () => {
    for (const inclusion of [1, undefined]) expect(judge(entries(inclusion))).not.toHaveProperty("traffic");
  });
});
