import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWithin } from "../../../diff/rules/tolerance.ts";
import { tolerance } from "./rules.ts";

describe("a tolerance", () => {
  it.each([
    ["1.00", "1.01", { absolute: "0.01" }, true],
    ["1.00", "1.010000000000000000001", { absolute: "0.01" }, false],
    ["9007199254740992", "9007199254740993", { absolute: "0.5" }, false],
    ["9007199254740992", "9007199254740993", { absolute: "1" }, true],
    ["-0.5", "0.5", { absolute: "1" }, true],
    ["100", "101", { relative: "0.01" }, true],
    ["100", "102", { relative: "0.01" }, false],
    ["0", "0.001", { relative: "0.01" }, false],
    ["0", "0.0", { absolute: "0" }, true],
    ["1e-7", "2e-7", { absolute: "1e-7" }, true],
    ["1", "3", { absolute: "1", relative: "0.7" }, true],
    ["1e99999999999", "1", { relative: "1" }, false],
    ["abc", "abd", { absolute: "9" }, false],
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:05Z", { timeMs: 5_000 }, true],
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:05.001Z", { timeMs: 5_000 }, false],
    ["2026-11-22T10:00:00Z", "2026-11-22T12:00:00+02:00", { timeMs: 5_000 }, false],
    ["1763798400", "1763798404", { timeMs: 5_000 }, true],
    ["1763798400", "1763798404", { absolute: "4" }, true],
  ])("between %s and %s, %o: %s", (left, right, bounds, isClose) => {
    expect(isWithin(left, right, tolerance(bounds))).toBe(isClose);
    expect(isWithin(right, left, tolerance(bounds))).toBe(isClose);
  });

  it("agrees with whole numbers, in both directions", () => {
    const whole = fc.integer({ min: -2000, max: 2000 });
    fc.assert(
      fc.property(whole, whole, fc.nat({ max: 500 }), fc.nat({ max: 100 }), (a, b, absolute, percent) => {
        const bounds = tolerance({ absolute: String(absolute), relative: String(percent / 100) });
        const expected = Math.abs(a - b) <= absolute || Math.abs(a - b) * 100 <= percent * Math.max(Math.abs(a), Math.abs(b));
        expect(isWithin(String(a), String(b), bounds)).toBe(expected);
        expect(isWithin(String(b), String(a), bounds)).toBe(expected);
      }),
    );
  });
});
