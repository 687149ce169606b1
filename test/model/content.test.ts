import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { contentCodings, decodeContent } from "../../model/content.ts";

const plain = Buffer.from("the same text over and over, over and over");
const cap = 1_000_000;
const decode = (coding: string, bytes: Uint8Array, limit: number = cap) => decodeContent([["Content-Encoding", coding]], bytes, limit);

describe("decodeContent", () => {
  it.each([
    ["gzip", zlib.gzipSync(plain)],
    ["X-Gzip", zlib.gzipSync(plain)],
    ["deflate", zlib.deflateSync(plain)],
    ["deflate", zlib.deflateRawSync(plain)],
    ["br", zlib.brotliCompressSync(plain)],
    ["zstd", zlib.zstdCompressSync(plain)],
    ["identity", plain],
  ])("decodes %s", (coding, bytes) => {
    const content = decode(coding, bytes);
    expect(content.kind === "decoded" ? Buffer.from(content.bytes).toString() : content).toBe(plain.toString());
  });

  it("undoes several codings in reverse order and names them in order", () => {
    const content = decode("gzip, br", zlib.brotliCompressSync(zlib.gzipSync(plain)));
    expect(content).toMatchObject({ kind: "decoded", codings: ["gzip", "br"] });
    expect(Buffer.from(content.kind === "decoded" ? content.bytes : []).equals(plain)).toBe(true);
  });

  it("leaves a body without content-coding as it is", () => {
    expect(decodeContent([], plain, cap)).toEqual({ kind: "decoded", bytes: plain, codings: [] });
  });

  it("reads an empty body as empty whatever its coding", () => {
    expect(decode("gzip", new Uint8Array())).toMatchObject({ kind: "decoded", codings: ["gzip"] });
  });

  it.each(["gzip", "deflate", "br", "zstd"])("stops a bomb in %s at the cap", (coding) => {
    const zeros = Buffer.alloc(50_000_000);
    const coders = {
      gzip: zlib.gzipSync,
      deflate: zlib.deflateSync,
      br: (b: Buffer) => zlib.brotliCompressSync(b, fast),
      zstd: zlib.zstdCompressSync,
    };
    const bomb = coders[coding as keyof typeof coders](zeros);
    expect(decode(coding, bomb)).toMatchObject({ kind: "undecodable", problem: "decodes to more than 1000000 bytes" });
  });

  it.each([
    ["gzip", plain],
    ["gzip", zlib.gzipSync(plain).subarray(0, 20)],
    ["br", Uint8Array.of(1, 2, 3)],
    ["compress", plain],
    ["__proto__", plain],
    ["gzip,gzip,gzip,gzip,gzip", plain],
  ])("says undecodable for %s with bytes that are not that", (coding, bytes) => {
    expect(decode(coding, bytes).kind).toBe("undecodable");
  });
});

const fast = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } };

describe("contentCodings", () => {
  it("joins several lines, lower case, without identity", () => {
    expect(
      contentCodings([
        ["content-encoding", "GZIP, identity"],
        ["Content-Encoding", "br"],
      ]),
    ).toEqual(["gzip", "br"]);
  });
});
