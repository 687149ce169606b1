import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Body, unrecordedBody } from "../../../model/exchange.ts";
import { viewBody } from "../../../report/page/body-view.ts";

const whole = (text: string | Uint8Array): Body => ({ kind: "whole", bytes: typeof text === "string" ? Buffer.from(text) : text });
const typed = (type: string) => [["Content-Type", type]] as const;

describe("the view of a body", () => {
  it("indents JSON and keeps its number lexemes and duplicate keys", () => {
    const { lines, note } = viewBody(
      typed("application/json"),
      whole('{"a":9007199254740993,"a":1.0,"b":[],"c":{},"d":[true,null]}'),
      null,
    );
    expect(lines).toEqual([
      "{",
      '  "a": 9007199254740993,',
      '  "a": 1.0,',
      '  "b": [],',
      '  "c": {},',
      '  "d": [',
      "    true,",
      "    null",
      "  ]",
      "}",
    ]);
    expect(note).toBe("JSON · 60 B");
  });

  it("lays the keys of a document out in the order of the one beside it", () => {
    const first = viewBody(typed("application/json"), whole('{"a":1,"b":{"x":1,"y":2}}'), null);
    const second = viewBody(typed("application/json"), whole('{"z":0,"b":{"y":2,"x":1},"a":1}'), first.document);
    expect(second.lines.map((line) => line.trim())).toEqual(["{", '"a": 1,', '"b": {', '"x": 1,', '"y": 2', "},", '"z": 0', "}"]);
  });

  it("removes content-coding and says so", () => {
    const { lines, note } = viewBody([...typed("text/plain"), ["Content-Encoding", "gzip"]], whole(gzipSync("hello")), null);
    expect([lines, note]).toEqual([["hello"], "text/plain · 25 B · gzip removed"]);
  });

  it("shows the head of bytes that are no text, or cannot be decoded", () => {
    expect(viewBody(typed("image/png"), whole(new Uint8Array([0x89, 0x50, 0x4e, 0x47])), null).lines).toEqual([
      `000000  89 50 4e 47${" ".repeat(36)}  .PNG`,
    ]);
    const broken = viewBody([["Content-Encoding", "gzip"]], whole("no gzip"), null);
    expect(broken.note).toContain("cannot be decoded");
    expect(broken.lines[0]).toContain("no gzip");
    expect(viewBody([], whole(new Uint8Array(2000)), null).lines.at(-1)).toBe("… 1,488 more bytes");
  });

  it("reads text in its charset, and forms field by field", () => {
    expect(viewBody(typed("text/plain; charset=iso-8859-1"), whole(new Uint8Array([0xe9])), null).lines).toEqual(["é"]);
    expect(viewBody(typed("application/x-www-form-urlencoded"), whole("a=1&b=2"), null).lines).toEqual(["a=1&", "b=2"]);
  });

  it("hides line ends that are all alike and shows the odd one", () => {
    expect(viewBody(typed("text/plain"), whole("a\r\nb\r\n"), null).lines).toEqual(["a", "b", ""]);
    expect(viewBody(typed("text/plain"), whole("a\r\nb\n"), null).lines).toEqual(["a\r", "b", ""]);
  });

  it("says of a body that nobody recorded that it is not there", () => {
    expect([0, 1000].map((length) => viewBody([], unrecordedBody(length), null))).toEqual([
      { note: "not recorded", lines: [], document: null },
      { note: "1 kB · not recorded", lines: [], document: null },
    ]);
  });

  it("shows both ends of a capped body and what is missing", () => {
    const body: Body = { kind: "capped", length: 1000, sha256: "ab12", head: Buffer.from("head"), tail: Buffer.from("tail") };
    const { lines, note } = viewBody(typed("text/plain"), body, null);
    expect(lines).toEqual(["head", "… 992 bytes not kept …", "tail"]);
    expect(note).toContain("ab12");
    const torn = Buffer.from("é");
    const cut: Body = {
      ...body,
      head: Buffer.concat([Buffer.from("head"), torn.subarray(0, 1)]),
      tail: Buffer.concat([torn.subarray(1), Buffer.from("tail")]),
    };
    expect(viewBody(typed("text/plain"), cut, null).lines.filter((line) => !line.startsWith("…"))).toEqual(["head", "tail"]);
  });

  it("tells an empty body from none", () => {
    expect(viewBody([], { kind: "none" }, null).note).toBe("no body");
    expect(viewBody([], whole(""), null).note).toBe("empty body");
  });
});
