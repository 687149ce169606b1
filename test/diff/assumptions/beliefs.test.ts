import { describe, expect, it } from "vitest";
import { epochMs } from "../../../model/units.ts";
import { assumptions, lineOf } from "./assumptions.ts";
import { type Plant, plants, shopTraffic } from "./shop-traffic.ts";

const nothing: ReadonlySet<Plant> = new Set();
const everything = new Set(Object.keys(plants) as Plant[]);

describe("the beliefs that staging's traffic encodes", () => {
  it.each([1, 2, 3])("are named, each of them once, and nothing else is (seed %d)", (seed) => {
    const found = assumptions(
      shopTraffic({ seed, sessions: 700, planted: nothing }),
      shopTraffic({ seed: seed + 1000, sessions: 1200, planted: everything }),
    );
    expect(found.beliefs.map(lineOf).sort()).toEqual(Object.values(plants).sort());
  });

  it("are none where both recordings are of the same traffic (20 seeds)", () => {
    const named = Array.from({ length: 20 }, (_, seed) => {
      const staging = shopTraffic({ seed, sessions: 60 + 12 * seed, planted: nothing });
      return assumptions(staging, shopTraffic({ seed: seed + 2000, sessions: 300, planted: nothing })).beliefs.map(lineOf);
    });
    expect(named.flat()).toEqual([]);
  });

  it("are ranked by how often production does it, with how sure that is", () => {
    const planted = new Set<Plant>(["new status", "constant parameter", "new endpoint"]);
    const { beliefs, production } = assumptions(
      shopTraffic({ seed: 5, sessions: 500, planted: nothing }),
      shopTraffic({ seed: 6, sessions: 500, planted }),
    );
    expect(beliefs.length).toBe(3);
    expect(beliefs.map(({ violations }) => violations)).toEqual(beliefs.map(({ violations }) => violations).toSorted((a, b) => b - a));
    for (const { violations, of, staging, chance } of beliefs) {
      expect(chance).toBeCloseTo((1 - violations / of) ** staging, 10);
      expect(chance).toBeLessThan(0.05);
    }
    expect(beliefs.find(({ kind }) => kind === "endpoint")?.of).toBe(production.exchanges);
  });

  it("need enough of staging to be called so", () => {
    const planted = new Set<Plant>(["new status"]);
    const production = shopTraffic({ seed: 8, sessions: 500, planted });
    const found = assumptions(shopTraffic({ seed: 7, sessions: 10, planted: nothing }), production);
    expect(found.beliefs).toEqual([]);
    expect(found.explainedByChance).toBeGreaterThan(0);
  });

  it("are one line where no request of a session ever overlaps with another", () => {
    const serial = shopTraffic({ seed: 9, sessions: 400, planted: nothing }).map((exchange, n) => ({ ...exchange, at: epochMs(n * 100) }));
    const found = assumptions(serial, shopTraffic({ seed: 10, sessions: 400, planted: new Set<Plant>(["overlap"]) }));
    expect(found.beliefs.map(lineOf)).toEqual(["requests of one session never overlap"]);
  });
});
