import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Body, Exchange, HeaderList } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { curlCommand } from "../../recording/curl.ts";
import { openRecording } from "../../recording/open.ts";
import { RedactionError, Redactor } from "../../recording/redaction.ts";
import { RunWriter } from "../../recording/run.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { anyEntry, anyExchange } from "./arbitraries.ts";
import { plain, plainExchange, text } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { runMeta } from "./run-meta.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const key = new Uint8Array(32).fill(7);
const redactor = new Redactor({ key, mode: "token" });
const planted = "hunter2-Zm9vYmFy";
const token = /tok_[A-Za-z0-9_-]{22}/;

interface Sent {
  readonly target?: string;
  readonly headers?: HeaderList;
  readonly body?: Body;
  readonly trailers?: HeaderList;
}

/** One exchange whose request and answer are the same. */
function sent({ target = "/", headers = [], body = { kind: "none" }, trailers }: Sent): Exchange {
  const after = trailers === undefined ? {} : { trailers };
  return plainExchange({
    request: { method: "POST", target, version: "1.1", headers, body, ...after },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers, body, ...after },
      firstByteMs: milliseconds(1),
      tookMs: milliseconds(2),
    },
  });
}

const bodyText = (body: Body): string => (body.kind === "whole" ? Buffer.from(body.bytes).toString() : body.kind);
const redactedBody = (content: string | Uint8Array, type: string, more: HeaderList = [], by: Redactor = redactor): Body =>
  by.exchange(
    sent({
      headers: [["Content-Type", type], ...more],
      body: { kind: "whole", bytes: typeof content === "string" ? Buffer.from(content) : content },
    }),
  ).request.body;
const redactedHeader = (name: string, value: string, by: Redactor = redactor): string | undefined =>
  by.exchange(sent({ headers: [[name, value]] })).request.headers[0]?.[1];
const tokenOf = (value: string): string => redactedHeader("X-Api-Key", value) ?? "";
const json = "application/json";
const form = "application/x-www-form-urlencoded";

/** Every place where a secret is found, as body or header or target around it. */
const places: Readonly<Record<string, (secret: string) => Exchange>> = {
  "a Bearer header": (secret) => sent({ headers: [["Authorization", `Bearer ${secret}`]] }),
  "an API key header": (secret) => sent({ headers: [["x-API-key", secret]] }),
  "an auth token header": (secret) => sent({ headers: [["X-Auth-Token", secret]] }),
  "a proxy credential": (secret) => sent({ headers: [["Proxy-Authorization", `Basic ${secret}`]] }),
  "a cookie": (secret) => sent({ headers: [["Cookie", `a=b; sid=${secret}; c="${secret}"`]] }),
  "a set cookie": (secret) => sent({ headers: [["Set-Cookie", `sid=${secret}; Path=/; HttpOnly`]] }),
  "a trailer": (secret) =>
    sent({
      trailers: [
        ["X-Checksum", "1"],
        ["X-Api-Key", secret],
      ],
    }),
  "a cookie in a trailer": (secret) => sent({ trailers: [["Set-Cookie", `sid=${secret}; Path=/`]] }),
  "a URL in a trailer": (secret) => sent({ trailers: [["X-Next", `http://shop/x?token=${secret}`]] }),
  "a query parameter": (secret) => sent({ target: `/x?a=1&api_key=${secret}&b=2` }),
  "a parameter after a semicolon": (secret) => sent({ target: `/x?a=1;password=${secret}` }),
  "a parameter with an escaped name": (secret) => sent({ target: `/x?p%61ssword=${secret}` }),
  "a path parameter": (secret) => sent({ target: `/shop;jsessionid=${secret}/cart` }),
  "a password before the host": (secret) => sent({ target: `http://user:${secret}@shop/` }),
  "a referer": (secret) => sent({ headers: [["Referer", `http://shop/x?token=${secret}#top`]] }),
  "a location's fragment": (secret) => sent({ headers: [["Location", `http://shop/cb#access_token=${secret}&x=1`]] }),
  "a form field": (secret) => sent({ headers: [["Content-Type", form]], body: text(`user=me&user%5Bpassword%5D=${secret}&x=`) }),
  "a JSON field": (secret) => sent({ headers: [["Content-Type", json]], body: text(JSON.stringify({ a: [{ Password: secret }] })) }),
  "a JSON field below a sensitive one": (secret) =>
    sent({ headers: [["Content-Type", json]], body: text(JSON.stringify({ credentials: { user: [secret] } })) }),
  "a JSON field with an escaped name": (secret) =>
    sent({ headers: [["Content-Type", json]], body: text(`{"p\\u0061ssword":"${secret}"}`) }),
  "a URL in JSON": (secret) => sent({ headers: [["Content-Type", json]], body: text(JSON.stringify({ next: `/x?session=${secret}` })) }),
  "JSON in JSON": (secret) => sent({ headers: [["Content-Type", json]], body: text(JSON.stringify({ body: JSON.stringify({ secret }) })) }),
  "JSON without a media type": (secret) => sent({ body: text(JSON.stringify({ secret })) }),
  "an event stream": (secret) =>
    sent({ headers: [["Content-Type", "text/event-stream"]], body: text(`event: x\ndata: {"token":"${secret}"}\n\n`) }),
  "lines of JSON": (secret) =>
    sent({ headers: [["Content-Type", "application/x-ndjson"]], body: text(`{"a":1}\n{"token":"${secret}"}\n`) }),
  "plain text": (secret) => sent({ headers: [["Content-Type", "text/plain"]], body: text(`a=1 password = ${secret}\nuser=me`) }),
  "a Bearer credential in text": (secret) =>
    sent({ headers: [["Content-Type", "text/plain"]], body: text(`authorization=Bearer ${secret} x=1`) }),
  "a multipart field": (secret) =>
    sent({
      headers: [["Content-Type", "multipart/form-data; boundary=XX"]],
      body: text(
        `--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret}\r\n--XX--\r\n`,
      ),
    }),
  "a foreign key": (secret) => plainExchange({ extra: { vendor: { apiKey: secret } } }),
  "a failure's detail": (secret) =>
    plainExchange({ outcome: { kind: "reset", tookMs: milliseconds(1), detail: `connect token=${secret}` } }),
};

