/** No secret that passes through the real sidecar is in any byte that it leaves: recording, its write-ahead log, its export, the run.
 *
 *    raw client ══ secrets in every place of HTTP ══► penumbra proxy ══► primary (answers with secrets, too)
 *                                                         └──► files ◄── searched as they are, unpacked, and as base64 */

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zlib from "node:zlib";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { LedgerSnapshot } from "../../proxy/live/ledger.ts";
import { childrenOf, until } from "../support/processes.ts";

const rules = String.raw`
redaction:
  - { header: X-Customer, how: mask }
  - { query: ref }
  - { form: ssn, how: drop }
  - { json: $..note }
  - { regex: '/^\/reset\/([^\/?]+)/' }
  - { regex: '/CARD-\w+/' }
`;

/** Its letters can be anywhere in text, names and base64. */
function secretOf(place: string): string {
  return `S3${createHash("sha256").update(place).digest("hex").slice(0, 18)}9z`;
}

type Answer = (response: ServerResponse) => void;

interface Place {
  /** Head and body, as they go over the wire; `Host` and `Connection: close` are put in. */
  readonly sent: (secret: string) => string | Buffer;
  readonly answered?: (secret: string) => Answer;
  /** The connection is cut by the client when so much was sent. */
  readonly aborts?: boolean;
}

