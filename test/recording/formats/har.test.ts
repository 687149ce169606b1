import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HarValidator } from "@har-sdk/validator";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeContent } from "../../../model/content.ts";
import { type Exchange, headerValue, isUnrecorded } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { Tally } from "../../../recording/formats/tally.ts";
import { piecesOf } from "../../../recording/formats/written-forms.ts";
import { decodeExchange, encodeExchange } from "../../../recording/ndjson.ts";
import { anyExchange } from "../arbitraries.ts";
import { plain, plainExchange, text } from "../examples.ts";
import { temporaryDirectories } from "../temporary-directory.ts";
import { bodyText, corpusFile, corpusJson, corpusText, counts, type ReadFile, readFile, statusesOf } from "./reading.ts";

const directory = temporaryDirectories();

interface Expected {
  readonly file: string;
  readonly broken?: boolean;
  readonly entries: number;
  readonly requestBodies: number;
  readonly methods: Record<string, number>;
  readonly statuses: Record<string, number>;
}

interface HarEntry {
  readonly startedDateTime: string;
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly status: number; readonly content: { readonly text?: string; readonly encoding?: string } };
}

const files = (corpusJson("har", "manifest.json") as { readonly files: readonly Expected[] }).files;
const readable = files.filter(({ broken }) => broken !== true);

async function readText(content: string | Uint8Array): Promise<ReadFile> {
  const path = join(directory(), "a.har");
  writeFileSync(path, content);
  return readFile(path, "har");
}

const harOf = (...entries: readonly object[]): string =>
  JSON.stringify({ log: { version: "1.2", creator: { name: "test", version: "1" }, entries } });

interface Changes {
  readonly request?: object;
  readonly response?: object;
  readonly entry?: object;
}

function entryWith({ request = {}, response = {}, entry = {} }: Changes): object {
  return {
    startedDateTime: "2026-01-01T00:00:00.000Z",
    time: 5,
    request: { method: "GET", url: "https://shop.example/a?b=1#c", httpVersion: "HTTP/1.1", headers: [], ...request },
    response: { status: 200, statusText: "OK", headers: [], content: { size: 2, mimeType: "text/plain", text: "ok" }, ...response },
    timings: { send: 1, wait: 2, receive: 2 },
    ...entry,
  };
}

async function readOne(changes: Changes): Promise<{ readonly exchange: Exchange; readonly leftOut: readonly string[] }> {
  const { exchanges, leftOut } = await readText(harOf(entryWith(changes)));
  const [exchange] = exchanges;
  if (exchange === undefined) throw new Error("nothing was read");
  return { exchange, leftOut };
}

function answerOf(exchange: Exchange): (Exchange["outcome"] & { readonly kind: "answered" })["answer"] {
  if (exchange.outcome.kind !== "answered") throw new Error("there is no answer");
  return exchange.outcome.answer;
}