/** All strings and bodies of an exchange as one text. */
function everywhere(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => `${name} ${everywhere(inner)}`)
        .join("\n")
    : String(value);
}

describe("redaction", () => {
  it.each(Object.entries(places))("finds the secret in %s, and puts the same token everywhere", (_place, make) => {
    const before = make(planted);
    expect(everywhere(before)).toContain(planted);
    const after = everywhere(redactor.exchange(before));
    expect(after).not.toContain(planted);
    expect(after).toContain(tokenOf(planted));
  });

  it.each(Object.entries(places))("by mask or drop leaves nothing of %s either", (_place, make) => {
    for (const mode of ["mask", "drop"] as const) {
      const after = everywhere(new Redactor({ key, mode }).exchange(make(planted)));
      expect(after).not.toContain(planted);
      expect(after).not.toMatch(token);
    }
  });

  it("keeps what is around a secret", () => {
    expect(redactedHeader("Authorization", `Bearer ${planted}`)).toBe(`Bearer ${tokenOf(planted)}`);
    expect(redactedHeader("Cookie", `a=${planted}; b="${planted}"`)).toBe(`a=${tokenOf(planted)}; b="${tokenOf(planted)}"`);
    expect(redactedHeader("Set-Cookie", "sid=; Max-Age=0")).toBe("sid=; Max-Age=0");
    expect(redactedHeader("Access-Control-Allow-Credentials", "true")).toBe("true");
    expect(redactor.target(`/a?x=1&token=${planted}&y=%20#z`)).toBe(`/a?x=1&token=${tokenOf(planted)}&y=%20#z`);
    expect(bodyText(redactedBody(`{"a" : 1.0, "__proto__": 2, "token": "${planted}", "n": null}`, json))).toBe(
      `{"a":1.0,"__proto__":2,"token":"${tokenOf(planted)}","n":null}`,
    );
    expect(bodyText(redactedBody(`a=+%20&pwd=${planted}&b`, form))).toBe(`a=+%20&pwd=${tokenOf(planted)}&b`);
  });

  it("makes one token of one secret, however it is spelt where it stands", () => {
    expect(redactor.target("/?token=a%2Fb")).toBe(`/?token=${tokenOf("a/b")}`);
    expect(bodyText(redactedBody('{"token":"a\\/b"}', json))).toBe(`{"token":"${tokenOf("a/b")}"}`);
    expect(bodyText(redactedBody('{"card_number": 4111}', json))).toBe(`{"card_number":"${tokenOf("4111")}"}`);
    expect(tokenOf("a")).not.toBe(tokenOf("b"));
    expect(new Redactor({ key: new Uint8Array(32), mode: "token" }).target("/?token=a")).not.toBe(redactor.target("/?token=a"));
  });

  it("leaves bytes alone when there is nothing to redact", () => {
    for (const [content, type] of [
      ['{ "a" : [1.0, "x"] }', json],
      ["a=%20+&b", form],
      ['{"session":null,"hasToken":true,"secret":""}', json],
    ] as const) {
      const exchange = sent({ headers: [["Content-Type", type]], body: text(content) });
      expect(redactor.exchange(exchange).request.body).toBe(exchange.request.body);
    }
  });

  it("does nothing a second time, and is deterministic, in every mode", () => {
    for (const mode of ["token", "mask", "drop"] as const) {
      const twice = new Redactor({ key, mode });
      fc.assert(
        fc.property(anyExchange, (exchange) => {
          const once = twice.exchange(exchange);
          expect(plain(twice.exchange(once))).toEqual(plain(once));
        }),
        { numRuns: 60 },
      );
      for (const make of Object.values(places)) {
        const once = twice.exchange(make(planted));
        expect(plain(twice.exchange(once))).toEqual(plain(once));
      }
    }
  });

  it("never throws on what traffic can hold, also not in runs", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        redactor.entry(entry);
      }),
      { numRuns: 100 },
    );
  });

  it("finds further names that it is told, meant whole", () => {
    const further = new Redactor({ key, mode: "token", rules: ["Order-Ref", "ssn"].map((name) => ({ kind: "name", name })) });
    expect(redactedHeader("order-ref", planted, further)).toMatch(token);
    expect(bodyText(redactedBody(`{"SSN":"${planted}","assn":"x"}`, json, [], further))).toBe(`{"SSN":"${tokenOf(planted)}","assn":"x"}`);
    expect(further.description).not.toBe(redactor.description);
  });

  it("off changes nothing", () => {
    const exchange = sent({ headers: [["Authorization", planted]] });
    const off = new Redactor({ key, mode: "off" });
    expect(off.exchange(exchange)).toBe(exchange);
    expect([off.description, off.keyId]).toEqual(["off", null]);
  });

  it.each([
    ["gzip", zlib.gzipSync, zlib.gunzipSync],
    ["deflate", zlib.deflateSync, zlib.inflateSync],
    ["br", zlib.brotliCompressSync, zlib.brotliDecompressSync],
    ["zstd", zlib.zstdCompressSync, zlib.zstdDecompressSync],
  ] as const)("decodes a %s body, and encodes it again with the right length", (coding, encode, decode) => {
    const headers: HeaderList = [
      ["Content-Type", json],
      ["Content-Encoding", coding],
      ["content-length", "5"],
    ];
    const after = redactor.exchange(
      sent({ headers, body: { kind: "whole", bytes: encode(Buffer.from(`{"token":"${planted}"}`)) } }),
    ).request;
    const bytes = after.body.kind === "whole" ? after.body.bytes : new Uint8Array();
    expect(decode(bytes).toString()).toBe(`{"token":"${tokenOf(planted)}"}`);
    expect(after.headers[2]).toEqual(["content-length", String(bytes.length)]);
  });

  it.each([
    ["an unknown coding", [["Content-Encoding", "x-secret"]] as HeaderList, json, Buffer.from("anything")],
    ["broken gzip", [["Content-Encoding", "gzip"]] as HeaderList, "text/plain", Buffer.from("no gzip")],
    ["JSON that is cut off", [] as HeaderList, json, Buffer.from(`{"token":"${planted}`)],
    ["UTF-16", [] as HeaderList, json, Buffer.from(`{"token":"${planted}"}`, "utf16le")],
    ["multipart without a boundary", [] as HeaderList, "multipart/form-data", Buffer.from(`name="token" ${planted}`)],
  ])("keeps only length and keyed hash of %s", (_what, headers, type, bytes) => {
    const body = redactedBody(bytes, type, headers);
    expect(body).toMatchObject({ kind: "capped", length: bytes.length });
    expect(plain(body)).toMatchObject({ head: [], tail: [] });
    expect(plain(redactedBody(bytes, type, headers))).toEqual(plain(body));
    const other = redactedBody(Buffer.concat([bytes.subarray(0, -1), Buffer.from("~")]), type, headers);
    expect(plain(other)).not.toEqual(plain(body));
  });

  it("keeps only length and keyed hash of a capped body, unless it is binary", () => {
    const capped: Body = {
      kind: "capped",
      length: 2_000_000,
      sha256: "ab".repeat(32),
      head: Buffer.from(`{"token":"${planted}"`),
      tail: Buffer.from("}"),
    };
    const after = redactor.exchange(sent({ headers: [["Content-Type", json]], body: capped })).request.body;
    expect(plain(after)).toMatchObject({ kind: "capped", length: 2_000_000, head: [], tail: [] });
    expect(after).not.toMatchObject({ sha256: capped.sha256 });
    const image: Body = { ...capped, head: Buffer.from("\u0089PNG\r\n", "latin1") };
    expect(redactor.exchange(sent({ headers: [["Content-Type", "image/png"]], body: image })).request.body).toBe(image);
    expect(redactor.exchange(sent({ headers: [["Content-Type", "image/png"]], body: capped })).request.body).toEqual(after);
  });

  it("says that it failed without quoting the exchange, so that the caller can drop it", () => {
    const failing = plainExchange({ extra: { secret: planted, big: 1n } });
    expect(() => redactor.exchange(failing)).toThrow(RedactionError);
    expect(() => redactor.exchange(failing)).toThrow(/^the exchange could not be redacted: TypeError$/);
  });

  it("is linear on hostile text", () => {
    for (const unit of [
      "token",
      "token=",
      "a=",
      "://",
      '"token":"',
      "'a':'",
      ";",
      "token;",
      "://a:b",
      "{",
      "password=,",
      "=",
      "%",
      "--",
      "data:{\n",
    ]) {
      const content = `${unit.repeat(Math.ceil(1_000_000 / unit.length))} secret`;
      const started = performance.now();
      redactedBody(content, "text/plain");
      redactor.target(content);
      redactedHeader("Cookie", content);
      redactedHeader("Link", content);
      // Far above what linear time takes (well under a second), far below quadratic (minutes).
      expect(performance.now() - started, unit).toBeLessThan(20_000);
    }
  }, 60_000);
});

