/** The error rates and powers that the design of the evidence was chosen for, by seeded simulation of lanes. */

import { describe, expect, it } from "vitest";
import { unitEvidence } from "../../diff/evidence.ts";
import { type Random, seededRandom } from "../../model/random.ts";

/** What a lone finding needs. */
const threshold = Math.log(8_000);

interface Scenario {
  readonly lanes: number;
  readonly requests: number;
  readonly noise: number;
  /** Share of requests that the candidate breaks besides. */
  readonly broken: number;
  readonly isSticky: boolean;
}

/** ln E of one run, each of the three copies noisy by itself; the first lane with a difference on one side only is left out. */
function run({ lanes, requests, noise, broken, isSticky }: Scenario, random: Random): number {
  const units: number[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const draw = (): readonly boolean[] => [random.next() < noise, random.next() < noise, random.next() < noise];
    const stuck = draw();
    let x = 0;
    for (let request = 0; request < requests; request++) {
      const [primary, control, candidate] = isSticky ? stuck : draw();
      x += Number(candidate !== primary || random.next() < broken) - Number(control !== primary);
    }
    units.push(x);
  }
  const revealing = units.findIndex((x) => x !== 0);
  return unitEvidence(units.filter((_, index) => index !== revealing));
}

function shareFound(scenario: Scenario, runs: number): number {
  const random = seededRandom(17);
  return Array.from({ length: runs }, () => run(scenario, random)).filter((logE) => logE >= threshold).length / runs;
}

describe("equal builds", () => {
  for (const isSticky of [true, false]) {
    it(`give no false finding in 500 runs of each size when noise is ${isSticky ? "sticky to lanes" : "independent"}`, () => {
      for (const [lanes, requests] of [
        [100, 8],
        [40, 24],
        [20, 40],
      ] as const) {
        for (const noise of [0.01, 0.3, 0.5]) expect(shareFound({ lanes, requests, noise, broken: 0, isSticky }, 500)).toBe(0);
      }
    });
  }

  it("would give false findings by the request where noise sticks: why the lane is the unit", () => {
    const random = seededRandom(3);
    const runs = 500;
    let found = 0;
    for (let i = 0; i < runs; i++) {
      const units: number[] = [];
      for (let lane = 0; lane < 40; lane++) {
        const x = Number(random.next() < 0.3) - Number(random.next() < 0.3);
        for (let request = 0; request < 24; request++) units.push(x);
      }
      if (unitEvidence(units) >= threshold) found++;
    }
    expect(found / runs).toBeGreaterThan(0.1);
  });
});

describe("the power of 30 % broken requests in 30 % noise, at E ≥ 8,000", () => {
  it("is .98 with 100 lanes of 8 requests", () => {
    expect(shareFound({ lanes: 100, requests: 8, noise: 0.3, broken: 0.3, isSticky: false }, 500)).toBeGreaterThanOrEqual(0.97);
  });

  it("is .98 with 40 lanes of 24", () => {
    expect(shareFound({ lanes: 40, requests: 24, noise: 0.3, broken: 0.3, isSticky: false }, 500)).toBeGreaterThanOrEqual(0.97);
  });

  it("is about .7 with 20 lanes of 40", () => {
    const share = shareFound({ lanes: 20, requests: 40, noise: 0.3, broken: 0.3, isSticky: false }, 500);
    expect(share).toBeGreaterThan(0.62);
    expect(share).toBeLessThan(0.8);
  });
});
