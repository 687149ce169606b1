import { describe, expect, it } from "vitest";
import { gapsOf, kolmogorovSmirnov } from "../../bench/replay/distance.ts";
import { arrivals, exchangeOf } from "../../bench/replay/traffic.ts";
import type { Clock } from "../../model/clock.ts";
import type { Exchange } from "../../model/exchange.ts";
import { epochMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { departures, Places } from "../../replayer/departures.ts";
import { createSchedule } from "../../replayer/schedule.ts";

const perSecond = 200;
const count = 1000;

/** A clock that moves while somebody waits for it: a little at each look, and up to its timer, late by a millisecond. */
function movingClock(): Clock {
  let now = 1000;
  return {
    now: () => epochMs(now),
    monotonic: () => {
      now += 0.004;
      return monotonicMs(now);
    },
    after(delay, callback) {
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        now += Math.ceil(delay) + 1;
        callback();
      });
      return () => {
        cancelled = true;
      };
    },
  };
}

async function* recorded(): AsyncGenerator<Exchange> {
  let number = 0;
  for (const at of arrivals(count, perSecond)) {
    yield exchangeOf(number, at);
    number += 1;
  }
}

/** When each exchange is given out, by a clock of the test's own. */
async function departed(speed: number, busyMs = 0): Promise<number[]> {
  const clock = movingClock();
  const signal = new AbortController().signal;
  const schedule = createSchedule({ kind: "recorded", speed, maxGap: null }, 1);
  const times: number[] = [];
  for await (const { due } of departures(recorded(), { schedule, places: new Places(1000), clock, signal })) {
    times.push(clock.monotonic());
    expect(due).not.toBeNull();
    // What sending costs: everything that is due meanwhile leaves late.
    for (const end = clock.monotonic() + busyMs; clock.monotonic() < end; );
  }
  return times;
}

describe("the times between departures", () => {
  it("are distributed like the recorded ones, divided by the speed", async () => {
    const times = gapsOf([...arrivals(count, perSecond)]);
    for (const speed of [1, 4]) {
      const distance = kolmogorovSmirnov(
        gapsOf(await departed(speed)),
        times.map((gap) => gap / speed),
      );
      expect(distance).toBeLessThan(0.03);
    }
    // The measure tells: evenly spaced departures of the same rate are far away.
    expect(
      kolmogorovSmirnov(
        times.map(() => milliseconds(1000 / perSecond)),
        times,
      ),
    ).toBeGreaterThan(0.5);
  });

  it("do not add up to a drift, however long each send takes", async () => {
    const due = [...arrivals(count, perSecond)];
    const times = await departed(1, 2);
    const late = due.map((at, index) => (times[index] ?? Number.NaN) - (times[0] ?? Number.NaN) - at);
    const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
    expect(Math.abs(median(late.slice(-100)) - median(late.slice(0, 100)))).toBeLessThan(2);
  });
});

describe("kolmogorovSmirnov", () => {
  it.each([
    { left: [1, 2, 3], right: [1, 2, 3], distance: 0 },
    { left: [1, 2], right: [3, 4], distance: 1 },
    { left: [1, 2, 3, 4], right: [3, 4, 5, 6], distance: 0.5 },
    { left: [1, 1, 2], right: [1, 2, 2, 2, 2, 2], distance: 0.5 },
  ])("of $left and $right is $distance", ({ left, right, distance }) => {
    expect(kolmogorovSmirnov(left, right)).toBeCloseTo(distance);
  });
});
