import { describe, expect, it } from "vitest";
import type { Clock } from "../../model/clock.ts";
import { epochMs, monotonicMs } from "../../model/units.ts";
import { waitUntil } from "../../replayer/waiting.ts";

/** A clock that stands still: timers fire late by `timerLateness`, each event-loop turn takes `turnMs`. */
function fakeClock(timerLateness: number): { clock: Clock; timers: number[]; pass: (ms: number) => void } {
  let now = 0;
  const timers: number[] = [];
  const clock: Clock = {
    now: () => epochMs(now),
    monotonic: () => monotonicMs(now),
    after(delay, callback) {
      timers.push(delay);
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        now += delay + timerLateness;
        callback();
      });
      return () => {
        cancelled = true;
      };
    },
  };
  return { clock, timers, pass: (ms) => (now += ms) };
}

const never = new AbortController().signal;

describe("waitUntil", () => {
  it("leaves the far part to one timer and turns the event loop for the last two milliseconds", async () => {
    const { clock, timers, pass } = fakeClock(1);
    let turns = 0;
    const turn = async (): Promise<void> => {
      turns += 1;
      pass(0.25);
    };
    await waitUntil(monotonicMs(100), { clock, signal: never, turn });
    expect(timers).toEqual([98]);
    expect(turns).toBe(4);
    expect(clock.monotonic()).toBe(100);
  });

  it("does not wait at all for a moment that has passed", async () => {
    const { clock, timers } = fakeClock(0);
    await waitUntil(monotonicMs(0), { clock, signal: never, turn: () => Promise.reject(new Error("turned")) });
    expect(timers).toEqual([]);
  });

  it("ends early when it is aborted", async () => {
    const { clock, pass } = fakeClock(0);
    const abort = new AbortController();
    const turn = async (): Promise<void> => {
      pass(0.5);
      abort.abort();
    };
    await waitUntil(monotonicMs(100), { clock, signal: abort.signal, turn });
    expect(clock.monotonic()).toBe(98.5);
  });
});
