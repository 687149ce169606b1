/** The dashboard over runs that are written beside it: begun later, replaced, damaged, mended; and what its API does. */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Dashboard } from "../../../cli/dashboard/dashboard.ts";
import type { DashboardOptions, DashboardState } from "../../../cli/dashboard/protocol.ts";
import { detailsOf, judgeRun } from "../../../cli/judging.ts";
import { judgingOptions } from "../../../cli/options.ts";
import { resolveOptions } from "../../../cli/resolve.ts";
import type { RunEntry } from "../../../model/observation.ts";
import { openRun, RunWriter } from "../../../recording/run.ts";
import { type PageData, pageData } from "../../../report/page/data.ts";
import type { SampleView } from "../../../report/page/sample-view.ts";
import { answered, caseEntry, probeEntry } from "../../diff/fabricate.ts";
import { runMeta } from "../../recording/run-meta.ts";
import { temporaryDirectories } from "../../recording/temporary-directory.ts";
import { ask, freePort } from "../../support/dashboard-client.ts";
import { onADesk } from "../../support/desk.ts";
import { EventReader } from "../../support/event-source.ts";

const directory = temporaryDirectories();
const closing: (() => unknown)[] = [];
const token = "a-token-for-tests";
const running: DashboardState = { observer: "running", exchanges: 0, mirrored: 0, dropped: {}, at: 0 };

beforeEach(() => {
  for (const [name, value] of Object.entries(onADesk)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Started {
  readonly dashboard: Dashboard;
  readonly url: string;
  readonly events: EventReader;
  readonly options: DashboardOptions;
}

async function start(run: string, given: Readonly<Record<string, readonly string[]>> = {}): Promise<Started> {
  const options: DashboardOptions = {
    host: "127.0.0.1",
    port: await freePort(),
    names: [],
    runDirectory: run,
    judging: resolveOptions(judgingOptions, given, {}),
    token: given["accept"] === undefined ? null : token,
  };
  const dashboard = new Dashboard(options);
  await dashboard.start();
  closing.push(() => dashboard.finish({ ...running, observer: "finished" }));
  const url = `http://127.0.0.1:${options.port}/`;
  const events = new EventReader(url);
  closing.push(() => events.close());
  return { dashboard, url, events, options };
}

type Told = DashboardState & { readonly problem: string | null };

/** The states of a live process, only more of them. */
function telling(dashboard: Dashboard): void {
  const told = setInterval(() => dashboard.state(running), 50);
  closing.push(() => clearInterval(told));
}

function write(run: string, entries: readonly RunEntry[], id: string = "run1"): RunWriter {
  const writer = RunWriter.create(run, runMeta({ id, kind: "live" }), { force: true });
  for (const entry of entries) writer.append(entry);
  writer.flush();
  return writer;
}

/** Exchanges of as many sessions, the prices of some of them changed. */
function exchanges(from: number, count: number, isChanged: (n: number) => boolean, path: string = "/things"): RunEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return caseEntry({
      id: `e${n}`,
      lane: `lane ${n}`,
      target: `${path}/${n}`,
      primary: answered({ name: "thing", price: n }),
      candidate: answered({ name: "thing", price: isChanged(n) ? String(n) : n }),
    });
  });
}

const compared =
  (n: number) =>
  ({ sums }: PageData): boolean =>
    sums.some((sum) => sum.includes(`${n} compared`));
const never = (): boolean => false;
const titles = ({ groups }: PageData): string[] =>
  groups.filter(({ key }) => key === "open").flatMap(({ findings }) => findings.map(({ title }) => title));

