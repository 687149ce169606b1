/** Targets that show users their credentials: nothing that the tool has put in is stored, by the real command line. */

import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { decodeContent } from "../../model/content.ts";
import type { Outcome } from "../../model/exchange.ts";
import type { Finding, Report } from "../../model/report.ts";
import { openRun } from "../../recording/run.ts";
import { type EchoingOptions, echoingPaths, startEchoing } from "../support/echoing.ts";
import type { Service } from "../support/service.ts";

/** Hard to spell: each of them in JSON, in a URL or in markup. */
const secret = (): string => `${randomBytes(9).toString("hex")}+/${randomBytes(6).toString("hex")}==`;

interface Secrets {
  readonly token: string;
  readonly sid: string;
  readonly key: string;
}

const requestsInClear = 6;
const newSecrets = (): Secrets => ({ token: secret(), sid: randomBytes(12).toString("hex"), key: secret() });
const headersOf = ({ token, sid, key }: Secrets): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  cookie: `theme=dark; sid=${sid}`,
  "x-api-key": key,
});

const windowsHasNoShell = process.platform === "win32";

describe.skipIf(windowsHasNoShell)("what a replay puts in and targets echo", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-echo-"));
  const recording = join(scratch, "recording");
  const silentRecording = join(scratch, "silent");
  const plainRecording = join(scratch, "plain.ndjson");
  const vaultKey = join(scratch, "vault.key");
  const keyFile = join(scratch, "key");
  const users = [newSecrets(), newSecrets()];
  const passwords = users.map(() => `p"${secret()}\\ÿ`);
  const program = `'${process.execPath}' '${join(scratch, "login.mjs")}'`;
  const services: Service[] = [];
  const builds = { echoing: "", equal: "", changed: "", silent: "" };
  let runs = 0;

  beforeAll(async () => {
    const start = async (options: EchoingOptions = {}): Promise<string> => {
      const service = await startEchoing(options);
      services.push(service);
      return service.url;
    };
    builds.echoing = await start();
    builds.equal = await start();
    builds.changed = await start({ version: 2 });
    builds.silent = await start({ echoes: false });
    await runPenumbra(["vault-key", "--out", vaultKey]);
    const silent = await start({ echoes: false });
    const echoing = await start();
    await record(echoing, recording);
    await record(silent, silentRecording);
    await writePlain(plainRecording, echoing, users);
    writeFileSync(join(scratch, "login.mjs"), loginProgram(scratch));
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  async function record(primary: string, path: string): Promise<void> {
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary, "--record", path, "--sample", "100%", "--key-file", keyFile],
      ...["--record-vault", `${vaultKey}.pub`],
    ]);
    for (const [index, user] of users.entries()) {
      const headers = { ...headersOf(user), "content-type": "application/json" };
      for (const echoingPath of echoingPaths) {
        const answer = await fetch(sidecar.url + echoingPath, { headers, redirect: "manual" });
        await answer.arrayBuffer();
        const location = answer.headers.get("location");
        if (location !== null) await (await fetch(sidecar.url + location, { headers })).text();
      }
      const body = JSON.stringify({ password: passwords[index] });
      await (await fetch(`${sidecar.url}/json`, { method: "POST", headers, body })).text();
    }
    await sidecar.stop();
  }

  interface Replayed extends Ended {
    readonly run: string;
    readonly report: Report;
    readonly files: readonly string[];
  }

  const replay = async (path: string, targets: readonly [candidate: string, control: string], ...extra: string[]): Promise<Replayed> => {
    const run = join(scratch, `run-${++runs}`);
    const reports = ["html", "markdown", "junit", "text", "json"].map((format) => [format, join(scratch, `${runs}.${format}`)]);
    const ended = await runPenumbra([
      ...["replay", path, "--candidate", targets[0], "--control", targets[1], "--out", run, "--writes", "--key-file", keyFile],
      ...["--max-lateness", "60s", ...reports.flatMap(([format, file]) => ["--report", `${format}=${file}`]), ...extra],
    ]);
    expect(ended.stderr.replace(/^\w+ report: .*\n/gm, "")).toBe("");
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    const again = JSON.parse((await runPenumbra(["diff", run, "--json"])).stdout) as Report;
    expect(again.findings).toEqual(report.findings);
    expect(again.totals).toEqual(report.totals);
    const inRun = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = [...inRun.map(({ parentPath, name }) => join(parentPath, name)), ...reports.map(([, file = ""]) => file)];
    return { ...ended, run, report, files };
  };

  function expectNone(secrets: readonly string[], { files, stdout }: Replayed): void {
    expect(secrets.length).toBeGreaterThan(1);
    const spellings = secrets.flatMap(spellingsOf);
    for (const file of files) {
      const found = clearTexts(file).flatMap((text) => spellings.filter((spelling) => text.includes(spelling)));
      expect(found, file).toEqual([]);
    }
    expect(spellings.filter((spelling) => stdout.includes(spelling))).toEqual([]);
  }

  const given = (): string[] =>
    readFileSync(join(scratch, "given.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .flatMap((line) => Object.values(JSON.parse(line) as Secrets));
  const reset = ["--reset", "true"];
  const open = ({ report }: Replayed): readonly Finding[] => report.findings.filter(({ state }) => state !== "noise");
  const places = (replayed: Replayed): string[] => open(replayed).map(({ location, path }) => `${location} ${path}`);

  it("from the vault is in no file, and the recorded answers show it no more either", async () => {
    const replayed = await replay(recording, [builds.changed, builds.echoing], "--vault-key", vaultKey, ...reset);
    expect(places(replayed)).toEqual(["header x-version"]);
    expect(replayed.files.filter((file) => file.includes("reproductions"))).not.toEqual([]);
    expectNone([...users.flatMap((user) => Object.values(user) as string[]), ...passwords], replayed);
    // It was put in, and echoed: what stands for it says so.
    expect(readFileSync(join(replayed.run, "entries.ndjson"), "utf8")).toMatch(/hello tok_[\w-]{22}!/);
    for (const { primary, candidate, control } of await storedAnswers(replayed.run)) {
      expect(candidate).toEqual(control);
      expect(candidate).toEqual(primary);
    }
  });

  it("from --login, another at each target, is in no file and makes no difference", async () => {
    const replayed = await replay(recording, [builds.changed, builds.echoing], "--login", program, ...reset);
    expect(places(replayed)).toEqual(["header x-version"]);
    expectNone(given(), replayed);
    const equal = await replay(recording, [builds.equal, builds.echoing], "--login", program);
    expect(open(equal)).toEqual([]);
    expect(equal.report.totals).toMatchObject({ exchanges: 18, compared: 18, same: 18 });
    expectNone(given(), equal);
    // Not only taken for noise: the same, byte for byte.
    for (const { candidate, control } of await storedAnswers(equal.run)) expect(candidate).toEqual(control);
    // What a login replaced had a token, which a service of another kind shows under a name.
    const [first] = await storedAnswers(equal.run);
    expect(first?.request.get("x-api-key")).toMatch(/^tok_/);
    expect(first?.candidate.body).toContain(`hello ${first?.request.get("x-api-key")}!`);
  });

  it("from --header, user and password of Basic too, is in no file", async () => {
    const password = `geheim+${secret()}`;
    const pair = `ada:${password}`;
    const basic = Buffer.from(pair).toString("base64");
    const key = secret();
    const headers = ["--header", `Authorization: Basic ${basic}`, "--header", `X-Api-Key: ${key}`];
    const replayed = await replay(recording, [builds.changed, builds.echoing], ...headers, ...reset);
    expect(places(replayed)).toEqual(["header x-version"]);
    expectNone([basic, pair, password, key], replayed);
  });

  it("that only the candidate echoes is a difference still, wherever it stands", async () => {
    const replayed = await replay(silentRecording, [builds.echoing, builds.silent], "--vault-key", vaultKey);
    expect(replayed.code).toBe(1);
    expect(places(replayed)).toEqual(
      expect.arrayContaining(["header location", "header x-echo", "header trailer/x-who", "body /dotnet", "body /php", "body /texts"]),
    );
    expectNone([...users.flatMap((user) => Object.values(user) as string[]), ...passwords], replayed);
  });

  it("of a recording that holds them in clear goes no further either, not into its reproductions", async () => {
    const replayed = await replay(plainRecording, [builds.changed, builds.echoing], ...reset);
    expect(places(replayed)).toEqual(["header x-version"]);
    expect(replayed.files.filter((file) => file.includes("reproductions"))).not.toEqual([]);
    expectNone(
      users.flatMap((user) => Object.values(user) as string[]),
      replayed,
    );
    // They were sent as they were recorded, and the builds have shown them.
    for (const { primary, candidate } of await storedAnswers(replayed.run)) {
      expect(candidate.body).toMatch(/hello tok_[\w-]{22}!/);
      expect(candidate.body).toBe(primary.body);
    }
  });
});