describe("what is on disk", () => {
  it("holds no planted secret in any file, WAL included, and reads back with equal secrets equal", async () => {
    const path = directory();
    const writer = RecordingWriter.open(path, {
      labels: {},
      epoch: "e",
      clock: new FakeClock(),
      redaction: redactor.description,
      keyId: redactor.keyId,
      onCommitted: () => {},
      onDropped: (_sequences, reason) => expect.unreachable(reason),
      onPaused: () => {},
    });
    const exchanges = Object.values(places).map((make, index) => ({ ...make(planted), id: `p${index}` }));
    exchanges.forEach((exchange, index) => writer.append(index, redactor.exchange(exchange)));
    writer.flush();
    expect(readdirSync(path)).toContain("000001.penumbra-wal");
    expect(filesWith(planted, path)).toEqual([]);
    const recording = await openRecording(path);
    for await (const exchange of recording.exchanges()) expect(everywhere(exchange)).toContain(tokenOf(planted));
    expect(recording.meta.segments[0]).toMatchObject({ redaction: redactor.description, keyId: redactor.keyId });
    writer.close();
    expect(filesWith(planted, path)).toEqual([]);
  });

  it("holds none in a run either", async () => {
    const path = join(directory(), "run");
    const writer = RunWriter.create(path, runMeta(), { force: false });
    for (const make of Object.values(places)) {
      const exchange = make(planted);
      const trial = { outcome: exchange.outcome, sentTarget: exchange.request.target };
      writer.append(redactor.entry({ kind: "observation", observation: { exchange, candidate: trial, controls: [trial] } }));
      writer.append(
        redactor.entry({
          kind: "probe",
          probe: { exchangeId: "a", control: [exchange.outcome], candidate: [exchange.outcome], freshState: false },
        }),
      );
      const { method, target } = exchange.request;
      const dependence = {
        ...({
          finding: "f",
          class: "sequence",
          shown: 8,
          runs: 8,
          control: 0,
          minimal: true,
          within: null,
          sends: 9,
          recording: null,
        } as const),
        ...{ requests: [{ exchange: "a", method, target, after: null }], curl: [curlCommand(exchange)] },
      };
      writer.append(redactor.entry({ kind: "dependence", dependence }));
    }
    await writer.finish(runMeta());
    expect(filesWith(planted, path)).toEqual([]);
  });
});

/** The files of a directory that hold a secret in any spelling. */
function filesWith(secret: string, path: string): string[] {
  const bytes = Buffer.from(secret);
  const spellings = [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
  return readdirSync(path).filter((name) => spellings.some((spelling) => readFileSync(join(path, name)).includes(spelling)));
}
