import { describe, expect, it } from "vitest";
import { byteSize, counted, duration, evidenceFigure, percent, shareOf } from "../../report/figures.ts";

describe("figures", () => {
  it("rounds shares without hiding exceptions at either end", () => {
    expect([0, 0.17, 0.075, 0.0004, 0.9996, 1, 1.2].map(percent)).toEqual(["0 %", "17 %", "7.5 %", "0.04 %", "99.9 %", "100 %", "100 %"]);
    expect(percent(0.994)).toBe("99.4 %");
  });

  it("gives no share of nothing", () => {
    expect(shareOf(0, 0)).toBe("–");
    expect(shareOf(1, 4)).toBe("25 %");
  });

  it("shows evidence over all its orders of magnitude", () => {
    expect([null, 0.4, 10.5, 56.78, 8123.4, 212_345, 1e300, Infinity].map(evidenceFigure)).toEqual([
      "–",
      "0.4",
      "10.5",
      "56.8",
      "8,123",
      "2.1e5",
      "≥ 1e300",
      "≥ 1e300",
    ]);
  });

  it("counts one thing without an s", () => {
    expect(counted(1, "finding")).toBe("1 finding");
    expect(counted(12_345, "finding")).toBe("12,345 findings");
    expect(counted(2, "entry", "entries")).toBe("2 entries");
  });

  it("names durations and sizes with fitting units", () => {
    expect([0.21, 3.25, 140.2, 1204, 61_000].map(duration)).toEqual(["0.21 ms", "3.3 ms", "140 ms", "1,204 ms", "61 s"]);
    expect([0, 812, 12_345, 3_456_789].map(byteSize)).toEqual(["0 B", "812 B", "12.3 kB", "3.46 MB"]);
  });
});
