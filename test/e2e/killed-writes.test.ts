/** A replay with writes is killed again and again: what was sent before a kill is not sent a second time, and what nobody knows is
 * said. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import type { Observation } from "../../model/observation.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { openRun } from "../../recording/run.ts";
import { type CountingService, startCountingService } from "../support/counting-service.ts";
import { until } from "../support/processes.ts";
import { writeRecording } from "../support/recordings.ts";
import { startService } from "../support/service.ts";

const exchanges = 3000;
const scopes = 40;
const kills = 10;
/** Answers take as long as several departures, so that every kill finds writes on the wire. */
const slowestMs = 40;

describe("a replay with writes that is killed", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-killed-"));
  const recording = writesRecording(join(scratch, "writes.ndjson"));
  const run = join(scratch, "run");
  let targets: CountingService[] = [];

  beforeAll(async () => {
    targets = await Promise.all([startCountingService(slowestMs), startCountingService(slowestMs)]);
  });
  afterAll(async () => {
    await Promise.all(targets.map((target) => target.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const replay = (...extra: string[]): string[] => [
    ...["replay", recording, "--candidate", targets[0]?.url ?? "", "--control", targets[1]?.url ?? "", "--writes", "--probes", "0"],
    ...["--key-file", join(scratch, "key"), "--max-lateness", "1m", ...extra],
  ];

  async function observations(): Promise<Observation[]> {
    const found: Observation[] = [];
    for await (const entry of (await openRun(run)).entries()) if (entry.kind === "observation") found.push(entry.observation);
    return found;
  }

  it(`${kills} times sends no write twice, loses nothing, and says of how many writes nobody knows the end`, async () => {
    const random = seededRandom(20);
    for (let kill = 0; kill < kills; kill++) {
      const before = targets[0]?.seen.length ?? 0;
      const child = startPenumbra(replay(...(kill === 0 ? ["--out", run] : ["--resume", run])));
      const more = 1 + Math.floor(random.next() * 250);
      await until(() => (targets[0]?.seen.length ?? 0) >= before + more || child.process.exitCode !== null);
      child.process.kill("SIGKILL");
      expect((await child.ended).signal, `kill ${kill} came too late`).toBe("SIGKILL");
    }
    const ended = await runPenumbra(replay("--resume", run));
    expect(ended.stderr).toBe("");

    // 1. Every write came to each target at most once; only those in doubt may not have come at all.
    const all = await observations();
    const doubtful = all.filter(({ candidate }) => candidate?.outcome.kind === "aborted");
    const inDoubt = new Set(doubtful.map(({ exchange }) => exchange.id));
    const ids = Array.from({ length: exchanges }, (_, index) => `e${index}`);
    for (const { arrivals } of targets) {
      const arrived = (id: string): number => arrivals.get(id) ?? 0;
      expect(ids.filter((id, index) => isWrite(index) && arrived(id) > 1)).toEqual([]);
      expect(ids.filter((id) => !inDoubt.has(id) && arrived(id) === 0)).toEqual([]);
    }
    expect(doubtful.length).toBeGreaterThan(0);
    expect(doubtful.every(({ exchange, notComparable }) => exchange.request.method === "POST" && notComparable === "interrupted")).toBe(
      true,
    );

    // 2. The run knows every exchange once, and its totals add up.
    expect(all.map(({ exchange }) => exchange.id).toSorted()).toEqual(ids.toSorted());
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    const { totals } = report;
    expect(totals.exchanges).toBe(exchanges);
    expect(totals.compared + Object.values(totals.notComparable).reduce((sum, each) => sum + each, 0)).toBe(exchanges);
    expect(totals.notComparable).toEqual({ interrupted: doubtful.length });
    expect(totals.same).toBe(totals.compared);
    expect(report.run.replay).toMatchObject({ scheduled: exchanges, sent: exchanges, orderViolations: 0 });

    // 3. What came after them in their scope is marked, in report.json and on the terminal people read how many there are.
    expect(totals.afterGap).toBeGreaterThan(0);
    const subject = doubtful.length === 1 ? "1 write was" : `${doubtful.length} writes were`;
    expect(report.reasons.find(({ code }) => code === "writes-in-doubt")?.text).toContain(
      `${subject} under way when the replay was interrupted`,
    );
    expect(ended.stdout).toContain(`${subject} under way when the replay was interrupted`);
    expect(existsSync(join(run, "writes.ndjson"))).toBe(false);
  }, 180_000);
});

/** Ctrl-C gives what is under way two seconds. */
it("a write whose answer is still out when a replay is interrupted is not sent again either", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-interrupted-"));
  // The answer to the write never comes.
  const service = await startService((request, response) => {
    if (request.method === "GET") response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  onTestFinished(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  const at = 1_763_798_400_000;
  const recording = writeRecording(join(scratch, "writes.ndjson"), [
    { id: "write", at, lane: "a", method: "POST", target: "/carts/7", requestBody: "{}", body: '{"ok":true}' },
    ...Array.from({ length: 4 }, (_, index) => ({
      ...{ id: `read ${index}`, at: at + 2_000_000 + index, lane: "b", body: '{"ok":true}' },
      target: index % 2 === 0 ? "/carts/7" : "/items/7",
    })),
  ]);
  const run = join(scratch, "run");
  const replay = (...extra: string[]): string[] => [
    ...["replay", recording, "--candidate", service.url, "--writes", "--probes", "0", "--pace", "recorded", "--timeout", "1m"],
    ...["--key-file", join(scratch, "key"), ...extra],
  ];
  const child = startPenumbra(replay("--out", run));
  await until(() => service.seen.length === 1);
  child.process.kill("SIGINT");
  expect((await child.ended).code).toBe(130);
  // Told at once, and the rest is left to be sent.
  const reasonsOf = (): string[] => (JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report).reasons.map(({ code }) => code);
  expect(reasonsOf()).toContain("writes-in-doubt");

  await runPenumbra(replay("--resume", run));
  // The reads overlapped when they were recorded: which of them a server sees first is nobody's to say.
  const [first, ...reads] = service.seen;
  expect([first, reads.toSorted()]).toEqual(["POST /carts/7", ["GET /carts/7", "GET /carts/7", "GET /items/7", "GET /items/7"]]);
  const { totals } = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
  expect(totals).toMatchObject({ exchanges: 5, compared: 4, afterGap: 2, notComparable: { interrupted: 1 } });
  expect(reasonsOf()).toContain("writes-in-doubt");
});

it("what an interruption finds held back, or only reading, is sent when the replay goes on", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-held-"));
  let isFirst = true;
  const service = await startService((request, response) => {
    const isStuck = isFirst && (request.url === "/carts/7" || request.url === "/slow");
    if (!isStuck) response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  onTestFinished(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  const at = 1_763_798_400_000;
  const plain = { at, lane: "a", body: '{"ok":true}' };
  const recording = writeRecording(join(scratch, "held.ndjson"), [
    { ...plain, id: "stuck", method: "POST", target: "/carts/7", requestBody: "{}" },
    { ...plain, id: "slow", at: at + 10, lane: "b", target: "/slow" },
    { ...plain, id: "held read", at: at + 20, target: "/carts/7/items" },
    { ...plain, id: "held write", at: at + 30, method: "POST", target: "/carts/7/items", requestBody: "{}" },
  ]);
  const run = join(scratch, "run");
  const replay = (...extra: string[]): string[] => [
    ...["replay", recording, "--candidate", service.url, "--writes", "--probes", "0", "--timeout", "1m"],
    ...["--key-file", join(scratch, "key"), ...extra],
  ];
  const child = startPenumbra(replay("--out", run));
  await until(() => service.seen.length === 2);
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  child.process.kill("SIGINT");
  expect((await child.ended).code).toBe(130);

  isFirst = false;
  await runPenumbra(replay("--resume", run));
  expect(service.seen.slice(0, 2).toSorted()).toEqual(["GET /slow", "POST /carts/7"]);
  expect(service.seen.slice(2).toSorted()).toEqual(["GET /carts/7/items", "GET /slow", "POST /carts/7/items"]);
  const { totals } = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
  expect(totals).toMatchObject({ exchanges: 4, compared: 3, notComparable: { interrupted: 1 } });
});

it("writes are not replayed to one server as candidate and control, by whatever name", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-one-"));
  const service = await startService((_request, response) => response.end("{}"));
  onTestFinished(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  const plain = { id: "w", at: 1_763_798_400_000, lane: "a", body: "{}", method: "POST", target: "/carts", requestBody: "{}" };
  const recording = writeRecording(join(scratch, "one.ndjson"), [plain]);
  for (const control of [service.url, service.url.replace("127.0.0.1", "localhost")]) {
    const refused = await runPenumbra(["replay", recording, "--candidate", service.url, "--control", control, "--writes"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("are one server: with --writes every write would happen twice there");
  }
  expect(service.seen).toEqual([]);
});

/** Every third one reads. */
function isWrite(index: number): boolean {
  return index % 3 !== 0;
}

function writesRecording(path: string): string {
  const start = 1_763_798_400_000;
  const lines = Array.from({ length: exchanges }, (_, index) => {
    const method = isWrite(index) ? "POST" : "GET";
    const headers = [
      ["Host", "shop.example"],
      ["X-Request", `e${index}`],
      ["Content-Type", "application/json"],
    ];
    const request = {
      method,
      target: `/cart-${index % scopes}/items`,
      version: "1.1",
      headers,
      body: isWrite(index) ? { text: "{}" } : null,
    };
    const answer = { status: 200, reason: "OK", headers: [["Content-Type", "application/json"]], body: { text: '{"ok":true}' } };
    const outcome = { kind: "answered", ...answer, firstByteMs: 1, tookMs: 2 };
    return JSON.stringify({ id: `e${index}`, at: start + index * 2, lane: `lane-${index % scopes}`, labels: {}, request, outcome });
  });
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
