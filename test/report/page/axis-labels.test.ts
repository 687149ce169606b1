import { describe, expect, it } from "vitest";
import { timeLabels, unitOf, wholeNumbers } from "../../../report/page/app/axis-labels.ts";

const start = Date.UTC(2026, 10, 22, 10, 15) / 1000;
const every = (seconds: number): number[] => Array.from({ length: 4 }, (_, index) => start + index * seconds);

describe("the marks of a time axis", () => {
  it.each([
    [60, ["10:15", "10:16", "10:17", "10:18"]],
    [20, ["10:15:00", "10:15:20", "10:15:40", "10:16:00"]],
    [0.5, ["10:15:00.0", "10:15:00.5", "10:15:01.0", "10:15:01.5"]],
    [0.02, ["10:15:00.000", "10:15:00.020", "10:15:00.040", "10:15:00.060"]],
    [86_400, ["11-22", "11-23", "11-24", "11-25"]],
    [43_200, ["11-22 10:15", "11-22 22:15", "11-23 10:15", "11-23 22:15"]],
    [366 * 86_400, ["2026-11-22", "2027-11-23", "2028-11-23", "2029-11-24"]],
  ])("are all different, %d s from one another", (seconds, labels) => {
    expect(timeLabels(every(seconds))).toEqual(labels);
  });

  it("may be one, or none", () => {
    expect([timeLabels([start]), timeLabels([])]).toEqual([["10:15:00"], []]);
  });
});

describe("the marks of other axes", () => {
  it("leave out what is between whole numbers", () => {
    expect(wholeNumbers([0, 0.5, 1, 1500])).toEqual(["0", "", "1", "1,500"]);
  });

  it.each([
    [900, "ms"],
    [2900, "ms"],
    [3000, "s"],
    [200_000, "min"],
    [10_700_000, "min"],
    [10_800_000, "h"],
  ])("count %d ms in %s", (span, name) => {
    expect(unitOf(span).name).toBe(name);
  });
});
