/** Exchanges over the time of production. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantileShares, quantilesOf } from "../../diff/percentiles.ts";
import { Timeline } from "../../diff/timeline.ts";

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);

describe("the time line", () => {
  it("counts every exchange once, whatever their order", () => {
    const times = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(times, fc.array(fc.constantFrom("same", "different", "stale", "loop")), (at, kinds) => {
        const timeline = new Timeline();
        const isDifferent: boolean[] = [];
        const counts: Record<string, number> = {};
        for (const [index, time] of at.entries()) {
          const kind = kinds[index] ?? "same";
          counts[kind] = (counts[kind] ?? 0) + 1;
          if (kind === "stale" || kind === "loop") timeline.leaveOut(kind, time);
          else {
            timeline.compare(time);
            isDifferent.push(kind === "different");
          }
        }
        const summary = timeline.summary((index) => isDifferent[index] === true);
        expect(summary === null).toBe(new Set(at).size === 1);
        if (summary === null) return;
        expect({ same: sum(summary.same), different: sum(summary.different) }).toEqual({
          same: counts["same"] ?? 0,
          different: counts["different"] ?? 0,
        });
        for (const reason of ["stale", "loop"]) expect(sum(summary.notComparable[reason] ?? [])).toBe(counts[reason] ?? 0);
        expect(summary.startMs).toBe(Math.min(...at));
        expect(summary.startMs + summary.stepMs * summary.same.length).toBeCloseTo(Math.max(...at), 6);
      }),
    );
  });

  it("says when: each exchange in the step of its time", () => {
    const timeline = new Timeline();
    for (const at of [0, 50, 119, 120]) timeline.compare(at);
    const summary = timeline.summary((index) => index === 1);
    expect(summary?.different.findIndex((n) => n === 1)).toBe(50);
    expect(summary?.same.flatMap((n, step) => (n > 0 ? [[step, n]] : []))).toEqual([
      [0, 1],
      [119, 2],
    ]);
  });
});

describe("quantiles", () => {
  it("rise, from the least to the greatest, and are none of few", () => {
    expect(quantilesOf(Array.from({ length: 19 }, () => 1))).toBeNull();
    const values = Array.from({ length: 1000 }, (_, index) => (index * 7919) % 1000);
    const quantiles = quantilesOf(values) ?? [];
    expect(quantiles).toHaveLength(quantileShares.length);
    expect([quantiles[0], quantiles[quantileShares.indexOf(0.5)], quantiles.at(-1)]).toEqual([0, 499, 999]);
    expect(quantiles).toEqual([...quantiles].toSorted((a, b) => a - b));
  });
});