describe("a dashboard over a run that is written beside it", () => {
  it("waits for one that is not there yet, and goes on with what is added", async () => {
    const run = join(directory(), "later");
    const { events, dashboard } = await start(run);
    telling(dashboard);
    await events.first<Told>("state", ({ problem }) => problem?.includes("does not exist") === true);
    const writer = write(run, exchanges(0, 20, never));
    const { data: begun } = await events.first<PageData>("report", compared(20));
    expect(titles(begun)).toEqual([]);
    expect([begun.verdict, begun.word, begun.reasons.map(({ code }) => code)]).toEqual(["running", "RUNNING", []]);
    for (const entry of exchanges(20, 20, () => true)) writer.append(entry);
    const { data } = await events.first<PageData>("report", compared(40));
    expect(titles(data).join()).toContain("price");
    await events.first<Told>("state", ({ problem }) => problem === null);
    await writer.finish(runMeta({ kind: "live" }));
  });

  it("says of a run that nobody finished that it broke off, once nothing more can come", async () => {
    const run = join(directory(), "broken-off");
    write(run, exchanges(0, 20, never));
    const { events, dashboard } = await start(run);
    expect((await events.first<PageData>("report", compared(20))).data.word).toBe("RUNNING");
    await dashboard.finish({ ...running, observer: "finished" });
    const { data } = await events.first<PageData>("report", ({ verdict }) => verdict !== "running");
    expect([data.word, data.reasons.map(({ code }) => code)]).toEqual(["INCONCLUSIVE", ["interrupted"]]);
  });

  it("shows a run that takes the place of another, and nothing of the other", async () => {
    const run = join(directory(), "window");
    const first = write(
      run,
      exchanges(0, 30, () => true),
    );
    await first.finish(runMeta({ kind: "live" }));
    const { events } = await start(run);
    await events.first<PageData>("report", compared(30));
    events.forget();
    const second = write(run, exchanges(0, 7, never, "/others"), "run2");
    const { data } = await events.first<PageData>("report", compared(7));
    expect(titles(data)).toEqual([]);
    expect(data.facts).toContainEqual(["Run", "run2"]);
    await second.finish(runMeta({ id: "run2", kind: "live" }));
  });

  it("takes no half-written line, and what was taken back out of its numbers", async () => {
    const run = join(directory(), "halves");
    const writer = write(run, exchanges(0, 10, never));
    await writer.finish(runMeta({ kind: "live" }));
    const log = join(run, "entries.ndjson");
    const { events } = await start(run);
    await events.first<PageData>("report", compared(10));
    const whole = readFileSync(log, "utf8");
    const lines = whole.trimEnd().split("\n");
    const line = (lines[0] ?? "").replaceAll("e0", "e99");
    appendFileSync(log, line.slice(0, 100));
    appendFileSync(log, `${line.slice(100)}\n`);
    await events.first<PageData>("report", compared(11));
    writeFileSync(log, `${lines.slice(0, 6).join("\n")}\n`);
    expect(titles((await events.first<PageData>("report", compared(6))).data)).toEqual([]);
  });

  it("says what is wrong with a damaged one, and goes on when it is mended", async () => {
    const run = join(directory(), "damaged");
    const writer = write(run, exchanges(0, 5, never));
    await writer.finish(runMeta({ kind: "live" }));
    const { events, dashboard } = await start(run);
    await events.first<PageData>("report", compared(5));
    const log = join(run, "entries.ndjson");
    const whole = readFileSync(log, "utf8");
    appendFileSync(log, "no JSON\n");
    telling(dashboard);
    await events.first<Told>("state", ({ problem }) => problem?.includes("not JSON") === true);
    events.forget();
    writeFileSync(log, whole + (whole.split("\n")[0] ?? "").replaceAll("e0", "e77") + "\n");
    expect(titles((await events.first<PageData>("report", compared(6))).data)).toEqual([]);
    await events.first<Told>("state", ({ problem }) => problem === null);
  });

  it("ends with the numbers of the offline report, though names and probes came late", async () => {
    const run = join(directory(), "same");
    const writer = write(run, exchanges(0, 4, never, "/shops/a"));
    const { events, dashboard } = await start(run);
    await events.first<PageData>("report", compared(4));
    // Shops turn out to be names, which changes what the first ones are called.
    for (const shop of ["b", "c", "d", "e", "f", "g", "h", "i", "j", "k"])
      for (const entry of exchanges(100, 6, (n) => n % 3 === 0, `/shops/${shop}shop`)) writer.append(renamed(entry, shop));
    await events.first<PageData>("report", compared(64));
    writer.append(
      probeEntry({
        exchangeId: "e102b",
        control: Array.from({ length: 9 }, () => answered({ name: "thing", price: 102 })),
        candidate: Array.from({ length: 9 }, () => answered({ name: "thing", price: "102" })),
        freshState: false,
      }),
    );
    await writer.finish(runMeta({ kind: "live", endedAt: "2026-11-22T10:01:00.000Z" }));
    await dashboard.finish({ ...running, observer: "finished" });
    await events.first<DashboardState>("state", ({ observer }) => observer === "finished");
    const last = events.events.findLast(({ event }) => event === "report")?.data;
    const values = resolveOptions(judgingOptions, {}, {});
    const judged = await judgeRun(await openRun(run), values);
    const offline = pageData(judged.report, detailsOf(judged, run, values), 2000);
    expect(titles(offline)).not.toEqual([]);
    expect(last).toEqual(JSON.parse(JSON.stringify(offline)));
  });
});

function renamed(entry: RunEntry, suffix: string): RunEntry {
  if (entry.kind !== "observation") return entry;
  const { exchange } = entry.observation;
  const changed = { ...exchange, id: `${exchange.id}${suffix}`, lane: `${exchange.lane ?? ""}${suffix}` };
  return { kind: "observation", observation: { ...entry.observation, exchange: changed } };
}

