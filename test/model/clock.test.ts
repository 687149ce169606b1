import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../model/clock.ts";
import { milliseconds } from "../../model/units.ts";

const day = 86_400_000;

describe("the machine's clock", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits longer than one of Node's timers can, and can be told not to", () => {
    vi.useFakeTimers();
    const called: string[] = [];
    systemClock.after(milliseconds(60 * day), () => called.push("kept"));
    const cancel = systemClock.after(milliseconds(60 * day), () => called.push("cancelled"));
    vi.advanceTimersByTime(59 * day);
    expect(called).toEqual([]);
    cancel();
    vi.advanceTimersByTime(day);
    expect(called).toEqual(["kept"]);
  });
});
