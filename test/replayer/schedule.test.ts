import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochMs, milliseconds } from "../../model/units.ts";
import { closedLoopSize, createSchedule, type Pace, thinkSpeedOf } from "../../replayer/schedule.ts";

const start = 1_763_798_400_000;

function dueTimes(pace: Pace, offsets: readonly number[], seed = 1): (number | null)[] {
  const schedule = createSchedule(pace, seed);
  return offsets.map((offset) => schedule.due(epochMs(start + offset)));
}

describe("createSchedule", () => {
  it.each([
    { title: "recorded times at speed 1", speed: 1, maxGap: null, offsets: [0, 10, 10, 250], due: [0, 10, 10, 250] },
    { title: "twice as fast", speed: 2, maxGap: null, offsets: [0, 10, 250], due: [0, 5, 125] },
    { title: "half as fast", speed: 0.5, maxGap: null, offsets: [0, 10], due: [0, 20] },
    {
      title: "a gap is squeezed once and moves all that follows",
      speed: 1,
      maxGap: 100,
      offsets: [0, 1000, 1010, 5000],
      due: [0, 100, 110, 210],
    },
    { title: "gaps are measured in replay time", speed: 10, maxGap: 100, offsets: [0, 1000, 3000], due: [0, 100, 200] },
    { title: "a step back of the recorded clock is due at once", speed: 1, maxGap: null, offsets: [0, 20, 15, 30], due: [0, 20, 20, 30] },
  ])("keeps $title", ({ speed, maxGap, offsets, due }) => {
    expect(dueTimes({ kind: "recorded", speed, maxGap: maxGap === null ? null : milliseconds(maxGap) }, offsets)).toEqual(due);
  });

  it("spaces a uniform rate evenly whatever the recorded times were", () => {
    expect(dueTimes({ kind: "rate", perSecond: 4, arrivals: "uniform" }, [0, 0, 9000, 9000])).toEqual([0, 250, 500, 750]);
  });

  it("repeats Poisson arrivals for a seed and reaches the mean rate", () => {
    const pace: Pace = { kind: "rate", perSecond: 100, arrivals: "poisson" };
    const offsets = Array.from({ length: 5000 }, () => 0);
    const due = dueTimes(pace, offsets, 7);
    expect(dueTimes(pace, offsets, 7)).toEqual(due);
    expect(dueTimes(pace, offsets, 8)).not.toEqual(due);
    // 5,000 arrivals at 100/s: 50 s with a standard deviation of 0.7 s.
    expect(due.at(-1)).toBeGreaterThan(46_000);
    expect(due.at(-1)).toBeLessThan(54_000);
  });

  it("has no due times on a closed loop", () => {
    expect(dueTimes({ kind: "max", concurrency: 4 }, [0, 5])).toEqual([null, null]);
    expect(dueTimes({ kind: "serial" }, [0, 5])).toEqual([null, null]);
  });

  it("never goes backwards and never waits longer than the greatest gap", () => {
    const gaps = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (steps, speed, maxGap) => {
        let at = 0;
        const offsets = steps.map((step) => {
          at += step;
          return at;
        });
        const due = dueTimes({ kind: "recorded", speed, maxGap: milliseconds(maxGap) }, offsets).map((time) => time ?? Number.NaN);
        return due.every((time, index) => {
          const before = due[index - 1] ?? 0;
          // A thousandth of a millisecond: what doubles of today's epoch leave of the difference.
          return time - before >= -1e-3 && time - before <= maxGap + 1e-3;
        });
      }),
    );
  });

  it("depends on recorded times only, so that it does not drift: each due time is its own offset", () => {
    const offsets = fc
      .array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 60 })
      .map((list) => [0, ...list].sort((a, b) => a - b));
    fc.assert(
      fc.property(offsets, fc.constantFrom(0.5, 1, 2, 4), (list, speed) => {
        const all = dueTimes({ kind: "recorded", speed, maxGap: null }, list);
        return list.every((offset, index) => {
          const alone = dueTimes({ kind: "recorded", speed, maxGap: null }, [0, offset])[1];
          return all[index] === alone && alone === offset / speed;
        });
      }),
    );
  });
});

describe("closedLoopSize", () => {
  it("is one for a serial pace and unbounded for an open loop", () => {
    expect(closedLoopSize({ kind: "serial" })).toBe(1);
    expect(closedLoopSize({ kind: "max", concurrency: 8 })).toBe(8);
    expect(closedLoopSize({ kind: "rate", perSecond: 1, arrivals: "uniform" })).toBeNull();
  });
});

describe("thinkSpeedOf", () => {
  it("keeps think times only where recorded distances are kept", () => {
    expect(thinkSpeedOf({ kind: "recorded", speed: 4, maxGap: null })).toBe(4);
    expect(thinkSpeedOf({ kind: "recorded", speed: 4, maxGap: milliseconds(100) })).toBe(Number.POSITIVE_INFINITY);
    expect(thinkSpeedOf({ kind: "max", concurrency: 2 })).toBe(Number.POSITIVE_INFINITY);
  });
});