const json = "Content-Type: application/json";
const get = (target: string, ...headers: readonly string[]): string => [`GET ${target} HTTP/1.1`, ...headers, "", ""].join("\r\n");
function post(type: string, body: string | Buffer, ...headers: readonly string[]): Buffer {
  const head = ["POST /x HTTP/1.1", type, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}
const chunked = (type: string, chunks: string, trailers = ""): string =>
  [`POST /x HTTP/1.1`, type, "Transfer-Encoding: chunked", "", `${chunks}0\r\n${trailers}\r\n`].join("\r\n");
function part(head: string, value: string): Buffer {
  return post(
    "Content-Type: multipart/form-data; boundary=XX",
    `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n--XX--\r\n`,
  );
}
const whole =
  (type: string, body: string | Buffer, ...more: readonly [string, string][]): Answer =>
  (response) =>
    response.writeHead(200, [["Content-Type", type], ...more].flat()).end(body);
const plainGet = (): string => get("/a");
const hasPassword = (secret: string): string => JSON.stringify({ a: [1, { password: secret }] });
const filler = "word ".repeat(4000);

const places: Readonly<Record<string, Place>> = {
  "a query": { sent: (secret) => get(`/x?a=1&token=${secret}`) },
  "an escaped query": { sent: (secret) => get(`/x?next=${encodeURIComponent(`http://y/?token=${secret}`)}`) },
  "a path parameter": { sent: (secret) => get(`/x;jsessionid=${secret}/y`) },
  "what looks like a fragment": { sent: (secret) => get(`/x?a=1%23token=${secret}`) },
  "the absolute form": { sent: (secret) => get(`http://bob:${secret}@shop.test/x`) },
  "basic credentials": { sent: (secret) => get("/x", `Authorization: Basic ${Buffer.from(`bob:${secret}`).toString("base64")}`) },
  "a bearer token": { sent: (secret) => get("/x", `Authorization: Bearer ${secret}`) },
  "a header by its name": { sent: (secret) => get("/x", `X-Api-Key: ${secret}`) },
  "a header twice": { sent: (secret) => get("/x", "x-auth-token: a", `X-AUTH-TOKEN: ${secret}`) },
  "a URL in a header": { sent: (secret) => get("/x", `Referer: http://shop.test/y?sid=${secret}`) },
  "a cookie": { sent: (secret) => get("/x", `Cookie: a=b; theme=${secret}`) },
  "Set-Cookie": { sent: plainGet, answered: (secret) => whole("text/plain", "x", ["Set-Cookie", `id=${secret}; Path=/; HttpOnly`]) },
  "an attribute of Set-Cookie": {
    sent: plainGet,
    answered: (secret) => whole("text/plain", "x", ["Set-Cookie", `id=1; Path=/y;sid=${secret}`]),
  },
  Location: { sent: plainGet, answered: (secret) => whole("text/plain", "x", ["Location", `/y?access_token=${secret}#token=${secret}`]) },
  "the reason phrase": { sent: plainGet, answered: (secret) => (response) => response.writeHead(200, `OK token=${secret}`).end("x") },
  "a trailer of the request": { sent: (secret) => chunked(json, "2\r\n{}\r\n", `X-Signature: ${secret}\r\n`) },
  "a trailer of the answer": {
    sent: (secret) => get("/a", `X-Session-Id: ${secret}`),
    answered: (secret) => (response) => {
      response.writeHead(200, { "Transfer-Encoding": "chunked", Trailer: "X-Session-Id" }).write("x");
      response.addTrailers([["X-Session-Id", secret]]);
      response.end();
    },
  },
  "a chunk extension": { sent: (secret) => chunked(json, `2;token=${secret}\r\n{}\r\n`) },
  JSON: { sent: (secret) => post(json, hasPassword(secret)), answered: (secret) => whole("application/json", hasPassword(secret)) },
  "a JSON key": { sent: (secret) => post(json, JSON.stringify({ [`http://x/?token=${secret}`]: 1 })) },
  "JSON in a string": { sent: (secret) => post(json, JSON.stringify({ log: hasPassword(secret) })) },
  "broken JSON": { sent: (secret) => post(json, `{"password":"${secret}",`) },
  "a form": { sent: (secret) => post("Content-Type: application/x-www-form-urlencoded", `a=1&passwd=${secret}`) },
  "a multipart field": { sent: (secret) => part('name="pin"', secret) },
  "a multipart file": { sent: (secret) => part('name="a"; filename="x.json"', hasPassword(secret)) },
  "a field's name": { sent: (secret) => part(`name="CARD-${secret}"`, "x") },
  "a file's name": { sent: (secret) => part(`name="a"; filename="CARD-${secret}.txt"`, "x") },
  XML: { sent: (secret) => post("Content-Type: text/xml", `<a><password>${secret}</password><b token='${secret}'/></a>`) },
  HTML: {
    sent: plainGet,
    answered: (secret) => whole("text/html", `<input name="csrf_token" value="${secret}"><a href="/?sid=${secret}">x</a>`),
  },
  JSONP: { sent: plainGet, answered: (secret) => whole("text/javascript", `call(${hasPassword(secret)});`) },
  "lines of JSON": { sent: (secret) => post("Content-Type: application/x-ndjson", `{"a":1}\n${hasPassword(secret)}\n`) },
  "an event stream": { sent: plainGet, answered: (secret) => whole("text/event-stream", `event: a\ndata: ${hasPassword(secret)}\n\n`) },
  GraphQL: {
    sent: (secret) =>
      post(json, JSON.stringify({ query: `mutation { login(password: "${secret}") { id } }`, variables: { token: secret } })),
  },
  "plain text": { sent: (secret) => post("Content-Type: text/plain", `user: bob\npassword: ${secret}\n`) },
  gzip: { sent: (secret) => post(json, zlib.gzipSync(hasPassword(secret)), "Content-Encoding: gzip") },
  brotli: {
    sent: plainGet,
    answered: (secret) => whole("application/json", zlib.brotliCompressSync(hasPassword(secret)), ["Content-Encoding", "br"]),
  },
  zstd: {
    sent: plainGet,
    answered: (secret) => whole("application/json", zlib.zstdCompressSync(hasPassword(secret)), ["Content-Encoding", "zstd"]),
  },
  "an unknown coding": { sent: (secret) => post(json, hasPassword(secret), "Content-Encoding: x-own") },
  "the head of a capped body": { sent: (secret) => post(json, JSON.stringify({ password: secret, filler })) },
  "the tail of a capped body": { sent: plainGet, answered: (secret) => whole("text/plain", `${filler} password: ${secret}\n`) },
  "a body that the client broke off": {
    sent: (secret) => post(json, `{"password":"${secret}", `, "X-Broken: 1").subarray(0, -1),
    aborts: true,
  },
  "a body that the primary broke off": {
    sent: plainGet,
    answered: (secret) => (response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "5000" });
      response.write(hasPassword(secret), () => response.destroy());
    },
  },
  "a header that a rule names": { sent: (secret) => get("/x", `X-Customer: ${secret}`) },
  "a parameter that a rule names": { sent: (secret) => get(`/x?ref=${secret}`) },
  "a form field that a rule names": { sent: (secret) => post("Content-Type: application/x-www-form-urlencoded", `ssn=${secret}&a=1`) },
  "JSON that a rule names": {
    sent: (secret) => post(json, JSON.stringify({ note: secret })),
    answered: (secret) => whole("application/json", JSON.stringify([{ note: { text: [secret] } }])),
  },
  "an answer that a rule names": {
    sent: plainGet,
    answered: (secret) => whole("application/json", JSON.stringify({ id: 1, note: secret })),
  },
  "a path that an expression names": { sent: (secret) => get(`/reset/${secret}`) },
  "a header that an expression finds": { sent: (secret) => get("/x", `X-Note: by CARD-${secret} only`) },
};

/** Of a request that never ended nothing is kept. */
const stored = Object.values(places).filter(({ aborts }) => aborts !== true).length;

function startPrimary(): Promise<Server> {
  const names = Object.keys(places);
  const server = createServer((request: IncomingMessage, response) => {
    const name = names[Number(request.headers["x-place"])] ?? "";
    request.on("error", () => undefined).resume();
    request.on("end", () => (places[name]?.answered?.(secretOf(name)) ?? whole("text/plain", "fine"))(response));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Sends one request on a connection of its own, until the answer ends. */
async function send(url: string, index: number, { sent, aborts }: Place, secret: string): Promise<void> {
  const bytes = Buffer.from(sent(secret));
  const line = bytes.indexOf("\r\n") + 2;
  const own = Buffer.from(`Host: shop.test\r\nConnection: close\r\nX-Place: ${index}\r\n`);
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined).resume();
  socket.write(Buffer.concat([bytes.subarray(0, line), own, bytes.subarray(line)]));
  if (aborts === true) setTimeout(() => socket.resetAndDestroy(), 100);
  await closed;
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

/** Where a small body is. */
interface Part {
  readonly pack: number;
  readonly at: number;
  readonly length: number;
}

/** Everything that a reader could make of the bytes: stored bodies unpacked, and content-codings removed. */
function unpacked(recording: string): readonly Buffer[] {
  return filesBelow(recording)
    .filter((path) => path.endsWith(".penumbra"))
    .flatMap((path) => {
      const database = new Database(path, { readonly: true });
      const bodies = database.prepare("SELECT packed, bytes FROM body WHERE bytes IS NOT NULL").all() as {
        packed: string;
        bytes: Buffer;
      }[];
      const packs = database.prepare("SELECT 'zstd' AS packed, bytes FROM pack").all() as { packed: string; bytes: Buffer }[];
      const small = database.prepare("SELECT pack, pack_at AS at, length FROM body WHERE pack IS NOT NULL").all() as Part[];
      const pieces = new Map(database.prepare<[], [number, Buffer]>("SELECT id, bytes FROM pack").raw().all());
      database.close();
      const large = [...bodies, ...packs].map(({ packed, bytes }) => (packed === "zstd" ? zlib.zstdDecompressSync(bytes) : bytes));
      const parts = small.map(({ pack, at, length }) =>
        zlib.zstdDecompressSync(pieces.get(pack) ?? Buffer.alloc(0)).subarray(at, at + length),
      );
      return [...large, ...parts].flatMap((bytes) => [bytes, ...decodings(bytes)]);
    });
}

function decodings(bytes: Buffer): readonly Buffer[] {
  return [zlib.gunzipSync, zlib.brotliDecompressSync, zlib.zstdDecompressSync].flatMap((decode) => {
    try {
      return [decode(bytes)];
    } catch {
      return []; // another coding
    }
  });
}

/** The secret itself, and what is in its base64 wherever in the text it begins. */
function spellings(secret: string): readonly string[] {
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.from(`${"x".repeat(shift)}${secret}`)
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [secret, ...shifted, encodeURIComponent(secret)];
}

function leaks(contents: readonly Buffer[]): readonly string[] {
  return Object.keys(places).filter((name) =>
    spellings(secretOf(name)).some((spelling) => contents.some((bytes) => bytes.includes(spelling))),
  );
}

describe("what the real sidecar stores", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-redaction-"));
  const config = join(scratch, "penumbra.yaml");
  const key = ["--key-file", join(scratch, "key")];
  let primary: Server;

  beforeAll(async () => {
    writeFileSync(config, rules);
    primary = await startPrimary();
  });
  afterAll(() => {
    primary.close();
    primary.closeAllConnections();
    rmSync(scratch, { recursive: true, force: true });
  });

  const record = async (
    name: string,
    ...more: readonly string[]
  ): Promise<{ readonly recording: string; readonly beside: readonly Buffer[] }> => {
    const recording = join(scratch, name);
    const origin = `http://127.0.0.1:${(primary.address() as AddressInfo).port}`;
    const sidecar = await startSidecarProcess([
      ...[
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0",
        "--primary",
        origin,
        "--sample",
        "100%",
        "--record",
        recording,
        "--body-cap",
        "8KiB",
      ],
      ...key,
      ...more,
    ]);
    const ledger = async (): Promise<LedgerSnapshot> =>
      ((await (await fetch(`${sidecar.adminUrl ?? ""}/counters`)).json()) as { ledger: LedgerSnapshot }).ledger;
    for (const [index, [name_, place]] of Object.entries(places).entries()) await send(sidecar.url, index, place, secretOf(name_));
    let seen = await ledger();
    for (let tries = 0; seen.recorded < stored && tries < 100; tries++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
      seen = await ledger();
    }
    expect(seen).toMatchObject({ recorded: stored, captured: stored });
    // The write-ahead log is there while the recording is being written.
    const beside = filesBelow(recording).map((path) => readFileSync(path));
    expect(filesBelow(recording).some((path) => path.endsWith("-wal"))).toBe(true);
    const observers = childrenOf(sidecar.process.pid);
    const ended = await sidecar.stop();
    expect(ended.code).toBe(0);
    await until(() => observers.every((pid) => !childrenOf(process.pid).includes(pid)));
    return { recording, beside: [...beside, Buffer.from(ended.stderr)] };
  };

  it("has no secret in any byte: segments, write-ahead log, export, whatever is unpacked", { timeout: 60_000 }, async () => {
    const { recording, beside } = await record("recording", "--config", config);
    const out = join(scratch, "out.ndjson");
    expect((await runPenumbra(["export", "ndjson", recording, "--out", out])).code).toBe(0);
    const files = [...filesBelow(recording), out].map((path) => readFileSync(path));
    expect(leaks([...beside, ...files, ...unpacked(recording)])).toEqual([]);
    // Equal stays equal: the request's and the answer's secret are one token.
    const place = `["X-Place","${Object.keys(places).indexOf("JSON")}"]`;
    const exported = readFileSync(out, "utf8")
      .split("\n")
      .find((line) => line.includes(place));
    expect(exported).toMatch(/"request":.*(tok_[\w-]{22}).*"outcome":.*\1/);
  });

  it("of a replay has none either: answers are redacted by the rules that the recording keeps", { timeout: 60_000 }, async () => {
    const { recording } = await record("replayed", "--config", config);
    const others = await Promise.all([startPrimary(), startPrimary()]);
    const [candidate = "", control = ""] = others.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const run = join(scratch, "run");
    // Without the configuration file.
    const ended = await runPenumbra(["replay", recording, "--candidate", candidate, "--control", control, "--out", run, "--json", ...key]);
    for (const server of others) server.close().closeAllConnections();
    expect([0, 3]).toContain(ended.code);
    const entries = readFileSync(join(run, "entries.ndjson"), "utf8").split("\n");
    const place = `["X-Place","${Object.keys(places).indexOf("an answer that a rule names")}"]`;
    // The primary's, the candidate's and the control's note are one token.
    expect(entries.find((line) => line.includes(place))).toMatch(/"candidate":.*note\W+(tok_[\w-]{22}).*"controls":.*note\W+\1/);
    expect(leaks([...filesBelow(run).map((path) => readFileSync(path)), Buffer.from(ended.stdout + ended.stderr)])).toEqual([]);
  });

  it("would have all of them without redaction: the search finds what there is", { timeout: 60_000 }, async () => {
    const { recording, beside } = await record("raw", "--redact", "off");
    const found = leaks([...beside, ...unpacked(recording)]);
    // What no recording keeps: how a body was cut into chunks, and bodies that never ended.
    expect(Object.keys(places).filter((name) => !found.includes(name))).toEqual([
      "a chunk extension",
      "a body that the client broke off",
      "a body that the primary broke off",
    ]);
  });
});
