/** The statistics against an independent library (jstat), against their definitions by brute force, and their null
 * expectations by enumerating every assignment of control and candidate. */

import jStat from "jstat";
import { describe, expect, it } from "vitest";
import { coinFavouring, requestEvidence, unitEvidence } from "../../diff/evidence.ts";
import { hodgesLehmann } from "../../diff/hodges-lehmann.ts";
import { SignTest } from "../../diff/sign-test.ts";
import { seededRandom } from "../../model/random.ts";

/** All 2^n ways of giving each of n units to candidate (+1) or control (−1). */
function assignments(n: number): number[][] {
  return Array.from({ length: 2 ** n }, (_, bits) => Array.from({ length: n }, (__, i) => ((bits >> i) & 1) * 2 - 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("requestEvidence", () => {
  it("is 2^(b+c+1) · B(b+1,c+1) · Pr[Beta(b+1,c+1) > 1/2] by jstat's beta function and distribution", () => {
    for (let b = 0; b <= 25; b++) {
      for (let c = 0; c <= 25; c++) {
        const expected = 2 ** (b + c + 1) * jStat.betafn(b + 1, c + 1) * (1 - jStat.beta.cdf(0.5, b + 1, c + 1));
        // jstat's tail loses digits by cancellation where it is small.
        const digits = c > b + 8 ? 2 : 6;
        expect(Math.exp(requestEvidence(b, c)) / expected).toBeCloseTo(1, digits);
      }
    }
  });

  it("is the binomial tail that the beta tail equals", () => {
    for (let b = 0; b <= 30; b++) {
      for (const c of [0, 1, 5, 12]) {
        const tail = jStat.binomial.cdf(b, b + c + 1, 0.5);
        const expected = 2 ** (b + c + 1) * jStat.betafn(b + 1, c + 1) * tail;
        expect(Math.exp(requestEvidence(b, c)) / expected).toBeCloseTo(1, 6);
      }
    }
  });
});

describe("expectations under the null hypothesis", () => {
  it("are one for evidence by lanes, over all assignments, whatever the sizes of the lanes", () => {
    for (const sizes of [[1], [3, 1], [5, 2, 2, 9], [1, 1, 1, 1, 1, 1, 1, 1], [40, 1, 3, 3, 7, 2, 1, 1, 6, 2]]) {
      const values = assignments(sizes.length).map((signs) => Math.exp(unitEvidence(sizes.map((size, i) => size * (signs[i] ?? 0)))));
      expect(mean(values)).toBeCloseTo(1, 10);
    }
  });

  it("are one for evidence by requests, stopped at any fixed number or at the best moment allowed by a rule", () => {
    for (const n of [1, 2, 5, 10]) {
      const runs = assignments(n);
      const at = (signs: readonly number[]): number =>
        Math.exp(requestEvidence(signs.filter((x) => x > 0).length, signs.filter((x) => x < 0).length));
      expect(mean(runs.map(at))).toBeCloseTo(1, 10);
      // Stops as soon as E has reached 2: no rule of stopping gains anything.
      const stopped = runs.map((signs) => {
        for (let looked = 1; looked <= n; looked++) if (at(signs.slice(0, looked)) >= 2) return at(signs.slice(0, looked));
        return at(signs);
      });
      expect(mean(stopped)).toBeCloseTo(1, 10);
    }
  });

  it("are one at most for the sign test, one- and two-sided, by every unit", () => {
    const places = Array.from({ length: 10 }, (_, i) => ({ lane: i % 7, content: i % 8 }));
    for (const units of ["lanes", "requests", "both"] as const) {
      for (const sides of ["oneSided", "twoSided"] as const) {
        const values = assignments(places.length).map((signs) => {
          const test = new SignTest();
          for (const [i, place] of places.entries()) test.add(place, signs[i] ?? 0);
          return Math.exp(test[sides](units));
        });
        expect(mean(values)).toBeLessThanOrEqual(1 + 1e-9);
        expect(Math.max(...values)).toBeGreaterThan(2);
      }
    }
  });

  it("agree between the two forms of lane evidence", () => {
    for (const [b, c] of [
      [0, 0],
      [7, 0],
      [3, 9],
      [200, 150],
    ] as const) {
      const units = [...Array<number>(b).fill(1), ...Array<number>(c).fill(-1)];
      expect(coinFavouring(b, c)).toBeCloseTo(unitEvidence(units), 9);
    }
  });
});

describe("SignTest", () => {
  it("leaves out the unit that revealed it, and tells what the larger side is", () => {
    const test = new SignTest();
    for (let i = 0; i < 6; i++) test.add({ lane: i, content: i }, 3);
    test.add({ lane: 0, content: 0 }, 1);
    test.add({ lane: 9, content: 9 }, 0);
    expect([test.b, test.c, test.requests]).toEqual([7, 0, 5]);
    expect(Math.exp(test.oneSided("requests"))).toBeCloseTo(10.5, 9);
    expect(Math.exp(test.oneSided("lanes"))).toBeCloseTo(Math.exp(unitEvidence([1, 1, 1, 1, 1])), 9);
    expect(test.twoSided("lanes")).toBeLessThan(test.oneSided("lanes"));
  });
});

describe("hodgesLehmann", () => {
  const random = seededRandom(5);
  const sample = (n: number, shift: number): number[] => Array.from({ length: n }, () => random.next() ** 2 * 3 - 1 + shift);
  const walsh = (values: readonly number[]): number[] =>
    values.flatMap((x, i) => values.slice(i).map((y) => (x + y) / 2)).sort((a, b) => a - b);

  it("is the median of all Walsh averages (by jstat's median)", () => {
    for (const n of [1, 2, 3, 6, 7, 20, 51, 200]) {
      const values = sample(n, n / 10);
      expect(hodgesLehmann(values)?.estimate).toBeCloseTo(jStat.median(walsh(values)), 9);
    }
    expect(hodgesLehmann([2, 2, 2, 2, 2, 2])).toEqual({ estimate: 2, interval: [2, 2] });
    expect(hodgesLehmann([])).toBeNull();
  });

  it("bounds its interval by the averages that the exact signed-rank test accepts, for each n that can be enumerated", () => {
    for (let n = 6; n <= 12; n++) {
      const values = sample(n, 0);
      const sums = assignments(n).map((signs) => signs.reduce((sum, sign, i) => sum + (sign > 0 ? i + 1 : 0), 0));
      const chanceUpTo = (q: number): number => sums.filter((sum) => sum <= q).length / sums.length;
      let rank = 0;
      while (chanceUpTo(rank) <= 0.025) rank++;
      const averages = walsh(values);
      const [low, high] = hodgesLehmann(values)?.interval ?? [];
      expect(low).toBeCloseTo(averages[rank - 1] ?? Number.NaN, 9);
      expect(high).toBeCloseTo(averages[averages.length - rank] ?? Number.NaN, 9);
    }
  });

  it("has no interval under six values, since not even the outermost averages hold 95 % there", () => {
    for (let n = 1; n < 6; n++) expect(hodgesLehmann(sample(n, 0))?.interval).toBeNull();
  });

  it("goes over to the normal quantile (jstat's) without a jump, and holds the truth in 95 % of samples", () => {
    const values = sample(400, 0);
    const deviation = Math.sqrt((400 * 401 * 801) / 24);
    const rank = Math.floor((400 * 401) / 4 - jStat.normal.inv(0.975, 0, 1) * deviation);
    expect(hodgesLehmann(values)?.interval?.[0]).toBeCloseTo(walsh(values)[rank - 1] ?? Number.NaN, 9);
    for (const n of [10, 49, 52]) {
      const runs = 2_000;
      let held = 0;
      for (let run = 0; run < runs; run++) {
        // Symmetric about 1.
        const interval = hodgesLehmann(Array.from({ length: n }, () => 1 + random.next() - random.next()))?.interval ?? [2, 0];
        if (interval[0] <= 1 && interval[1] >= 1) held++;
      }
      expect(held / runs).toBeGreaterThan(0.94);
      expect(held / runs).toBeLessThan(0.97);
    }
  });

  it("handles a sample whose averages would not fit into memory", () => {
    const values = Array.from({ length: 200_000 }, (_, i) => Math.log(1.25) + Math.sin(i) / 10);
    const shift = hodgesLehmann(values);
    expect(shift?.estimate).toBeCloseTo(Math.log(1.25), 3);
    const [low = 1, high = 0] = shift?.interval ?? [];
    expect(high - low).toBeLessThan(0.002);
  });
});