describe("the API of a dashboard", () => {
  const changedRun = (name: string): string => {
    const run = join(directory(), name);
    write(run, [...exchanges(0, 30, (n) => n % 2 === 0), ...exchanges(30, 10, never)]);
    return run;
  };
  const accepted = (name: string): string => {
    const file = join(directory(), name);
    writeFileSync(file, "accepted: []\n");
    return file;
  };
  const findingOf = ({ groups }: PageData): { id: string; exemplars: readonly string[] } => {
    const finding = groups.find(({ key }) => key === "open")?.findings[0];
    if (finding === undefined) throw new Error("no finding");
    return finding;
  };

  it("gives the examples of findings as the page shows them, and no other exchange", async () => {
    const { events, url } = await start(changedRun("samples"));
    const { exemplars } = findingOf((await events.first<PageData>("report", compared(40))).data);
    const [first = ""] = exemplars;
    const answer = await ask(url, `/api/samples/${encodeURIComponent(first)}`);
    expect(answer.status).toBe(200);
    const view = JSON.parse(answer.text) as SampleView;
    expect(view.id).toBe(first);
    expect(view.differences.map(({ place }) => place).join()).toContain("price");
    expect(view.sides.map(({ name }) => name)).toEqual(["primary", "control", "candidate"]);
    for (const path of ["e35", "nothing", "..%2f..%2fetc%2fpasswd", "__proto__", "%00", "e1%22"]) {
      const other = await ask(url, `/api/samples/${path}`);
      expect([path, other.status, Object.keys(JSON.parse(other.text) as object)]).toEqual([path, 404, ["error"]]);
    }
    expect((await ask(url, "/api/samples/%")).status).toBe(400);
    expect((await ask(url, `/api/samples/${"x".repeat(5000)}`)).status).toBe(400);
  });

  it("accepts findings into the reviewed file, and shows them as accepted", async () => {
    const file = accepted("reviewed.yaml");
    const { events, url } = await start(changedRun("accepting"), { accept: [file] });
    const { id } = findingOf((await events.first<PageData>("report", compared(40))).data);
    const answer = await ask(url, "/api/accept", {
      method: "POST",
      headers: { "content-type": "application/json", "x-penumbra-token": token, origin: url.slice(0, -1) },
      body: JSON.stringify({ findings: [id], reason: "prices are strings now", owner: "team-orders", expires: "2099-01-31" }),
    });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { accepted: 1, file }]);
    const written = readFileSync(file, "utf8");
    expect(written).toContain(`fingerprint: ${id}`);
    expect(written).toContain("reason: prices are strings now");
    expect(written).toContain("owner: team-orders");
    expect(written).toContain("expires: 2099-01-31");
    const { data } = await events.first<PageData>("report", (page) => titles(page).length === 0);
    expect(data.groups.find(({ key }) => key === "settled")?.findings.map((finding) => [finding.id, finding.state])).toEqual([
      [id, "accepted"],
    ]);
  });

  it("refuses to accept without a file, a token, a reason, a finding, or in CI, and writes nothing then", async () => {
    const file = accepted("untouched.yaml");
    const { events, url } = await start(changedRun("refusing"), { accept: [file] });
    const { id } = findingOf((await events.first<PageData>("report", compared(40))).data);
    const good = { findings: [id], reason: "why not", expires: null };
    const headers = { "content-type": "application/json", "x-penumbra-token": token };
    const post = async (body: unknown, more: Readonly<Record<string, string>> = {}): Promise<[number, string]> => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const answer = await ask(url, "/api/accept", { method: "POST", headers: { ...headers, ...more }, body: text });
      const { error } = JSON.parse(answer.text) as { error: string };
      expect(error).not.toContain("\n");
      return [answer.status, error];
    };
    expect((await post(good, { "x-penumbra-token": "" }))[0]).toBe(403);
    expect((await post(good, { "x-penumbra-token": `${token}x` }))[0]).toBe(403);
    expect((await post(good, { origin: "http://evil.example" }))[0]).toBe(403);
    expect((await post(good, { origin: "null" }))[0]).toBe(403);
    expect((await post(good, { "sec-fetch-site": "cross-site" }))[0]).toBe(403);
    expect((await post(good, { "content-type": "text/plain" }))[0]).toBe(415);
    expect((await post("{"))[0]).toBe(400);
    expect((await post({ ...good, reason: "  " }))[0]).toBe(400);
    expect((await post({ ...good, expires: "2099-02-31" }))[0]).toBe(400);
    expect((await post({ ...good, owner: "x".repeat(201) }))[0]).toBe(400);
    expect((await post({ ...good, findings: [] }))[0]).toBe(400);
    expect((await post({ ...good, findings: ["../../x"] }))[0]).toBe(400);
    expect((await post({ ...good, file: "/etc/passwd" }))[0]).toBe(400);
    expect((await post({ ...good, findings: ["0123456789ab"] }))[0]).toBe(409);
    expect((await post({ ...good, reason: "x".repeat(300_000) }))[0]).toBe(413);
    vi.stubEnv("CI", "true");
    expect((await post(good))[0]).toBe(403);
    vi.stubEnv("CI", "");
    expect(readFileSync(file, "utf8")).toBe("accepted: []\n");

    const without = await start(changedRun("without"));
    await without.events.first<PageData>("report", compared(40));
    const answer = await ask(without.url, "/api/accept", { method: "POST", headers, body: JSON.stringify(good) });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining("--accept FILE")]);
    expect((await ask(without.url, "/")).text).not.toContain('<meta name="penumbra-token"');
    expect(existsSync("penumbra.accepted.yaml")).toBe(false);
  });
});
