import { describe, expect, it } from "vitest";
import { conditionOf } from "../../diff/condition.ts";

const names = ["query _start is present", "query page=2", "header host is present", "query _end is present"];
const cases = (count: number, features: number[], shows: boolean): { features: number[]; shows: boolean }[] =>
  Array.from({ length: count }, () => ({ features, shows }));

describe("conditionOf", () => {
  it("names the feature that separates, with its counts", () => {
    expect(conditionOf([...cases(18, [0, 2], true), ...cases(87, [2], false)], names)).toBe(
      "only when query _start is present: 18/18, else 0/87",
    );
  });

  it("stays silent without support, without contrast, and when nothing separates", () => {
    expect(conditionOf([...cases(2, [0], true), ...cases(9, [], false)], names)).toBeNull();
    expect(conditionOf(cases(9, [0], true), names)).toBeNull();
    expect(conditionOf([...cases(5, [0], true), ...cases(5, [0], false)], names)).toBeNull();
    expect(conditionOf([...cases(5, [0], true), ...cases(5, [1], true), ...cases(5, [], false)], names)).toBeNull();
  });

  it("prefers presence to a value, and query to headers", () => {
    expect(conditionOf([...cases(5, [2, 1, 3], true), ...cases(5, [], false)], names)).toContain("query _end is present");
  });

  it("tolerates a few exchanges that have the feature and hide the finding", () => {
    expect(conditionOf([...cases(40, [0], true), ...cases(1, [0], false), ...cases(40, [], false)], names)).toContain("40/41, else 0/40");
  });
});
