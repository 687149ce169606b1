/** Import and export on the command line: what is told, what is left behind, what no file may hold, and what a comparison makes of it. */

import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { readFile as readFromPipe } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { openRecording } from "../../recording/open.ts";
import { memoryOf, until } from "../support/processes.ts";
import { itemsHandler, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-formats-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const corpus = join(import.meta.dirname, "..", "corpus");
const key = ["--key-file", join(scratch, "key")];
let places = 0;
const place = (name = ""): string => join(scratch, `${++places}${name}`);

async function imported(form: string, path: string): Promise<{ readonly out: string; readonly ended: Ended }> {
  const out = place();
  return { out, ended: await runPenumbra(["import", form, path, "--out", out, ...key]) };
}

/** All bytes of a file or of all files of a directory, one after the other. */
function bytesOf(path: string): Buffer {
  const bytes =
    existsSync(path) && !path.endsWith(".gz") && isDirectory(path)
      ? readdirSync(path).map((name) => readFileSync(join(path, name)))
      : [readFileSync(path)];
  return Buffer.concat(path.endsWith(".gz") ? bytes.map((each) => gunzipSync(each)) : bytes);
}

function isDirectory(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

describe("import", () => {
  it("tells in one line how much there is, and in a second what is left out", async () => {
    const { out, ended } = await imported("gor", join(corpus, "gor", "requests-and-responses.gor"));
    expect([ended.code, ended.stdout]).toEqual([0, ""]);
    expect(ended.stderr.split("\n")).toEqual([
      `8 exchanges: ${out}`,
      "penumbra: 2 replayed answers left out (only production's are imported); 1 answer body shorter than its Content-Length, so not compared" +
        " (record 17); 1 answer without a request left out (record 18); 1 request without an answer",
      "",
    ]);
    const machine = await runPenumbra(["import", "gor", join(corpus, "gor", "session.gor.gz"), "--out", place(), "--json", ...key]);
    expect(JSON.parse(machine.stdout)).toMatchObject({ exchanges: 60, leftOut: [] });
  });

  it.each<readonly [string, string, () => string]>([
    ["har", "no JSON", () => join(corpus, "har", "broken.har")],
    ["har", "a GoReplay file", () => join(corpus, "gor", "requests.gor")],
    ["gor", "a HAR file", () => join(corpus, "har", "insomnia.har")],
    ["log", "a HAR file", () => join(corpus, "har", "insomnia.har")],
    ["gor", "a directory", () => corpus],
    ["har", "not there", () => join(scratch, "none.har")],
    ["log", "empty", () => (writeFileSync(join(scratch, "empty.log"), ""), join(scratch, "empty.log"))],
  ])("of %s refuses what is %s in one line, and leaves nothing", async (form, _what, path) => {
    const { out, ended } = await imported(form, path());
    expect([ended.code, ended.stdout, existsSync(out)]).toEqual([2, "", false]);
    expect(ended.stderr).toMatch(/^penumbra: [^\n]*\S; [^\n]+\n$/);
  });

  it("leaves no half of a recording where the file changes while it is read", async () => {
    const [file, out] = [place(".gor"), place()];
    const record = (index: number): string => `1 r${index} ${index + 1} 0\nGET /${index} HTTP/1.1\r\nHost: a\r\n\r\n\n🐵🙈🙉\n`;
    writeFileSync(file, Array.from({ length: 50_000 }, (_, index) => record(index)).join(""));
    const { ended } = startPenumbra(["import", "gor", file, "--out", out, ...key]);
    await until(() => existsSync(out));
    truncateSync(file, 0);
    const { code, stderr } = await ended;
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stderr).toMatch(/^penumbra: [^\n]*\.gor changed while it was read; [^\n]+\n$/);
  });

  it("refuses a form that it does not know, and a place that is not for it", async () => {
    const { ended } = await imported("pcap", join(corpus, "gor", "requests.gor"));
    expect([ended.code, ended.stderr]).toEqual([2, 'penumbra: the form cannot be "pcap"; give one of har, gor, log, ndjson\n']);
    const foreign = place();
    mkdirSync(foreign);
    writeFileSync(join(foreign, "notes.txt"), "mine");
    const refused = await runPenumbra(["import", "gor", join(corpus, "gor", "requests.gor"), "--out", foreign, ...key]);
    expect([refused.code, readdirSync(foreign)]).toEqual([2, ["notes.txt"]]);
  });
});

describe("secrets", () => {
  const secret = "S3cr3tValueThatPassedThrough";
  const request = `POST /login?token=${secret} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${secret}\r\nCookie: sid=${secret}\r\nContent-Type: application/json\r\n`;
  const body = JSON.stringify({ password: secret });
  const gor = `1 a 1000000000 0\n${request}Content-Length: ${body.length}\r\n\r\n${body}\n🐵🙈🙉\n2 a 2000000000 0\nHTTP/1.1 200 OK\r\nSet-Cookie: sid=${secret}\r\n\r\n\n🐵🙈🙉\n`;
  const har = JSON.stringify({
    log: {
      version: "1.2",
      entries: [
        {
          startedDateTime: "2026-01-01T00:00:00Z",
          request: {
            method: "POST",
            url: `http://ann:${secret}@shop/login?token=${secret}`,
            headers: [
              { name: "Cookie", value: `sid=${secret}` },
              { name: "Content-Type", value: "application/x-www-form-urlencoded" },
            ],
            postData: { mimeType: "application/x-www-form-urlencoded", params: [{ name: "password", value: secret }] },
          },
          response: {
            status: 200,
            headers: [{ name: "Set-Cookie", value: `sid=${secret}` }],
            content: { text: JSON.stringify({ token: secret }) },
          },
          _penumbra: { id: "a", lane: null, mine: { password: secret } },
        },
      ],
    },
  });
  const log = `1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET /a?token=${secret} HTTP/1.1" 200 5 "http://shop/?session=${secret}" "a"\n`;

  it.each([
    ["har", har],
    ["gor", gor],
    ["log", log],
  ])("in a %s file come into no recording, and from no recording into an export", async (form, content) => {
    const file = place(`.${form}`);
    writeFileSync(file, content);
    const { out, ended } = await imported(form, file);
    expect(ended.code, ended.stderr).toBe(0);
    expect(bytesOf(out).includes(secret)).toBe(false);
    for (const [written, name] of [
      ["har", ".har"],
      ["har", ".har.gz"],
      ["gor", ".gor"],
      ["gor", ".gor.gz"],
      ["ndjson", ".ndjson"],
    ] as const) {
      const exported = place(name);
      expect((await runPenumbra(["export", written, out, "--out", exported])).code).toBe(0);
      expect(bytesOf(exported).includes(secret), name).toBe(false);
    }
  });

  it("stay equal where they stood", async () => {
    const file = place(".gor");
    writeFileSync(file, gor);
    const { out } = await imported("gor", file);
    const exported = place(".har");
    await runPenumbra(["export", "har", out, "--out", exported]);
    const tokens = [...readFileSync(exported, "utf8").matchAll(/tok_[\w-]{22}/g)].map(([token]) => token);
    expect(tokens.length).toBeGreaterThan(5);
    expect(new Set(tokens).size).toBe(1);
  });

  it("in an access log do not stay as the address of a client", async () => {
    const file = place(".log");
    writeFileSync(file, log.replace("1.2.3.4", "203.0.113.77"));
    const { out } = await imported("log", file);
    expect(bytesOf(out).includes("203.0.113.77")).toBe(false);
  });
});

describe("export", () => {
  it("and import bring a recording back as it was, by way of HAR", async () => {
    const { out } = await imported("gor", join(corpus, "gor", "session.gor.gz"));
    const har = place(".har.gz");
    expect((await runPenumbra(["export", "har", out, "--out", har])).code).toBe(0);
    const again = await imported("har", har);
    const [before, after] = [place(".ndjson"), place(".ndjson")];
    await runPenumbra(["export", "ndjson", out, "--out", before]);
    await runPenumbra(["export", "ndjson", again.out, "--out", after]);
    expect(readFileSync(after, "utf8")).toBe(readFileSync(before, "utf8"));
  });

  it("tells what the form cannot hold, and leaves nothing behind when it fails", async () => {
    const { out } = await imported("log", join(corpus, "access-log", "apache_logs.gz"));
    const told = await runPenumbra(["export", "gor", out, "--out", place(".gor")]);
    expect(told.stderr).toMatch(/\npenumbra: 9994 answers whose body was not kept whole left out; 5 exchanges whose request body/);
    const nowhere = join(scratch, "no", "such", "a.gor");
    const failed = await runPenumbra(["export", "gor", out, "--out", nowhere]);
    expect([failed.code, existsSync(join(scratch, "no"))]).toEqual([2, false]);
    const target = place();
    mkdirSync(target);
    const onDirectory = await runPenumbra(["export", "har", out, "--out", target, "--force"]);
    expect([onDirectory.code, existsSync(`${target}.partial`), readdirSync(target)]).toEqual([2, false, []]);
    expect(onDirectory.stderr.trim().split("\n").length).toBe(1);
  });
});

describe("where an export goes", () => {
  it("a link stays a link, and what is no plain file is written to", async () => {
    const { out } = await imported("gor", join(corpus, "gor", "session.gor.gz"));
    const [file, link] = [place(".gor"), place(".gor")];
    writeFileSync(file, "before");
    symlinkSync(file, link);
    const linked = await runPenumbra(["export", "gor", out, "--out", link, "--force"]);
    expect([linked.code, lstatSync(link).isSymbolicLink(), existsSync(`${link}.partial`)]).toEqual([0, true, false]);
    const pipe = place();
    execFileSync("mkfifo", [pipe]);
    const [piped, read] = await Promise.all([runPenumbra(["export", "gor", out, "--out", pipe, "--force"]), readFromPipe(pipe, "utf8")]);
    expect([piped.code, read, lstatSync(pipe).isFIFO()]).toEqual([0, readFileSync(file, "utf8"), true]);
  });

  it("is not overwritten without --force", async () => {
    const file = place(".har");
    writeFileSync(file, "mine");
    const refused = await runPenumbra(["export", "har", join(corpus, "gor", "session.gor.gz"), "--out", file]);
    expect([refused.code, readFileSync(file, "utf8")]).toEqual([2, "mine"]);
  });
});

describe("a file that is larger than the memory it may take", () => {
  const mebibyte = 1024 * 1024;
  const records = 256;
  const body = "0123456789abcde\n".repeat((2 * mebibyte) / 16);
  /** Measured: 208 to 330 MiB, of which the program itself takes some 90. */
  const mostMemory = 448 * mebibyte;

  const gor = (index: number): string[] => [
    `1 r${index} ${index + 1}000000 0\nPOST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`,
    body,
    "\n🐵🙈🙉\n",
  ];
  const request = { method: "GET", url: "http://a/" };
  const response = { status: 200, content: { text: body } };
  const entry = JSON.stringify({ startedDateTime: "2026-01-01T00:00:00Z", request, response });

  it.each<readonly [string, (index: number) => string[]]>([
    ["gor", gor],
    ["har", (index) => [index === 0 ? '{"log":{"entries":[' : ",", entry, index === records - 1 ? "]}}" : ""]],
  ])(
    "is imported in bounded memory: %s",
    async (form, piece) => {
      const file = place(`.${form}.gz`);
      // Parts that were compressed one by one make a file as well (RFC 1952 §2.2), and those that are equal have to be compressed once only.
      const pieces = Array.from({ length: records }, (_, index) => piece(index)).flat();
      const packed = new Map([...new Set(pieces)].map((each) => [each, gzipSync(each)]));
      writeFileSync(file, Buffer.concat(pieces.map((each) => packed.get(each) ?? Buffer.alloc(0))));
      const { process, ended } = startPenumbra(["import", form, file, "--out", place(), "--json", ...key]);
      let peak = 0;
      const watching = setInterval(() => {
        // A process that has just ended has no memory.
        if (process.exitCode === null) peak = Math.max(peak, memoryOf(process.pid, "peak") || 0);
      }, 20);
      const { stdout } = await ended;
      clearInterval(watching);
      expect(JSON.parse(stdout)).toMatchObject({ exchanges: records });
      expect(peak).toBeGreaterThan(mebibyte);
      expect(peak).toBeLessThan(mostMemory);
    },
    120_000,
  );
});

/** Forty clients that each read an item. */
function logLines(status: number): string {
  const line = (index: number): string =>
    `10.0.0.${index} - - [22/Nov/2025:08:00:0${index % 10} +0000] "GET /items/${index + 1} HTTP/1.1" ${status} 50 "-" "a"\n`;
  return Array.from({ length: 40 }, (_, index) => line(index)).join("");
}

describe("a recording that knows little", () => {
  it("of an access log compares statuses, and claims no other difference", async () => {
    const old = await startService(itemsHandler("old"));
    const file = place(".log");
    writeFileSync(file, logLines(200));
    const { out } = await imported("log", file);
    const run = place();
    const { code, stderr } = await runPenumbra([
      "replay",
      out,
      "--candidate",
      old.url,
      "--control",
      old.url,
      "--out",
      run,
      "--pace",
      "max",
      ...key,
    ]);
    await old.close();
    expect(code, stderr).toBe(0);
    const report = await reportOf(run);
    expect(report.totals).toMatchObject({ exchanges: 40, compared: 40, different: 0 });
    expect(report.findings).toEqual([]);
    expect(report.endpoints[0]?.latency?.primary ?? null).toBeNull();
  });

  it("of an access log finds a status that differs", async () => {
    const recordings: string[] = [];
    for (const status of [200, 404]) {
      const file = place(".log");
      writeFileSync(file, logLines(status));
      recordings.push((await imported("log", file)).out);
    }
    const run = place();
    await runPenumbra(["compare", ...recordings, "--out", run]);
    const report = await reportOf(run);
    expect(report.totals).toMatchObject({ compared: 40, different: 40 });
    expect(report.findings.map(({ location, transition }) => `${location} ${transition}`)).toEqual(["status 200→404"]);
  });

  it("of requests alone counts each as not comparable, with its reason, unless a second control answers for production", async () => {
    const services = await Promise.all((["old", "old", "old", "new"] as const).map((build) => startService(itemsHandler(build))));
    const [first, second, third, changed] = services.map(({ url }) => url);
    const file = place(".gor");
    const record = (index: number): string =>
      `1 r${index} ${10n ** 18n + BigInt(index)} 0\nGET /items/${index + 1} HTTP/1.1\r\nHost: a\r\n\r\n\n🐵🙈🙉\n`;
    writeFileSync(file, Array.from({ length: 30 }, (_, index) => record(index)).join(""));
    const replayed = async (candidate: string | undefined, controls: readonly (string | undefined)[]): Promise<Report> => {
      const run = place();
      const targets = ["--candidate", candidate ?? "", ...controls.flatMap((control) => ["--control", control ?? ""])];
      await runPenumbra(["replay", file, ...targets, "--out", run, ...key]);
      return reportOf(run);
    };
    const alone = await replayed(changed, [first]);
    const equal = await replayed(third, [first, second]);
    const different = await replayed(changed, [first, second]);
    await Promise.all(services.map((service) => service.close()));
    expect([alone.verdict, alone.totals.notComparable]).toEqual(["inconclusive", { not_recorded: 30 }]);
    expect([equal.verdict, equal.totals.compared]).toEqual(["pass", 30]);
    expect([different.verdict, different.totals.different]).toEqual(["fail", 30]);
  });

  it("of a HAR without bodies compares status and fields, and not the body", async () => {
    const recording = await openRecording(join(corpus, "har", "browsertime-http2.har"));
    const whole = place(".ndjson");
    const lines: string[] = [];
    for await (const exchange of recording.exchanges()) {
      if (exchange.outcome.kind !== "answered") continue;
      const { status, reason, headers } = exchange.outcome.answer;
      const { id, at, lane, labels, request } = exchange;
      const outcome = { kind: "answered", status, reason, headers, body: { text: "anything" } };
      lines.push(JSON.stringify({ id, at, lane, labels, request: { ...request, body: null }, outcome }));
    }
    writeFileSync(whole, lines.join("\n"));
    const run = place();
    await runPenumbra(["compare", join(corpus, "har", "browsertime-http2.har"), whole, "--out", run]);
    expect((await reportOf(run)).totals).toMatchObject({ compared: 11, same: 11 });
  });
});

async function reportOf(run: string): Promise<Report> {
  const { stdout } = await runPenumbra(["report", run, "--format", "json"]);
  return JSON.parse(stdout) as Report;
}