describe("a HAR file", () => {
  it.each(readable)("of the corpus is read with the right counts: $file", async ({ file, entries, requestBodies, methods, statuses }) => {
    const { exchanges } = await readFile(corpusFile("har", file), "har");
    expect(exchanges.length).toBe(entries);
    expect(counts(exchanges.map(({ request }) => request.method))).toEqual(methods);
    expect(statusesOf(exchanges)).toEqual(statuses);
    expect(exchanges.filter(({ request }) => request.body.kind === "whole").length).toBe(requestBodies);
  });

  it.each(readable)("of the corpus keeps the content of every answer: $file", async ({ file }) => {
    const { exchanges } = await readFile(corpusFile("har", file), "har");
    const log = (JSON.parse(corpusText("har", file).replace(/^\ufeff/, "")) as { readonly log: { readonly entries: readonly HarEntry[] } })
      .log;
    const keyOf = (at: number, target: string): string => `${at} ${target}`;
    const read = new Map(exchanges.map((exchange) => [keyOf(Math.floor(exchange.at), exchange.request.target), exchange]));
    for (const { startedDateTime, request, response } of log.entries) {
      const target = /^https?:\/\/[^/]*([^#]*)/.exec(request.url)?.[1] ?? "";
      const exchange = read.get(keyOf(Date.parse(startedDateTime), target));
      const { text: shown, encoding } = response.content;
      if (exchange === undefined) throw new Error(`${startedDateTime} ${target} is missing`);
      if (exchange.outcome.kind !== "answered" || response.status === 304 || shown === undefined || shown === "") continue;
      const { headers, body } = exchange.outcome.answer;
      if (body.kind !== "whole") throw new Error(`${target} has no body`);
      const content = decodeContent(headers, body.bytes, 1e8);
      const expected = Buffer.from(shown, encoding === "base64" ? "base64" : "utf8");
      // One file holds a gzip body that cannot be unpacked, as it came.
      const bytes = content.kind === "decoded" ? content.bytes : body.bytes;
      expect(Buffer.from(bytes).equals(expected), target).toBe(true);
      expect(content.kind).toBe(file === "corrupted-gzip-body.har" ? "undecodable" : "decoded");
      expect(headerValue(headers, "content-length") ?? String(body.bytes.length), target).toBe(String(body.bytes.length));
    }
  });

  it("that is no JSON is refused in one line that does not quote it", async () => {
    await expect(readFile(corpusFile("har", "broken.har"), "har")).rejects.toMatchObject({
      code: "HAR_INVALID",
      message: expect.stringMatching(/broken\.har: not JSON$/),
    });
    await expect(readText(harOf({ a: 1 }).replace("}", "} secret"))).rejects.toMatchObject({
      message: expect.not.stringMatching(/secret/),
    });
  });

  it.each([
    ["without entries", '{"log":{"version":"1.2"}}', "HAR_INVALID", /has no log\.entries/],
    ["of another kind", '{"items":[]}', "HAR_INVALID", /has no log\.entries/],
    ["of a later version", '{"log":{"version":"2.0","entries":[]}}', "HAR_NEWER", /is HAR 2\.0; this build reads up to 1\.2/],
    ["of entries that are none", '{"log":{"version":"1.2","entries":[1,2,{}]}}', "HAR_INVALID", /3 of 3 entries/],
    ["that is not UTF-8", Buffer.from('{"log":{"entries":[{"a":"\xff"}]}}', "latin1"), "HAR_INVALID", /entry 1 is not UTF-8/],
  ])("%s is refused", async (_what, content, code, message) => {
    await expect(readText(content)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("may have no entries", async () => {
    expect(await readText(harOf())).toEqual({ exchanges: [], leftOut: [] });
  });

  it("may have entries that are no HTTP, which are left out and counted", async () => {
    const { exchanges, leftOut } = await readText(harOf(entryWith({}), entryWith({ request: { url: "data:text/plain,hello" } })));
    expect([exchanges.length, leftOut]).toEqual([1, ["1 entry without a request by HTTP or without a time left out (entry 2)"]]);
  });
});

describe("an entry of a HAR", () => {
  it("gives target, host, times and version", async () => {
    const { exchange } = await readOne({
      request: { httpVersion: "h2" },
      entry: { startedDateTime: "2026-01-01T02:30:00.1234567+02:30", connection: "80" },
    });
    expect(exchange.request).toMatchObject({ target: "/a?b=1", version: "2", headers: [["Host", "shop.example"]] });
    expect(exchange.at).toBeCloseTo(Date.UTC(2026, 0, 1) + 123.4567, 3);
    expect(exchange.outcome).toMatchObject({ firstByteMs: 3, tookMs: 5 });
    expect([exchange.connection, exchange.lane]).toEqual(["80", null]);
  });

  it("takes the fields of HTTP/2 as they would stand in HTTP/1", async () => {
    const fields = [":method GET", ":authority api.example", "accept */*", "cookie sid=1"].map((field) => ({
      name: field.split(" ")[0],
      value: field.split(" ")[1],
    }));
    const { exchange } = await readOne({
      request: { headers: fields },
      response: {
        headers: [
          { name: ":status", value: "200" },
          { name: "set-cookie", value: "a=1\nb=2" },
        ],
      },
    });
    expect(exchange.request.headers).toEqual([
      ["Host", "api.example"],
      ["accept", "*/*"],
      ["cookie", "sid=1"],
    ]);
    expect(answerOf(exchange).headers).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    expect(exchange.lane).toBe("[sid=1]");
  });

  it("puts the content-coding on again that its fields name, with the length that comes of it", async () => {
    const headers = [
      { name: "Content-Encoding", value: "gzip" },
      { name: "Content-Length", value: "2" },
    ];
    const { exchange } = await readOne({ response: { headers, content: { size: 500, text: "x".repeat(500) } } });
    const { headers: fields, body } = answerOf(exchange);
    const bytes = body.kind === "whole" ? body.bytes : new Uint8Array();
    expect(headerValue(fields, "content-length")).toBe(String(bytes.length));
    expect(decodeContent(fields, bytes, 1000)).toMatchObject({ kind: "decoded", bytes: Buffer.from("x".repeat(500)) });
  });

  it("loses the field of a coding that cannot be put on again, and says so", async () => {
    const { exchange, leftOut } = await readOne({ response: { headers: [{ name: "Content-Encoding", value: "dcb" }] } });
    expect([answerOf(exchange).headers, bodyText(exchange, "answer"), leftOut.length]).toEqual([[], "ok", 1]);
  });

  it.each<readonly [string, object, string | null, string]>([
    ["text", { text: "grüße" }, "grüße", "whole"],
    ["base64", { text: "AP8=", encoding: "base64" }, "\0\ufffd", "whole"],
    [
      "form fields",
      { mimeType: "application/x-www-form-urlencoded", params: [{ name: "a b", value: "ü" }, { name: "c" }] },
      "a+b=%C3%BC&c=",
      "whole",
    ],
    ["parts of a form", { mimeType: "multipart/form-data", params: [{ name: "a", fileName: "b" }] }, null, "capped"],
    ["nothing at all", {}, null, "capped"],
  ])("has a request body of %s", async (_what, postData, expected, kind) => {
    const { exchange } = await readOne({ request: { method: "POST", postData, bodySize: 9 } });
    expect([bodyText(exchange, "request"), exchange.request.body.kind]).toEqual([expected, kind]);
  });

  it.each<readonly [string, object, string]>([
    ["is left out", { size: 100 }, "unrecorded"],
    ["is left out, with no size", {}, "unrecorded"],
    ["is empty", { size: 0 }, "none"],
    ["is cut by the tool that wrote it", { size: 100, text: "ten bytes." }, "unrecorded"],
    ["has more bytes in its own charset", { size: 16, text: "grüße 你", charset: "utf-16" }, "whole"],
    ["is cut, and UTF-8", { size: 16, text: "grüße 你", charset: "utf-8" }, "unrecorded"],
    ["has a size of its packed form", { size: 3, text: "longer than that" }, "whole"],
  ])("whose answer's body %s", async (_what, content, kind) => {
    const headers = "charset" in content ? [{ name: "Content-Type", value: `text/plain; charset=${String(content.charset)}` }] : [];
    const { body } = answerOf((await readOne({ response: { content, headers } })).exchange);
    expect(isUnrecorded(body) ? "unrecorded" : body.kind).toBe(kind);
  });

  it("whose answer has no body by the rules of HTTP has none, whatever the tool shows", async () => {
    const ofHead = await readOne({ request: { method: "HEAD" }, response: { content: { size: 100 } } });
    const notModified = await readOne({ response: { status: 304, content: { size: 5, text: "cache" } } });
    expect([answerOf(ofHead.exchange).body.kind, ofHead.leftOut]).toEqual(["none", []]);
    expect([answerOf(notModified.exchange).body.kind, notModified.leftOut.length]).toEqual(["none", 1]);
  });

  it.each([
    ["net::ERR_CONNECTION_REFUSED", "refused"],
    ["net::ERR_INTERNET_DISCONNECTED", "refused"],
    ["net::ERR_TIMED_OUT", "timed-out"],
    ["net::ERR_CONNECTION_RESET", "reset"],
    ["net::ERR_ABORTED", "aborted"],
    ["net::ERR_BLOCKED_BY_CLIENT", "skipped"],
    ["net::ERR_CONTENT_LENGTH_MISMATCH", "truncated"],
    ["", "skipped"],
  ])("of status 0 and the error %s has no answer: %s", async (_error, kind) => {
    const { exchange } = await readOne({ response: { status: 0, _error } });
    expect(exchange.outcome.kind).toBe(kind);
  });

  it("may have negative timings and no time", async () => {
    const { exchange } = await readOne({
      entry: { time: -1, timings: { blocked: -1, dns: -1, connect: -1, send: 1, wait: 2, receive: -5, ssl: -1 } },
    });
    expect(exchange.outcome).toMatchObject({ firstByteMs: 3, tookMs: 3 });
  });
});

interface Written {
  readonly content: string;
  readonly leftOut: readonly string[];
}

async function written(exchanges: readonly Exchange[]): Promise<Written> {
  const tally = new Tally();
  const source = (async function* (): AsyncGenerator<Exchange> {
    yield* exchanges;
  })();
  const pieces = await Array.fromAsync(piecesOf("har", source, tally));
  return { content: pieces.join(""), leftOut: tally.sentences() };
}

describe("writing a HAR file", () => {
  it("makes what another reader's schema of HAR 1.2 accepts, and that reader refuses what is none", { timeout: 60_000 }, async () => {
    const other = new HarValidator();
    expect(await other.verify(JSON.parse(harOf(entryWith({}))))).not.toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.array(anyExchange, { minLength: 1, maxLength: 3 }), async (exchanges) => {
        // It knows these methods and no others, which HAR does not say.
        const known = exchanges.map((exchange) => ({ ...exchange, request: { ...exchange.request, method: "PATCH" } }));
        expect(await other.verify(JSON.parse((await written(known)).content))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("brings back every exchange as it was, whatever it holds", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyExchange, { maxLength: 4 }), async (exchanges) => {
        const inOrder = exchanges.toSorted((a, b) => a.at - b.at);
        const { exchanges: read, leftOut } = await readText((await written(inOrder)).content);
        // As NDJSON brings them back, so that an `extra` that says nothing counts as none.
        expect(plain(read)).toEqual(plain(inOrder.map((exchange) => decodeExchange(encodeExchange(exchange), 1))));
        expect(leftOut).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps foreign keys with the spelling of their numbers", async () => {
    const line =
      '{"id":"a","at":1,"mine":[1.0,12345678901234567890],"request":{"method":"GET","target":"/","headers":[],"hint":1e2},"outcome":{"kind":"refused","tookMs":1}}';
    const { exchanges } = await readText((await written([decodeExchange(line, 1)])).content);
    expect(exchanges.map(encodeExchange).join("")).toMatch(/"hint":1e2.*"mine":\[1\.0,12345678901234567890\]/);
  });

  it("shows others decoded content, cookies, query and posted text, and keeps beside it only what they cannot show", async () => {
    const exchange = plainExchange({
      lane: "l",
      request: {
        method: "POST",
        target: "/a?b=c%20d",
        version: "1.1",
        headers: [
          ["Host", "shop:81"],
          ["Cookie", "x=1; y=2"],
          ["Content-Type", "text/plain"],
        ],
        body: text("hi"),
      },
      outcome: {
        kind: "answered",
        answer: {
          status: 201,
          reason: "Created",
          headers: [
            ["Set-Cookie", "z=3; Path=/; HttpOnly"],
            ["Location", "/b"],
          ],
          body: text("made"),
        },
        firstByteMs: milliseconds(1),
        tookMs: milliseconds(2),
      },
    });
    const { content, leftOut } = await written([exchange]);
    const [entry] = (JSON.parse(content) as { readonly log: { readonly entries: readonly object[] } }).log.entries;
    expect(leftOut).toEqual([]);
    expect(entry).toMatchObject({
      time: 2,
      timings: { send: 0, wait: 1, receive: 1 },
      request: {
        url: "http://shop:81/a?b=c%20d",
        queryString: [{ name: "b", value: "c d" }],
        cookies: [
          { name: "x", value: "1" },
          { name: "y", value: "2" },
        ],
        postData: { mimeType: "text/plain", text: "hi" },
      },
      response: {
        redirectURL: "/b",
        cookies: [{ name: "z", value: "3", path: "/", httpOnly: true, secure: false }],
        content: { size: 4, text: "made" },
      },
      _penumbra: { id: "a1", lane: "l", at: 1763798400000.125 },
    });
    const beside = (entry as Readonly<Record<string, object>>)["_penumbra"] ?? {};
    expect(Object.keys(beside).toSorted()).toEqual(["at", "id", "lane"]);
  });

  it("shows what was packed without its packing, and has every field that the format asks for", async () => {
    const body = { kind: "whole", bytes: gzipSync("packed") } as const;
    const answer = { status: 200, reason: "OK", headers: [["Content-Encoding", "gzip"]] as const, body };
    const outcome = { kind: "answered", answer, firstByteMs: milliseconds(1), tookMs: milliseconds(2) } as const;
    const { content } = await written([plainExchange({ outcome })]);
    const [entry] = (JSON.parse(content) as { readonly log: { readonly entries: readonly HarEntry[] } }).log.entries;
    expect(entry?.response.content).toMatchObject({ text: "packed", size: 6, compression: 6 - body.bytes.length });
    expect((await readText(content)).exchanges[0]?.outcome).toMatchObject({ answer: { body: { bytes: Buffer.from(body.bytes) } } });
    // HAR 1.2, the fields that are not called optional.
    const asked = {
      entry: ["startedDateTime", "time", "request", "response", "cache", "timings"],
      request: ["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"],
      response: ["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"],
    };
    expect(Object.keys(entry ?? {})).toEqual(expect.arrayContaining(asked.entry));
    expect(Object.keys(entry?.request ?? {})).toEqual(expect.arrayContaining(asked.request));
    expect(Object.keys(entry?.response ?? {})).toEqual(expect.arrayContaining(asked.response));
  });

  it("tells what other readers do not get", async () => {
    const trailers = [["X-Sum", "1"]] as const;
    const request = { ...plainExchange().request, trailers, body: { kind: "whole", bytes: new Uint8Array([0xff]) } as const };
    const { leftOut } = await written([plainExchange({ request, outcome: { kind: "reset", tookMs: milliseconds(1) } })]);
    expect(leftOut).toEqual([
      "1 request with trailers that only Penumbra reads from it",
      "1 binary request body that only Penumbra reads from it",
      "1 request without an answer: written as status 0",
    ]);
  });
});
