/** Where the rows of a long list are. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowHeights } from "../../../report/page/app/row-heights.ts";

describe("the heights of rows", () => {
  it("say for every pixel which row is there, as a list that is added up says it", () => {
    const measures = fc.array(fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 300 })), { maxLength: 60 });
    fc.assert(
      fc.property(measures, fc.integer({ min: -100, max: 10_000 }), (measured, pixels) => {
        const heights = new RowHeights(30);
        for (const [row, height] of measured) heights.measure(row, height);
        const starts = Array.from({ length: 31 }, (_, row) => heights.startOf(row));
        for (const [row, height] of new Map(measured)) expect((starts[row + 1] ?? 0) - (starts[row] ?? 0)).toBe(height);
        const expected = starts.slice(0, 30).findLastIndex((start) => start <= pixels);
        expect(heights.rowAt(pixels)).toBe(Math.max(0, expected));
      }),
    );
  });

  it("guess what was not measured from what was, and know what is new", () => {
    const heights = new RowHeights(1000);
    expect(heights.startOf(1000)).toBeGreaterThan(0);
    expect([heights.measure(0, 50), heights.measure(0, 50), heights.measure(0, 0), heights.measure(1000, 9)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(heights.startOf(1000)).toBe(50_000);
  });
});
