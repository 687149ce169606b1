import { describe, expect, it } from "vitest";
import { readJsonLines, readJsonSequence } from "../../../../diff/compare/documents/series.ts";
import { found, text } from "../answers.ts";
import { limits, shown } from "./show.ts";

const lines = (body: string) => readJsonLines(Buffer.from(body), limits);

describe("readJsonLines", () => {
  it("reads a document a line, and passes empty lines", () => {
    expect(shown(lines('{"a":1}\r\n\n 2\n"x"'))).toBe('[{"a":1},2,"x"]');
  });

  it("says where in the body the fault is", () => {
    expect(lines("1\n2\n{x")).toEqual({ kind: "invalid", offset: 5, problem: "expected a key in quotes" });
  });

  it("holds all documents under one budget", () => {
    expect(shown(lines(`[${"1,".repeat(400)}1]\n`.repeat(2)))).toContain("[[1,");
    expect(shown(lines(`[${"1,".repeat(400)}1]\n`.repeat(3)))).toBe("over nodes");
  });
});

describe("readJsonSequence", () => {
  it("reads documents that begin with a record separator and may have lines", () => {
    expect(shown(readJsonSequence(Buffer.from('\u001e{"a":\n1}\n\u001e2\n'), limits))).toBe('[{"a":1},2]');
  });
});

describe("bodies in a binary or unusual format", () => {
  const pack = (hex: string, type: string) => {
    const answer = text("", type);
    const bytes = Buffer.from(hex, "hex");
    return answer.kind === "answered" ? { ...answer, answer: { ...answer.answer, body: { kind: "whole", bytes } as const } } : answer;
  };

  it.each([
    ["application/msgpack", "81a16101", "81a16102", "/a json.value value value"],
    ["application/vnd.shop+msgpack", "81a16101", "81a161a178", "/a json.type type number→string"],
    ["application/cbor", "a1616101", "a1616102", "/a json.value value value"],
    ["application/cbor-seq", "0102", "0103", "/* json.value value value"],
    ["application/x-protobuf", "0801", "0802", "/1/* json.value value value"],
    ["application/json-seq", "1e5b315d0a", "1e5b325d0a", "/*/* json.value value value"],
  ])("%s are compared by field", (type, left, right, difference) => {
    expect(found(pack(left, type), pack(right, type))).toEqual([difference]);
    expect(found(pack(left, type), pack(left, type))).toEqual([]);
  });

  it("that are malformed on both sides are compared as bytes or text", () => {
    expect(found(pack("81a100", "application/msgpack"), pack("81a101", "application/msgpack"))).toEqual(["body.opaque value bytes"]);
    expect(found(pack("81a161", "application/msgpack"), pack("81a16101", "application/msgpack"))).toEqual([
      "body.unparseable value invalid→parsed",
    ]);
    expect(found(text("{x\n", "application/x-ndjson"), text("{y\n", "application/x-ndjson"))).toEqual(["text.line value line"]);
  });
});
