import { describe, expect, it } from "vitest";
import type { FailureKind } from "../../model/exchange.ts";
import { probeTimes, type Trial } from "../../model/observation.ts";
import { milliseconds } from "../../model/units.ts";
import { ProbeWaiting } from "../../target/probe-waiting.ts";

const trial = (kind: FailureKind, tookMs: number): Trial => ({ outcome: { kind, tookMs: milliseconds(tookMs) } });

describe("the time that probes may wait", () => {
  it("is used up by what timed out, as often as it will be sent, and by nothing else", () => {
    const waiting = new ProbeWaiting(2 * probeTimes * 100 + 50);
    expect([100, 100, 100].map((tookMs) => waiting.take(trial("timed-out", tookMs)))).toEqual([true, true, false]);
    expect(waiting.take(trial("reset", 1_000_000))).toBe(true);
    // What is left still does for something that fails sooner.
    expect([5, 5].map((tookMs) => waiting.take(trial("timed-out", tookMs)))).toEqual([true, false]);
  });

  it("is enough for a dozen probes at the usual time limit", () => {
    const waiting = new ProbeWaiting();
    const taken = Array.from({ length: 100 }, () => waiting.take(trial("timed-out", 10_000)));
    expect(taken.filter((may) => may)).toHaveLength(13);
  });
});