interface StoredAnswer {
  readonly head: unknown;
  readonly body: string;
}

/** What three builds answered, without what differs anyway, and the head of the recorded request. */
async function storedAnswers(
  run: string,
): Promise<{ request: ReadonlyMap<string, string>; primary: StoredAnswer; candidate: StoredAnswer; control: StoredAnswer }[]> {
  const all = [];
  for await (const entry of (await openRun(run)).entries()) {
    if (entry.kind !== "observation") continue;
    const { exchange, candidate, controls } = entry.observation;
    const [primary, ofCandidate, control] = [exchange.outcome, candidate?.outcome, controls[0]?.outcome].map(storedAnswer);
    if (primary === undefined || ofCandidate === undefined || control === undefined) throw new Error("not answered");
    const request = new Map(exchange.request.headers.map(([name, value]) => [name.toLowerCase(), value]));
    all.push({ request, primary, candidate: ofCandidate, control });
  }
  expect(all.length).toBeGreaterThan(2);
  return all;
}

function storedAnswer(outcome: Outcome | undefined): StoredAnswer {
  if (outcome?.kind !== "answered") throw new Error("not answered");
  const { status, reason, headers, trailers, body } = outcome.answer;
  const kept = headers.filter(([name]) => !/^(?:date|x-version|connection|keep-alive)$/i.test(name));
  const content = body.kind === "whole" ? decodeContent(headers, body.bytes, 1_000_000) : null;
  return {
    head: { status, reason, trailers, headers: kept },
    body: content?.kind === "decoded" ? Buffer.from(content.bytes).toString("latin1") : body.kind,
  };
}

