import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, falseShare, select, weight } from "../../diff/selection.ts";

/** The definition, tried for every k. */
function bruteForce(candidates: readonly Candidate[]): Set<number> {
  const selected = new Set<number>();
  for (const isHigh of [true, false]) {
    const family = candidates.map((candidate, index) => ({ ...candidate, index })).filter((one) => one.isHigh === isHigh);
    const values = family.map((one, position) => ({ index: one.index, value: Math.exp(one.logE) * weight(position + 1) }));
    const sorted = [...values].sort((a, b) => b.value - a.value);
    let best = 0;
    for (let k = 1; k <= sorted.length; k++) if ((sorted[k - 1]?.value ?? 0) >= (1 - 1e-12) / (falseShare * k)) best = k;
    for (const { index } of sorted.slice(0, best)) selected.add(index);
  }
  return selected;
}

describe("select", () => {
  it("selects a lone finding from 8,000 on", () => {
    expect(select([{ isHigh: true, logE: Math.log(8_000) }], falseShare).size).toBe(1);
    expect(select([{ isHigh: true, logE: Math.log(7_990) }], falseShare).size).toBe(0);
  });

  it("asks less of each when many are strong", () => {
    const many = Array.from({ length: 10 }, () => ({ isHigh: false, logE: Math.log(801) }));
    expect(select(many, falseShare).size).toBe(10);
    expect(select(many.slice(0, 9), falseShare).size).toBe(0);
  });

  it("keeps the families apart", () => {
    const candidates = [
      ...Array.from({ length: 10 }, () => ({ isHigh: false, logE: Math.log(801) })),
      { isHigh: true, logE: Math.log(801) },
    ];
    expect([...select(candidates, falseShare)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("spends no more than its weight", () => {
    let sum = 0;
    for (let j = 1; j <= 100_000; j++) sum += weight(j);
    expect(sum).toBeLessThanOrEqual(1);
  });

  it("agrees with brute force", () => {
    const candidate = fc.record({ isHigh: fc.boolean(), logE: fc.double({ min: -5, max: 14, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 30 }), (candidates) => {
        expect(select(candidates, falseShare)).toEqual(bruteForce(candidates));
      }),
    );
  });
});
