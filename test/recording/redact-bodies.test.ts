/** Bodies that hide secrets from whoever believes their label: nearly text, more than what is coded, parts in parts. */

import { isDeepStrictEqual } from "node:util";
import * as zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Body, HeaderList } from "../../model/exchange.ts";
import { Redactor } from "../../recording/redaction.ts";
import { plain, plainExchange } from "./examples.ts";

const key = new Uint8Array(32).fill(7);
const secret = "Zq4wXn7hunter9";
const modes = ["token", "mask", "drop"] as const;

function redacted(headers: HeaderList, bytes: Uint8Array, mode: (typeof modes)[number] = "token"): Body {
  const request = { method: "POST", target: "/", version: "1.1" as const, headers, body: { kind: "whole" as const, bytes } };
  const by = new Redactor({ key, mode });
  const once = by.exchange(plainExchange({ request }));
  if (!isDeepStrictEqual(plain(by.exchange(once)), plain(once))) throw new Error(`${mode}: twice is not once`);
  return once.request.body;
}

const latin1 = (body: Body): string => (body.kind === "whole" ? Buffer.from(body.bytes).toString("latin1") : body.kind);

/** The modes in which the secret is stored. */
function wrongOf(headers: HeaderList, bytes: Uint8Array): string[] {
  return modes.filter((mode) => latin1(redacted(headers, bytes, mode)).includes(secret));
}

const octets = "application/octet-stream";
const typed = (type: string | null): HeaderList => (type === null ? [] : [["Content-Type", type]]);

describe("bodies that are nearly text", () => {
  it.each([octets, null, "image/png", "application/pdf"])("are looked at as text when they are labelled %s", (type) => {
    for (const content of [
      `caf\u00e9 password=${secret} x`,
      `password=${secret}\0`,
      `{"password":"${secret}"}\0`,
      `\u00ff\u00fe\u00fd sid: ${secret}`,
    ]) {
      expect(wrongOf(typed(type), Buffer.from(content, "latin1"))).toEqual([]);
    }
  });

  it("are not what is binary, which stays", () => {
    const bytes = Buffer.concat([
      zlib.deflateSync(Buffer.from("x".repeat(3000) + Math.PI)),
      Buffer.from(" password=abc "),
      Buffer.alloc(40),
    ]);
    for (const type of [octets, null, "image/png"]) expect(redacted(typed(type), bytes)).toMatchObject({ bytes });
  });
});

const content = Buffer.from('{"a":1}');

function gzipWith(flag: number, field: Uint8Array): Uint8Array {
  const coded = zlib.gzipSync(content);
  coded[3] = flag;
  return Buffer.concat([coded.subarray(0, 10), field, coded.subarray(10)]);
}