/** As files hold it: alone, escaped for JSON, URL and markup, and the middle of it in base64. */
function spellingsOf(value: string): string[] {
  const bytes = (before: string): string => {
    const coded = Buffer.from(before + value).toString("base64");
    return coded.slice(4, -4);
  };
  const json = JSON.stringify(value).slice(1, -1);
  // The letters alone tell as well: no escape hides those.
  const letters = value.split(/[^A-Za-z0-9]+/).filter((part) => part.length >= 12);
  return [...new Set([value, json, encodeURIComponent(value), bytes(""), bytes("x"), bytes("xy"), ...letters])];
}

/** The file, and what bodies in it hold when they are decoded. */
function clearTexts(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const bodies = [...text.matchAll(/"base64":"([^"]+)"/g)].map(([, coded = ""]) => Buffer.from(coded, "base64"));
  const runs = [...text.matchAll(/[\w+/-]{24,}/g)].map(([run]) => Buffer.from(run, "base64").toString("latin1"));
  const decoded = bodies.flatMap((body) => [body, ...unpacked(body, gunzipSync), ...unpacked(body, brotliDecompressSync)]);
  return [text, ...runs, ...decoded.flatMap((body) => [body.toString("latin1"), body.toString("utf16le")])];
}

function unpacked(body: Buffer, unpack: (bytes: Buffer) => Buffer): Buffer[] {
  try {
    return [unpack(body)];
  } catch {
    // Another coding, or none.
    return [];
  }
}

/** As a script would write down what it sees: with everything in clear. */
async function writePlain(path: string, primary: string, users: readonly Secrets[]): Promise<void> {
  const lines: string[] = [];
  for (const [lane, user] of users.entries()) {
    for (let n = 0; n < requestsInClear; n++) {
      const target = `/json?token=${user.sid}&n=${n}`;
      const answer = await fetch(primary + target, { headers: headersOf(user) });
      const body = { text: await answer.text() };
      const request = {
        method: "GET",
        target,
        version: "1.1",
        headers: [["Host", "shop.example"], ...Object.entries(headersOf(user))],
        body: null,
      };
      const outcome = { kind: "answered", status: 200, reason: "OK", headers: [...answer.headers], body, firstByteMs: 1, tookMs: 2 };
      lines.push(
        JSON.stringify({ id: `p${lines.length}`, at: 1_763_798_400_000 + lines.length * 5, lane: `lane-${lane}`, request, outcome }),
      );
    }
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** Logs everybody in anew, at each target with values of its own. */
function loginProgram(scratch: string): string {
  return `
import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
const hex = (bytes) => randomBytes(bytes).toString("hex");
const given = { token: hex(9) + "+/" + hex(6) + "==", sid: hex(12), key: hex(14) + "/" };
appendFileSync(${JSON.stringify(join(scratch, "given.ndjson"))}, JSON.stringify(given) + "\\n");
const headers = { Authorization: "Bearer " + given.token, Cookie: "sid=" + given.sid, "X-Api-Key": given.key };
console.log(JSON.stringify({ headers }));
`;
}
