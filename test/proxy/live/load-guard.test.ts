import { describe, expect, it } from "vitest";
import type { Clock } from "../../../model/clock.ts";
import { epochMs, milliseconds, monotonicMs, ratio } from "../../../model/units.ts";
import { HeadView } from "../../../proxy/live/head-view.ts";
import { LoadGuard } from "../../../proxy/live/load-guard.ts";
import { Lane, Sampler } from "../../../proxy/live/sampling.ts";
import { testKey } from "./support.ts";

/** A clock whose every timer comes late by what the test says. */
function lateClock(): { clock: Clock; late: number; tick(count: number): void } {
  let now = 0;
  let due: (() => void) | null = null;
  let delayMs = 0;
  const self = {
    late: 0,
    clock: {
      now: () => epochMs(now),
      monotonic: () => monotonicMs(now),
      after: (delay, callback) => {
        due = callback;
        delayMs = delay;
        return () => {
          due = null;
        };
      },
    } satisfies Clock,
    tick(count: number): void {
      for (let each = 0; each < count; each++) {
        now += delayMs + self.late;
        due?.();
      }
    },
  };
  return self;
}

function guarded(bound: number): { time: ReturnType<typeof lateClock>; guard: LoadGuard; shares: number[] } {
  const time = lateClock();
  const shares: number[] = [];
  const guard = new LoadGuard({ clock: time.clock, bound: milliseconds(bound), changed: (share) => shares.push(share) });
  guard.start();
  return { time, guard, shares };
}

describe("the load guard", () => {
  it("halves the share with every second in which the process is late, down to its least", () => {
    const { time, shares, guard } = guarded(50);
    time.late = 60;
    time.tick(200);
    expect(shares.slice(0, 3)).toEqual([0.5, 0.25, 0.125]);
    expect(guard.share).toBe(1 / 1024);
    expect(shares.length).toBe(10);
  });

  it("takes no notice of single late ticks, or of those within the bound", () => {
    const { time, shares } = guarded(50);
    for (let second = 0; second < 20; second++) {
      time.late = 500;
      time.tick(1);
      time.late = 49;
      time.tick(9);
    }
    expect(shares).toEqual([]);
  });

  it("gives the share back, step by step, after seconds without a late tick", () => {
    const { time, shares } = guarded(50);
    time.late = 60;
    time.tick(20);
    time.late = 0;
    time.tick(99);
    expect(shares).toEqual([0.5, 0.25]);
    time.tick(101);
    expect(shares).toEqual([0.5, 0.25, 0.5, 1]);
    time.tick(1000);
    expect(shares.length).toBe(4);
  });

  it("is off with a bound of 0", () => {
    const { time, shares } = guarded(0);
    time.late = 10_000;
    time.tick(100);
    expect(shares).toEqual([]);
  });
});

describe("the sampler under a share", () => {
  it("copies fewer lanes and says with which probability", () => {
    const sampler = new Sampler({
      key: testKey,
      epoch: "e",
      laneKey: { kind: "usual" },
      sampling: { rate: ratio(0.5), enabled: true },
    });
    sampler.share = ratio(0.25);
    const view = new HeadView();
    const drawn = (place: number) => sampler.draw(view, new Lane(place * 2 ** 32, 0, ""), monotonicMs(0));
    expect([drawn(0.1), drawn(0.2)]).toEqual([0.125, null]);
    sampler.share = ratio(1);
    expect(drawn(0.2)).toBe(0.5);
    sampler.sampling = { rate: ratio(0.5), enabled: false };
    expect(drawn(0.2)).toBeNull();
  });
});
