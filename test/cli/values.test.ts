import { describe, expect, it } from "vitest";
import { duration, durationAboveZero } from "../../cli/values.ts";

describe("a duration", () => {
  it.each([
    ["0ms", 0],
    ["10ms", 10],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["3h", 10_800_000],
    ["7d", 604_800_000],
  ])("%s is %i ms", (text, ms) => {
    expect(duration(text, "--timeout")).toBe(ms);
  });

  it.each(["", "10", "-1s", "1 s", "1w", "1e3ms", "Infinity"])("is not %j", (text) => {
    expect(() => duration(text, "--timeout")).toThrow(`--timeout cannot be "${text}"`);
  });

  it.each(["8d", "169h", "2147483648ms", `${"9".repeat(400)}d`])("is at most seven days, not %s", (text) => {
    expect(() => duration(text, "--timeout")).toThrow(expect.objectContaining({ hint: "give at most 7d" }));
  });

  it("can be asked to be above nothing", () => {
    expect(() => durationAboveZero("0ms", "--timeout")).toThrow(expect.objectContaining({ hint: "give a duration above 0ms" }));
    expect(() => durationAboveZero("0.0d", "--timeout")).toThrow('"0.0d"');
    expect(durationAboveZero("0.5ms", "--timeout")).toBe(0.5);
  });
});
