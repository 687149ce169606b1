import { describe, expect, it } from "vitest";
import { meanEvidence, probeEvidence, requestEvidence, shownEvidence, unitEvidence } from "../../diff/evidence.ts";
import { seededRandom } from "../../model/random.ts";

const lambdas = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];

/** The definition, in plain numbers. */
function plainUnits(units: readonly number[]): number {
  const products = lambdas.map((lambda) => units.reduce((product, x) => (product * Math.exp(lambda * x)) / Math.cosh(lambda * x), 1));
  return products.reduce((sum, product) => sum + product, 0) / lambdas.length;
}

/** E(b,c) = 2^(b+c+1) ∫_{1/2}^{1} p^b (1−p)^c dp, by Simpson's rule. */
function plainRequests(b: number, c: number): number {
  const steps = 20_000;
  const f = (p: number): number => p ** b * (1 - p) ** c;
  let sum = f(0.5) + f(1);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * f(0.5 + i / (2 * steps));
  return 2 ** (b + c + 1) * (sum / (6 * steps));
}

describe("requestEvidence", () => {
  it("has the known values of the design", () => {
    expect(Math.exp(requestEvidence(5, 0))).toBeCloseTo(10.5, 9);
    expect(Math.exp(requestEvidence(8, 0))).toBeCloseTo(511 / 9, 9);
    for (let b = 0; b < 40; b++) expect(Math.exp(requestEvidence(b, 0)) / ((2 ** (b + 1) - 1) / (b + 1))).toBeCloseTo(1, 9);
  });

  it("is the integral that defines it", () => {
    for (const [b, c] of [
      [0, 0],
      [1, 1],
      [3, 5],
      [10, 2],
      [2, 10],
      [20, 20],
      [30, 7],
    ] as const) {
      expect(Math.exp(requestEvidence(b, c)) / plainRequests(b, c)).toBeCloseTo(1, 6);
    }
  });

  it("starts at one, is a martingale, and stays finite far out", () => {
    expect(requestEvidence(0, 0)).toBeCloseTo(0, 12);
    for (let b = 0; b < 30; b++) {
      for (let c = 0; c < 30; c++) {
        const next = (Math.exp(requestEvidence(b + 1, c)) + Math.exp(requestEvidence(b, c + 1))) / 2;
        expect(next / Math.exp(requestEvidence(b, c))).toBeCloseTo(1, 8);
      }
    }
    expect(requestEvidence(5_000, 10)).toBeGreaterThan(3_000);
    expect(shownEvidence(requestEvidence(5_000, 10))).toBe(1e300);
    expect(Number.isFinite(requestEvidence(10, 5_000))).toBe(true);
  });
});

describe("unitEvidence", () => {
  it("is the mixture that defines it", () => {
    for (const units of [[], [1], [-3], [1, 1, 1, -1], [4, 0, 2, -1, 7, 3], [-2, -2, 5]]) {
      expect(Math.exp(unitEvidence(units)) / plainUnits(units)).toBeCloseTo(1, 9);
    }
  });

  it("does not overflow and ignores zeros", () => {
    expect(unitEvidence(Array.from({ length: 100_000 }, () => 50))).toBeGreaterThan(60_000);
    expect(unitEvidence([3, 0, 0, 1])).toBe(unitEvidence([3, 1]));
  });

  it("reaches 1/α in at most a share α of null runs, looked at after every lane (Ville)", () => {
    const random = seededRandom(7);
    const [runs, lanes, alpha] = [2_000, 40, 0.05];
    let crossed = 0;
    for (let run = 0; run < runs; run++) {
      const units: number[] = [];
      let highest = Number.NEGATIVE_INFINITY;
      for (let lane = 0; lane < lanes; lane++) {
        // A lane sticks to its value: all of its requests differ on one side, whichever.
        units.push((random.next() < 0.5 ? 1 : -1) * random.below(6));
        highest = Math.max(highest, unitEvidence(units));
      }
      if (highest >= Math.log(1 / alpha)) crossed++;
    }
    expect(crossed / runs).toBeLessThanOrEqual(alpha);
  });

  it("needs between 13 and 16 agreeing lanes to reach the threshold of a lone finding", () => {
    const lanesFor = (count: number): number => Math.exp(unitEvidence(Array.from({ length: count }, () => 3)));
    expect(lanesFor(16)).toBeGreaterThan(8_000);
    expect(lanesFor(12)).toBeLessThan(8_000);
  });
});

describe("probeEvidence", () => {
  it("is worth 24,310.5 when nine sends a side separate perfectly, and a half when not", () => {
    expect(Math.exp(probeEvidence(9, true))).toBeCloseTo(24_310.5, 4);
    expect(Math.exp(probeEvidence(9, false))).toBeCloseTo(0.5, 12);
    expect(Math.exp(probeEvidence(1, true))).toBeCloseTo(1.5, 12);
  });

  it("takes the mean of several probes, and nothing for none", () => {
    expect(meanEvidence([])).toBe(0);
    expect(Math.exp(meanEvidence([Math.log(3), Math.log(5)]))).toBeCloseTo(4, 12);
  });
});
