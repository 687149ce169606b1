/** The marks inside a line. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedWords } from "../../../report/page/app/changed-words.ts";

describe("the marks of a line", () => {
  it("are on the words that are others", () => {
    expect(changedWords('"price": 12.50, "tax": 1', '"price": 12.40, "tax": 1').filter(({ isChanged }) => isChanged)).toEqual([
      { text: "50", isChanged: true },
    ]);
  });

  it("leave the line as it is, and mark nothing of equal ones", () => {
    const line = fc.string({ maxLength: 60, unit: fc.constantFrom("a", "b", " ", '"', ":", "é", "\u{1f600}", "0") });
    fc.assert(
      fc.property(line, line, (text, against) => {
        expect(
          changedWords(text, against)
            .map((piece) => piece.text)
            .join(""),
        ).toBe(text);
      }),
    );
    expect(changedWords("same", "same").some(({ isChanged }) => isChanged)).toBe(false);
  });

  it("are on the middle where too much is changed", () => {
    const long = (word: string): string => Array.from({ length: 300 }, (_, index) => `${word}${index}`).join(" ");
    const pieces = changedWords(`<${long("a")}>`, `<${long("b")}>`);
    expect(pieces.map(({ isChanged }) => isChanged)).toEqual([false, true, false]);
    expect(pieces.map(({ text }) => text).join("")).toBe(`<${long("a")}>`);
  });
});
