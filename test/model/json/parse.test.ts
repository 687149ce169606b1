import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../model/json/parse.ts";

const corpus = new URL("../../corpus/json-parsing/", import.meta.url);
const files = readdirSync(corpus).filter((name) => name.endsWith(".json"));
const parseText = (text: string) => parseJson(Buffer.from(text));

describe("parseJson on the JSONTestSuite", () => {
  it("is tested on all 318 files", () => {
    expect(files).toHaveLength(318);
  });

  it.each(files.filter((name) => name.startsWith("y_")))("accepts %s", (name) => {
    expect(parseJson(readFileSync(new URL(encodeURIComponent(name), corpus))).kind).toBe("parsed");
  });

  it.each(files.filter((name) => name.startsWith("n_")))("refuses %s", (name) => {
    expect(parseJson(readFileSync(new URL(encodeURIComponent(name), corpus))).kind).not.toBe("parsed");
  });

  it.each(files.filter((name) => name.startsWith("i_")))("survives %s", (name) => {
    expect(["parsed", "invalid", "over-limit"]).toContain(parseJson(readFileSync(new URL(encodeURIComponent(name), corpus))).kind);
  });
});

describe("parseJson", () => {
  it("keeps number lexemes, member order, duplicate keys and __proto__", () => {
    expect(parseText('{"b": 1.0, "a": 1e400, "b": -0, "__proto__": 9007199254740993}')).toEqual({
      kind: "parsed",
      duplicateKeys: true,
      root: {
        kind: "object",
        members: [
          { key: "b", value: { kind: "number", lexeme: "1.0" } },
          { key: "a", value: { kind: "number", lexeme: "1e400" } },
          { key: "b", value: { kind: "number", lexeme: "-0" } },
          { key: "__proto__", value: { kind: "number", lexeme: "9007199254740993" } },
        ],
      },
    });
  });

  it("finds duplicate keys in large objects, too, and none where there are none", () => {
    const members = Array.from({ length: 40 }, (_, index) => `"k${index}":${index}`);
    expect(parseText(`{${members.join(",")}}`)).toMatchObject({ kind: "parsed", duplicateKeys: false });
    expect(parseText(`{${[...members, '"k3":0'].join(",")}}`)).toMatchObject({ kind: "parsed", duplicateKeys: true });
  });

  it("keeps lone surrogates from escapes and joins pairs", () => {
    expect(parseText('["\\ud800", "\\ud83d\\ude00"]')).toMatchObject({ root: { elements: [{ value: "\ud800" }, { value: "😀" }] } });
  });

  it("refuses a byte order mark at offset 0", () => {
    expect(parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toMatchObject({ kind: "invalid", offset: 0 });
  });

  it("names the byte offset of a fault behind multi-byte characters", () => {
    expect(parseText('["é😀", x]')).toMatchObject({ kind: "invalid", offset: 11 });
  });

  it("names the byte offset of the first byte that is not UTF-8", () => {
    expect(parseJson(Uint8Array.of(0x22, 0xc3, 0xa9, 0xff, 0x22))).toEqual({ kind: "invalid", offset: 3, problem: "not UTF-8" });
  });

  it("answers over-limit for a valid document that is too deep, and invalid for a malformed one", () => {
    const open = "[".repeat(100_000);
    expect(parseText(open + "]".repeat(100_000))).toEqual({ kind: "over-limit", limit: "depth" });
    expect(parseText(open)).toMatchObject({ kind: "invalid", offset: 100_000 });
  });

  it("allows exactly maxDepth levels and exactly maxNodes nodes", () => {
    const limits = { maxDepth: 2, maxNodes: 4 };
    const kindOf = (text: string) => parseJson(Buffer.from(text), limits).kind;
    expect([kindOf("[[1]]"), kindOf("[[[]]]"), kindOf("[1,2,3]"), kindOf("[1,2,3,4]")]).toEqual([
      "parsed",
      "over-limit",
      "parsed",
      "over-limit",
    ]);
  });
});
