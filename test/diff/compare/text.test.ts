import { describe, expect, it } from "vitest";
import { compare, found, raw, text } from "./answers.ts";

const lines = (left: readonly string[], right: readonly string[]) => found(text(left.join("\n")), text(right.join("\n")));

describe("text", () => {
  it("tells lines with other numbers, ids or times from other lines", () => {
    expect(lines(["up 12 s", "ok"], ["up 13 s", "ok"])).toEqual(["masked text.line value masked"]);
    expect(lines(["id 8d0c6c4e-0f3e-4a3e-9d1b-3f1a0c2b4d5e"], ["id 11111111-0f3e-4a3e-9d1b-3f1a0c2b4d5e"])).toEqual([
      "masked text.line value masked",
    ]);
    expect(lines(["up 12 s", "ok", "end"], ["up 13 s", "failed", "end"])).toEqual([
      "masked text.line value masked",
      "text.line value line",
    ]);
  });

  it("shows which lines came and went", () => {
    expect(compare(text("a\nb\nc"), text("a\nc\nd")).differences).toMatchObject([{ from: "b", to: "d" }]);
    expect(compare(text("a\nb"), text("a\nb\nc")).differences).toMatchObject([{ from: null, to: "c" }]);
  });

  it("reports a text that is another one as a block", () => {
    const words = (letter: string) => Array.from({ length: 30 }, (_, index) => `${letter}${"x".repeat(index)}`);
    expect(lines(words("a"), words("b"))).toEqual(["text.block value block"]);
  });

  it("reports other line ends as such", () => {
    expect(found(text("a\r\nb"), text("a\nb"))).toEqual(["text.line lexeme line endings"]);
  });

  it("shows which line ends there were", () => {
    expect(compare(text("a\r\nb\nc"), text("a\nb\nc")).differences).toMatchObject([{ from: "CRLF and LF", to: "LF" }]);
  });

  it("tells a byte order mark from other line ends", () => {
    expect(found(text("\ufeffa\nb"), text("a\nb"))).toEqual(["body.charset lexeme byte order mark→no byte order mark"]);
  });

  it("tells bytes that are no text from other line ends, and shows them", () => {
    const broken = (byte: number) => raw(Buffer.from([0x61, byte, 0x62]), { "content-type": "text/plain" });
    expect(found(broken(0xff), broken(0xfe))).toEqual(["body.opaque lexeme unreadable bytes"]);
    expect(compare(broken(0xff), broken(0xfe)).differences).toMatchObject([{ from: "at 1: ff 62", to: "at 1: fe 62" }]);
    const json = (byte: number) => raw(Buffer.from([0x22, byte, 0x22]));
    expect(found(json(0xff), json(0xfe))).toEqual(["body.opaque lexeme unreadable bytes"]);
  });

  it("finds nothing but the charset in one text that is written in two", () => {
    const latin = raw(Buffer.from("caf\u00e9", "latin1"), { "content-type": "text/plain; charset=iso-8859-1" });
    expect(found(latin, text("caf\u00e9"))).toEqual(["content-type body.charset value iso-8859-1→utf-8"]);
  });

  it("counts each line as a leaf", () => {
    // Status and Content-Type, too.
    expect(compare(text("a\nb\nc 1"), text("a\nb\nc 2")).leaves).toEqual({ byValue: 5, byFormat: 0, untested: 0 });
  });
});
