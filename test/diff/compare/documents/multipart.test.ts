import { describe, expect, it } from "vitest";
import { readDocument } from "../../../../diff/compare/documents/read.ts";
import { parseMediaType } from "../../../../model/media-type.ts";
import { found, raw } from "../answers.ts";
import { limits, shown } from "./show.ts";

const read = (body: string | Buffer, type = "multipart/mixed; boundary=b") =>
  shown(readDocument("multipart", Buffer.from(body), parseMediaType(type), limits));
const json = 'Content-Type: application/json\r\n\r\n{"a":1}';

describe("multipart bodies", () => {
  it("are read by part, each by its own media type", () => {
    expect(read(`preamble\r\n--b\r\n${json}\r\n--b\r\n\r\nplain\r\n--b--\r\nepilogue`)).toBe(
      '{"parts":[{"content-type":"application/json","content":{"a":1}},{"content":"plain"}]}',
    );
  });

  it("of forms are read by field, repeated ones as a list", () => {
    const field = (name: string, value: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    expect(read(`${field("x", "1")}${field("y", "2")}${field("x", "3")}--b--`, "multipart/form-data; boundary=b")).toBe(
      '{"parts":{"x":[{"content-disposition":{"type":"form-data","name":"x"},"content":"1"},' +
        '{"content-disposition":{"type":"form-data","name":"x"},"content":"3"}],' +
        '"y":{"content-disposition":{"type":"form-data","name":"y"},"content":"2"}}}',
    );
  });

  it("keep bytes as length and hash", () => {
    const image = Buffer.concat([Buffer.from("--b\r\nContent-Type: image/png\r\n\r\n"), Buffer.from([0, 255]), Buffer.from("\r\n--b--")]);
    expect(read(image)).toBe(
      '{"parts":[{"content-type":"image/png","content":{"length":2,"sha256":"06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8"}}]}',
    );
  });

  it("hold the delimiter as text where no line begins with it, and line ends of their own", () => {
    expect(read("--b\n\na --b c\n--bx\n--b--x\n\n--b--")).toBe('{"parts":[{"content":"a --b c\\n--bx"}]}');
    expect(read("--b\n\na\n--b  \n\nb\n--b--")).toBe('{"parts":[{"content":"a"},{"content":"b"}]}');
  });

  it("are read without a boundary in the media type, when cut off, and not without a delimiter", () => {
    expect(read("--q\r\n\r\na\r\n--q--", "multipart/mixed")).toBe('{"parts":[{"content":"a"}]}');
    expect(read("--b\r\n\r\na")).toBe('{"parts":[{"content":"a"}]}');
    expect(read("nothing")).toBe("invalid: no multipart delimiter");
  });

  it("in multipart bodies are read, to a bound", () => {
    const nested = (depth: number, inner: string): string =>
      depth === 0
        ? inner
        : `--b${depth}\r\nContent-Type: multipart/mixed; boundary=b${depth - 1}\r\n\r\n${nested(depth - 1, inner)}\r\n--b${depth}--`;
    expect(read(nested(2, "--b0\r\n\r\nx\r\n--b0--"), "multipart/mixed; boundary=b2")).toContain('"content":{"parts":[{"content":"x"}]}');
    expect(read(nested(50, "x"), "multipart/mixed; boundary=b50")).toContain("--b40");
  });

  it("are equal under another boundary, and differ where a part does", () => {
    const answer = (boundary: string, value: number) =>
      raw(`--${boundary}\r\nContent-Type: application/json\r\n\r\n{"a":${value}}\r\n--${boundary}--\r\n`, {
        "content-type": `multipart/mixed; boundary=${boundary}`,
      });
    expect(found(answer("one", 1), answer("two", 1))).toEqual([]);
    expect(found(answer("one", 1), answer("two", 2))).toEqual(["/parts/*/content/a json.value value value"]);
  });

  it("take no time that grows faster than they do", { timeout: 60_000 }, () => {
    expect(read("--b\n".repeat(200_000))).toBe("over nodes");
    expect(read(`--b\r\n${"a: b\r\n".repeat(100_000)}`)).toContain("parts");
    expect(read(`--b\r\nContent-Disposition: ${"; a=".repeat(100_000)}\r\n\r\n`)).toContain("parts");
    expect(read(`--b\r\nContent-Disposition: ${';a="'.repeat(100_000)}\r\n\r\n`)).toContain("parts");
    expect(read(`--b\r\nContent-Disposition: x;${" ".repeat(100_000)}\r\n\r\n`)).toContain("parts");
    expect(read("--".repeat(200_000), "multipart/mixed")).toBe("invalid: no multipart delimiter");
  });
});
