import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineRows } from "../../../report/page/line-rows.ts";

describe("line rows", () => {
  it("lays equal lines beside each other and marks the rest", () => {
    const rows = lineRows([
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "B", "c", "d"],
    ]);
    expect(rows).toEqual([
      ["a", 0, 0],
      ["b", 0, "B"],
      ["c", 0, 0],
      [null, null, "d"],
    ]);
  });

  it("says which side lacks a line", () => {
    expect(lineRows([["a", "b"], ["b"]])).toEqual([
      ["a", null],
      ["b", 0],
    ]);
    expect(lineRows([[], ["x"]])).toEqual([[null, "x"]]);
    expect(lineRows([["only"]])).toEqual([["only"]]);
  });

  it("loses no line of any side", () => {
    const side = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(side, side, side, (first, second, third) => {
        const rows = lineRows([first, second, third]);
        const column = (index: number): unknown[] =>
          rows.flatMap((row) => (typeof row === "number" ? [] : [row[index] === 0 ? row[0] : row[index]])).filter((cell) => cell !== null);
        expect([column(0), column(1), column(2)]).toEqual([first, second, third]);
      }),
    );
  });

  it("shows the place where long lines differ", () => {
    const long = "x".repeat(100_000);
    const [row] = lineRows([[`${long}1`], [`${long}2`]]);
    const [left, right] = typeof row === "object" ? row : [];
    expect([left, right].map((cell) => String(cell).slice(-1))).toEqual(["1", "2"]);
    expect(String(left).length).toBeLessThan(800);
    expect(String(left)).toMatch(/^\[\d+ characters\] …/);
  });

  it("leaves out what is equal in long bodies, and counts it", () => {
    const base = Array.from({ length: 5000 }, (_, index) => String(index));
    const rows = lineRows([base, base.with(2500, "changed")]);
    const shown = rows.filter((row) => typeof row !== "number").length;
    const left = rows.reduce<number>((sum, row) => (typeof row === "number" ? sum + row : sum), 0);
    expect(shown).toBeLessThan(50);
    expect(shown + left).toBe(5000);
    expect(rows).toContainEqual(["2500", "changed"]);
  });

  it("bounds the work when everything differs", () => {
    const base = Array.from({ length: 3000 }, (_, index) => `a${index}`);
    const other = base.map((line) => `b${line}`);
    const rows = lineRows([base, other]);
    expect(rows.length).toBeLessThanOrEqual(1201);
    expect(rows[0]).toEqual(["a0", "ba0"]);
    expect(rows.at(-1)).toBeTypeOf("number");
  });

  it("shows acting characters and keeps tabs", () => {
    expect(lineRows([["\t\u202ea\u0000"]])).toEqual([["\t\\u202ea\\u0000"]]);
  });
});
