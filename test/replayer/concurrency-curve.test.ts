import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { milliseconds } from "../../model/units.ts";
import { ConcurrencyCurve } from "../../replayer/concurrency-curve.ts";

describe("ConcurrencyCurve", () => {
  it("keeps the greatest number of each step, recorded beside achieved", () => {
    const curve = new ConcurrencyCurve();
    for (const [at, underWay] of [
      [0, 2],
      [49, 1],
      [120, 4],
    ] as const)
      curve.addRecorded(milliseconds(at), underWay);
    curve.addAchieved(milliseconds(60), 3);
    expect(curve.steps()).toEqual({ stepMs: 50, recorded: [2, 0, 4], achieved: [0, 3, 0] });
  });

  it("stays as short as it is, however long the replay, and forgets no peak", () => {
    const points = fc.array(fc.record({ at: fc.integer({ min: 0, max: 100_000_000 }), underWay: fc.integer({ min: 1, max: 500 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(points, (list) => {
        const curve = new ConcurrencyCurve();
        for (const { at, underWay } of list) curve.addAchieved(milliseconds(at), underWay);
        const { stepMs, recorded, achieved } = curve.steps();
        expect(achieved.length).toBeLessThanOrEqual(120);
        expect(recorded).toEqual(achieved.map(() => 0));
        const expected = achieved.map((_, step) =>
          Math.max(0, ...list.filter(({ at }) => Math.floor(at / stepMs) === step).map(({ underWay }) => underWay)),
        );
        expect(achieved).toEqual(expected);
      }),
    );
  });
});
