/** How often the rules of docs/decisions/0012-dependence.md err, computed exactly: the numbers that stand there. */

import { describe, expect, it } from "vitest";
import {
  dependsOnOverlap,
  fewestForAnotherLook,
  frequencyOf,
  isUnsteady,
  looks,
  repeatsFor,
  runsForAlways,
} from "../../../diff/dependence/decision.ts";
import { logChoose } from "../../../diff/evidence.ts";

const rates = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);
const [first = 0, second = 0] = looks;

function binomial(k: number, n: number, rate: number): number {
  if (rate === 0) return Number(k === 0);
  return Math.exp(logChoose(n, k) + k * Math.log(rate) + (n - k) * Math.log(1 - rate));
}

/** Probability that `compare` of the experiments ends in "overlap", when runs show it at these rates with and without it. */
function claimed(overlapping: number, serial: number): number {
  let sum = 0;
  const more = second - first;
  for (let shown = fewestForAnotherLook; shown <= first; shown++) {
    for (let without = 0; without <= first; without++) {
      const chance = binomial(shown, first, overlapping) * binomial(without, first, serial);
      if (chance < 1e-12) continue;
      if (dependsOnOverlap({ shown, control: 0, runs: first }, { shown: without, control: 0, runs: first })) sum += chance;
      else sum += chance * claimedAtSecond(shown, without, more, overlapping, serial);
    }
  }
  return sum;
}

function claimedAtSecond(shown: number, without: number, more: number, overlapping: number, serial: number): number {
  let sum = 0;
  for (let later = 0; later <= more; later++) {
    for (let laterWithout = 0; laterWithout <= more; laterWithout++) {
      const chance = binomial(later, more, overlapping) * binomial(laterWithout, more, serial);
      if (chance < 1e-9) continue;
      const counts = [shown + later, without + laterWithout].map((total) => ({ shown: total, control: 0, runs: second }));
      const [withOverlap, inSeries] = counts;
      if (withOverlap !== undefined && inSeries !== undefined && dependsOnOverlap(withOverlap, inSeries)) sum += chance;
    }
  }
  return sum;
}

describe("overlap", () => {
  it("is claimed of a fault that has nothing to do with it in 1 of 200 cases at most, however often it comes", () => {
    for (const rate of rates) expect(claimed(rate, rate)).toBeLessThan(0.005);
  });

  it.each([
    [0.2, 0.33],
    [0.3, 0.75],
    [0.5, 0.98],
    [0.9, 0.999],
  ])("is found when it brings the finding about in %d of the runs, nearly as often as %d", (rate, power) => {
    expect(claimed(rate, 0)).toBeGreaterThan(power);
  });

  it("is not claimed where the control shows the same as often", () => {
    const serial = { shown: 0, control: 0, runs: first };
    expect(dependsOnOverlap({ shown: 6, control: 0, runs: first }, serial)).toBe(true);
    expect(dependsOnOverlap({ shown: 6, control: 3, runs: first }, serial)).toBe(false);
  });
});

describe("always", () => {
  it("takes eight runs, none of which may differ", () => {
    expect(frequencyOf({ shown: runsForAlways, control: 0, runs: runsForAlways })).toBe("always");
    expect(frequencyOf({ shown: runsForAlways, control: 0, runs: runsForAlways + 1 })).toBe("sometimes");
    expect(frequencyOf({ shown: runsForAlways - 1, control: 0, runs: runsForAlways - 1 })).toBe("sometimes");
    expect(frequencyOf({ shown: 0, control: 0, runs: 0 })).toBe("never");
  });
});

describe("what comes and goes", () => {
  const sends = (...counts: readonly (readonly [shown: number, control: number, runs: number])[]): boolean =>
    isUnsteady(counts.map(([shown, control, runs]) => ({ shown, control, runs })));

  it("is a send that shows it in one run and not in another, not a series whose sends differ in the same way each time", () => {
    expect(sends([1, 0, 2], [0, 0, 2])).toBe(true);
    expect(sends([2, 0, 2], [0, 0, 2], [2, 0, 2])).toBe(false);
    expect(sends([0, 0, 2])).toBe(false);
  });

  it("is none of the candidate's where the control shows it half as often", () => {
    expect(sends([1, 0, 2], [1, 0, 2], [1, 1, 2])).toBe(true);
    expect(sends([1, 0, 2], [1, 1, 2])).toBe(false);
  });
});

describe("the repetitions of a subset", () => {
  it("miss one that shows the finding at the rate of all requests in 1 of 100 cases, as far as they are not bounded", () => {
    for (let shown = 4; shown <= 10; shown++) {
      const count = { shown, runs: 10 };
      expect((1 - shown / 10) ** repeatsFor(count)).toBeLessThanOrEqual(0.01);
    }
    expect(repeatsFor({ shown: 10, runs: 10 })).toBeLessThanOrEqual(2);
    expect(repeatsFor({ shown: 1, runs: 10 })).toBe(12);
    expect(repeatsFor({ shown: 0, runs: 10 })).toBe(12);
  });
});
