import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipped, visible } from "../../report/visible.ts";

describe("visible", () => {
  it("spells out terminal escapes, direction marks, zero-width characters and line separators", () => {
    expect(visible("\u001b[31m\u009b\u202ea\u200bb\u2028c\n\r\t\ufeff")).toBe("\\u001b[31m\\u009b\\u202ea\\u200bb\\u2028c\\n\\r\\t\\ufeff");
  });

  it("spells out lone surrogates and invisible tag characters, and keeps emoji", () => {
    expect(visible("a\ud800b\u{e0041}😀é漢")).toBe("a\\ud800b\\u{e0041}😀é漢");
  });

  it("leaves no acting character in any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(visible(text))));
  });
});

describe("clipped", () => {
  it("keeps what fits and marks what it cut", () => {
    expect(clipped("abc", 3)).toBe("abc");
    expect(clipped("abcd", 3)).toBe("ab…");
  });

  it("never cuts through a surrogate pair", () => {
    expect(clipped("a😀bc", 3)).toBe("a…");
  });
});
