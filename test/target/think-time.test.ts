import { describe, expect, it } from "vitest";
import { monotonicMs } from "../../model/units.ts";
import { thinkTime } from "../../target/think-time.ts";

const pause = (recordedMs: number, speed: number, finishedAt: number): number =>
  thinkTime({ recordedMs, speed, submittedAt: monotonicMs(1000), finishedAt: monotonicMs(finishedAt) });

describe("the pause after a predecessor's answer", () => {
  it.each([
    ["is the recorded one while the target keeps up", 100, 1, 900, 100],
    ["is divided by the speed", 100, 2, 950, 50],
    ["is half when the target is behind by one pause", 100, 1, 1000, 50],
    ["is nearly nothing when it is far behind", 100, 1, 10_800, 1],
    ["is nothing where there was none", 0, 1, 2000, 0],
    ["is nothing at unlimited speed", 100, Number.POSITIVE_INFINITY, 2000, 0],
    ["is never negative", -5, 1, 2000, 0],
  ])("%s", (_title, recordedMs, speed, finishedAt, expected) => {
    expect(pause(recordedMs, speed, finishedAt)).toBeCloseTo(expected, 0);
  });
});