function skippable(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

const hiding = Buffer.from(`${secret}\0`);
const coded: Readonly<Record<string, readonly [coding: string, bytes: Uint8Array]>> = {
  "a comment of gzip": ["gzip", gzipWith(16, hiding)],
  "a file's name of gzip": ["gzip", gzipWith(8, hiding)],
  "an extra field of gzip": ["x-gzip", gzipWith(4, Buffer.concat([Buffer.from([hiding.length, 0]), hiding]))],
  "a second member of gzip": ["gzip", Buffer.concat([zlib.gzipSync(content.subarray(0, 3)), secondMember()])],
  "what follows zlib's stream": ["deflate", Buffer.concat([zlib.deflateSync(content), hiding])],
  "what follows a bare deflate stream": ["deflate", Buffer.concat([zlib.deflateRawSync(content), hiding])],
  "what follows brotli's stream": ["br", Buffer.concat([zlib.brotliCompressSync(content), hiding])],
  "a skippable frame of zstd": ["zstd", Buffer.concat([zlib.zstdCompressSync(content), skippable(hiding)])],
  "what is below another coding": ["gzip, br", zlib.brotliCompressSync(gzipWith(16, hiding))],
};

function secondMember(): Uint8Array {
  const member = zlib.gzipSync(content.subarray(3));
  member[3] = 16;
  return Buffer.concat([member.subarray(0, 10), hiding, member.subarray(10)]);
}

describe("coded bodies", () => {
  it.each(Object.entries(coded))("lose %s", (_, [coding, bytes]) => {
    const headers: HeaderList = [
      ["Content-Type", "application/json"],
      ["Content-Encoding", coding],
    ];
    for (const mode of modes) {
      const body = redacted(headers, bytes, mode);
      const outer = body.kind === "whole" && coding.endsWith("br") ? zlib.brotliDecompressSync(body.bytes).toString("latin1") : "";
      expect(latin1(body) + outer).not.toContain(secret);
      expect(body.kind).not.toBe("none");
    }
  });

  it("without anything beside stay, byte by byte", () => {
    for (const [coding, bytes] of [
      ["gzip", zlib.gzipSync(content)],
      ["deflate", zlib.deflateSync(content)],
      ["deflate", zlib.deflateRawSync(content)],
      ["br", zlib.brotliCompressSync(content)],
      ["zstd", zlib.zstdCompressSync(content)],
    ] as const) {
      expect(redacted([["Content-Encoding", coding]], bytes)).toMatchObject({ bytes });
    }
  });
});

const disposition = 'Content-Disposition: form-data; name="a"';
const partOf = (head: string, value: string): string => `--XX\r\n${head}\r\n\r\n${value}\r\n--XX--\r\n`;
const inner = (name: string): string => `--YY\r\nContent-Disposition: attachment; ${name}\r\n\r\n${secret}\r\n--YY--`;

const multiparts: Readonly<Record<string, string>> = {
  "a file's name": partOf(`${disposition}; filename="password=${secret}.txt"`, "x"),
  "an extended file's name": partOf(`${disposition}; filename*=utf-8''password%3D${secret}.txt`, "x"),
  "a header of a part": partOf(`${disposition}\r\nX-Api-Key: ${secret}`, "x"),
  "a URL in a header of a part": partOf(`${disposition}\r\nX-Next: /x?token=${secret}`, "x"),
  "an extended name": partOf("Content-Disposition: form-data; name*=utf-8''pass%77ord", secret),
  "a name with an escaped quote": partOf('Content-Disposition: form-data; name="user\\"password"', secret),
  "an escaped name": partOf('Content-Disposition: form-data; name="pass%77ord"', secret),
  "parts in parts": partOf(`${disposition}\r\nContent-Type: multipart/mixed; boundary=YY`, inner('name="password"')),
  "parts in parts without a boundary": partOf(`${disposition}\r\nContent-Type: multipart/mixed`, inner('name="password"')),
  "parts in a part called password": partOf(
    `Content-Disposition: form-data; name="password"\r\nContent-Type: multipart/mixed; boundary=YY`,
    inner("a"),
  ),
  "a field": partOf('Content-Disposition: form-data; name="password"', secret),
  "a field beside a binary file": partOf(disposition, "\0\u0001\u0002\u0003".repeat(50)).replace(
    "--XX--",
    `--XX\r\n${disposition.replace('"a"', '"pin"')}\r\n\r\n${secret}\r\n--XX--`,
  ),
};

describe("multipart bodies", () => {
  it.each(Object.entries(multiparts))("keep nothing of the secret in %s, whatever their label", (_, text) => {
    const bytes = Buffer.from(text, "latin1");
    for (const type of ["multipart/form-data; boundary=XX", octets, null, "text/plain", "image/png", "application/x-www-form-urlencoded"]) {
      expect(wrongOf(typed(type), bytes)).toEqual([]);
    }
  });

  it("keep what is around", () => {
    const { "a header of a part": text = "" } = multiparts;
    const token = new Redactor({ key, mode: "token" }).tokenOf(secret);
    expect(latin1(redacted(typed(octets), Buffer.from(text)))).toBe(text.replace(secret, token));
  });

  it("take linear time, whatever their heads", { timeout: 60_000 }, () => {
    for (const unit of [" ", '="', "=\\", "a:", "name*=", "\n"]) {
      const bytes = Buffer.from(partOf(`X-A: password=${unit.repeat(1_000_000 / unit.length)}x`, "password=a"));
      expect(redacted(typed("multipart/form-data; boundary=XX"), bytes).kind).toBe("whole");
    }
  });
});
