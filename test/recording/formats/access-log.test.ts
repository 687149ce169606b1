import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Exchange, isUnrecorded } from "../../../model/exchange.ts";
import { readAccessLogLine } from "../../../recording/formats/access-log-line.ts";
import { temporaryDirectories } from "../temporary-directory.ts";
import { corpusFile, corpusJson, counts, type ReadFile, readFile, statusesOf } from "./reading.ts";

const directory = temporaryDirectories();

interface Manifest {
  readonly lines: number;
  readonly methods: Record<string, number>;
  readonly statuses: Record<string, number>;
  readonly clients: number;
  readonly linesNotInCombinedFormat: readonly number[];
}

async function readText(content: string): Promise<ReadFile> {
  const path = join(directory(), "access.log");
  writeFileSync(path, content, "latin1");
  return readFile(path, "log");
}

const lineOf = (second: number, target: string): string =>
  `10.0.0.1 - - [17/May/2015:10:05:0${second} +0200] "GET ${target} HTTP/1.1" 200 5 "-" "curl/8"\n`;

describe("an access log", () => {
  it("of the corpus is read with the right counts, without the line that is damaged", async () => {
    const expected = corpusJson("access-log", "manifest.json") as Manifest;
    const { exchanges, leftOut } = await readFile(corpusFile("access-log", "apache_logs"), "log");
    expect(exchanges.length).toBe(expected.lines - expected.linesNotInCombinedFormat.length);
    expect(counts(exchanges.map(({ request }) => request.method))).toEqual(expected.methods);
    expect(statusesOf(exchanges)).toEqual(expected.statuses);
    expect(leftOut).toContain(`1 line that cannot be read left out (line ${expected.linesNotInCombinedFormat[0]})`);
    expect(leftOut).toContain(`${exchanges.length} times known to the second only and spread within it`);
    expect(new Set(exchanges.map(({ id }) => id)).size).toBe(exchanges.length);
  });

  it("knows status and size of an answer, and says that it knows neither fields nor body", async () => {
    const { exchanges } = await readText(lineOf(3, "/a?b=1"));
    const [exchange] = exchanges;
    expect(exchange?.request).toMatchObject({ method: "GET", target: "/a?b=1", version: "1.1", headers: [["User-Agent", "curl/8"]] });
    expect(exchange?.outcome).toMatchObject({ kind: "answered", answer: { status: 200, headers: [], body: { length: 5 } }, tookMs: 0 });
    expect(exchange?.outcome.kind === "answered" && isUnrecorded(exchange.outcome.answer.body)).toBe(true);
    expect(exchange?.extra).toEqual({ accessLog: { line: 1, within: "1s" } });
    expect(exchange?.lane).toBe("[10.0.0.1 - curl/8]");
  });

  it("keeps the order of the lines of one second, each in its own part of it", async () => {
    const { exchanges } = await readText(Array.from({ length: 8 }, (_, index) => lineOf(index < 5 ? 3 : 4, `/${index}`)).join(""));
    expect(exchanges.map(({ request }) => request.target)).toEqual(Array.from({ length: 8 }, (_, index) => `/${index}`));
    const second = Date.UTC(2015, 4, 17, 8, 5, 3);
    expect(exchanges.map(({ at }) => Math.floor((at - second) / 1000))).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
    expect(exchanges.slice(0, 5).map(({ at }) => Math.floor((at - second) / 200))).toEqual([0, 1, 2, 3, 4]);
  });

  it("has no body for a write, so that it is never sent as if it had none", async () => {
    const { exchanges, leftOut } = await readText(lineOf(3, "/a").replace("GET", "POST"));
    expect(exchanges[0] !== undefined && isUnrecorded(exchanges[0].request.body)).toBe(true);
    expect(leftOut).toContain("1 request with a body that the log does not have, so not sent");
  });

  it("is refused when most lines cannot be read, and read without those that cannot otherwise", async () => {
    const noise = '10.0.0.1 - - [17/May/2015:10:05:03 +0000] "\\x16\\x03\\x01" 400 0 "-" "-"\n';
    const { exchanges, leftOut } = await readText(lineOf(1, "/a") + noise + lineOf(2, "/b") + noise);
    expect(exchanges.length).toBe(2);
    expect(leftOut).toContain("2 lines that cannot be read left out (the first: line 2)");
    await expect(readText(`${lineOf(1, "/a")}${noise.repeat(2)}`)).rejects.toMatchObject({
      code: "LOG_INVALID",
      message: expect.stringMatching(/2 of 3 lines/),
    });
    await expect(readText("some\ntext\n")).rejects.toMatchObject({ code: "LOG_INVALID" });
    await expect(readText("\n\n")).rejects.toMatchObject({ code: "LOG_INVALID", message: expect.stringMatching(/has no lines/) });
  });
});

describe("a line of an access log", () => {
  const start = '10.0.0.1 - ann [29/Feb/2024:23:59:59 -0730] "GET /x HTTP/2.0" 404';
  it.each<readonly [string, string, Partial<ReturnType<typeof readAccessLogLine>>]>([
    ["common", `${start} -`, { size: null, referer: null, agent: null, user: "ann", version: "2.0", at: Date.UTC(2024, 2, 1, 7, 29, 59) }],
    ["combined", `${start} 7 "http://a/" "x \\"y\\" \\xe9"`, { size: 7, referer: "http://a/", agent: 'x "y" é' }],
    ["with the virtual host before it", `shop.example:443 ${start} 7 "-" "a"`, { host: "shop.example:443", client: "10.0.0.1" }],
    ["with a user of two words", start.replace("ann", "ann smith") + " 7", { user: "ann smith", client: "10.0.0.1", host: null }],
    ["with the time behind it", `${start} 7 "-" "a" 0.123`, { seconds: 0.123, agent: "a" }],
    ["with forwarded-for and time behind it", `${start} 7 "-" "a" "1.2.3.4, 5.6.7.8" 1.5`, { seconds: 1.5 }],
    [
      "with parts of a second",
      `${start.replace("59 -", "59.250 -")} 7 "-" "a"`,
      { wholeSecond: false, at: Date.UTC(2024, 2, 1, 7, 29, 59, 250) },
    ],
    ["of HTTP/0.9", '1.2.3.4 - - [01/Jan/2024:00:00:00 +0000] "GET /" 200 7', { version: "0.9", method: "GET", target: "/" }],
    ["of IPv6", '::1 - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 7', { client: "::1", host: null }],
  ])("%s is read", (_form, line, expected) => {
    expect(readAccessLogLine(line)).toMatchObject(expected ?? {});
  });

  it.each([
    ["no request", `1.2.3.4 - - [01/Jan/2024:00:00:00 +0000] "-" 408 0 "-" "-"`],
    ["an unknown month", '1.2.3.4 - - [01/Mai/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 7'],
    ["an open quote", `${start} 7 "-" "open`],
    ["no time", '1.2.3.4 - - "GET / HTTP/1.1" 200 7'],
    ["a space in its target", '1.2.3.4 - - [01/Jan/2024:00:00:00 +0000] "GET /a b HTTP/1.1" 200 7'],
  ])("with %s is not", (_what, line) => {
    expect(readAccessLogLine(line)).toBeNull();
  });
});

/** Only to say what a lane of a log is: the same client, the same lane. */
it("gives the requests of one client and agent one lane", async () => {
  const { exchanges } = await readFile(corpusFile("access-log", "apache_logs"), "log");
  const clients = new Set(exchanges.map((exchange: Exchange) => exchange.lane?.split(" ")[0]));
  expect(clients.size).toBe((corpusJson("access-log", "manifest.json") as Manifest).clients);
});
