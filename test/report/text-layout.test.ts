import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth, joined, wrapped } from "../../report/text-layout.ts";

const plain = { first: "", rest: "" };

describe("display width", () => {
  it("counts wide characters as two columns and combining ones as none", () => {
    expect(["abc", "漢字", "😀", "e\u0301", "\u0301"].map(displayWidth)).toEqual([3, 4, 2, 1, 0]);
  });
});

describe("wrapping", () => {
  it("breaks at words and indents what follows", () => {
    expect(wrapped("one two three four", 10, { first: "- ", rest: "  " })).toEqual(["- one two", "  three", "  four"]);
  });

  it("keeps a number with its unit", () => {
    expect(wrapped("it took 100 %", 11, plain)).toEqual(["it took", "100 %"]);
  });

  it("breaks a word that is longer than a line", () => {
    expect(wrapped("abcdefghij", 4, plain)).toEqual(["abcd", "efgh", "ij"]);
  });

  it("keeps phrases whole where they fit", () => {
    expect(joined(["18 of 105", "only at night", "E 3"], 16, plain)).toEqual(["18 of 105 ·", "only at night ·", "E 3"]);
  });

  it("never makes a line wider than asked, and loses no character", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z漢]{1,30}$/), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 6, max: 40 }),
        (words, width) => {
          const lines = wrapped(words.join(" "), width, { first: "  ", rest: "   " });
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
          expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("begins no line with what a CI server obeys, wherever a line breaks", () => {
    for (const glue of [" ", "", "\u00a0"]) {
      for (let before = 0; before < 45; before++) {
        const text = `${"x".repeat(before)}${glue}::error::owned${glue}${"::".repeat(before)}warning::${glue}##[error]x`;
        const lines = [...wrapped(text, 20, { first: "  ", rest: "    " }), ...joined([text, text], 20, { first: "", rest: " " })];
        expect(lines.filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(20);
      }
    }
  });
});
