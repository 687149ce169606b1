/** The dashboard of a real sidecar: what candidates do is shown while they do it, whatever becomes of the processes behind it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DashboardState, messageLine } from "../../cli/dashboard/protocol.ts";
import { type RunningSidecar, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { detailsOf, judgeRun } from "../../cli/judging.ts";
import { judgingOptions } from "../../cli/options.ts";
import { resolveOptions } from "../../cli/resolve.ts";
import type { RunEntry } from "../../model/observation.ts";
import type { Report } from "../../model/report.ts";
import { openRun, RunWriter } from "../../recording/run.ts";
import { type PageData, pageData } from "../../report/page/data.ts";
import type { SeenView } from "../../report/page/seen-view.ts";
import { answered, caseEntry } from "../diff/fabricate.ts";
import { runMeta } from "../recording/run-meta.ts";
import { freePort } from "../support/dashboard-client.ts";
import { EventReader } from "../support/event-source.ts";
import { childrenOf, commandOf, isRunning, until } from "../support/processes.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

describe("the dashboard of a sidecar", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-dashboard-"));
  const closing: (() => unknown)[] = [];
  let build: "old" | "new" = "old";
  let primary: Service;
  let candidate: Service;
  let control: Service;
  let places = 0;

  beforeAll(async () => {
    primary = await startService(itemsHandler("old"));
    control = await startService(itemsHandler("old"));
    candidate = await startService((request, response, body) => itemsHandler(build)(request, response, body));
  });
  afterEach(async () => {
    build = "old";
    for (const close of closing.splice(0).toReversed()) await close();
  });
  afterAll(async () => {
    await Promise.all([primary, candidate, control].map((each) => each.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const start = async (...more: readonly string[]): Promise<{ sidecar: RunningSidecar; events: EventReader; run: string }> => {
    const run = join(scratch, `run-${++places}`);
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary.url, "--candidate", candidate.url, "--control", control.url],
      ...["--run", run, "--sample", "100%", "--key-file", join(scratch, "key"), "--ui", "0", ...more],
    ]);
    closing.push(() => sidecar.stop());
    const events = new EventReader(sidecar.dashboardUrl ?? "");
    closing.push(() => events.close());
    return { sidecar, events, run };
  };
  const acceptedFile = (): string => {
    const file = join(scratch, `accepted-${places}.yaml`);
    writeFileSync(file, "accepted: []\n");
    return file;
  };
  const ask = async (sidecar: RunningSidecar, from: number, count: number): Promise<void> => {
    for (let id = from; id < from + count; id++) await (await fetch(`${sidecar.url}/items/${id}`, session(id))).arrayBuffer();
  };

  it("shows a difference while the run goes on, and counts as the sidecar does", async () => {
    const { sidecar, events } = await start();
    await ask(sidecar, 1, 30);
    await events.first<PageData>("report", ({ sums }) => sums.some((sum) => sum.includes("30 compared")));
    expect(events.events.some(({ event, data }) => event === "report" && findingsOf(data as PageData).length > 0)).toBe(false);
    build = "new";
    const begun = performance.now();
    await ask(sidecar, 100, 5);
    const shown = await events.first<PageData>("report", (data) => findingsOf(data).some((title) => title.includes("price")));
    // A bound for the slowest of machines; bench/dashboard.ts measures.
    expect(shown.at - begun).toBeLessThan(15_000);
    const state = await events.first<DashboardState>("state", ({ mirrored }) => mirrored === 35);
    expect(state.data).toMatchObject({ observer: "running", exchanges: 35, dropped: {} });
  });

  it("goes on when the observer is killed, and says so", async () => {
    const { sidecar, events } = await start();
    await ask(sidecar, 1, 10);
    await events.first<PageData>("report", compared(10));
    const connections = events.connections;
    // Again and again, so that it stays away long enough to be missed.
    const killing = setInterval(() => {
      for (const pid of childrenNamed(sidecar, "observer-process")) process.kill(pid, "SIGKILL");
    }, 50);
    closing.push(() => clearInterval(killing));
    await events.first<DashboardState>("state", ({ observer: state }) => state === "gone");
    clearInterval(killing);
    events.forget();
    await events.first<DashboardState>("state", ({ observer: state }) => state === "running");
    build = "new";
    await ask(sidecar, 100, 20);
    await events.first<PageData>("report", (data) => findingsOf(data).some((title) => title.includes("price")));
    expect(events.connections).toBe(connections);
  });

  it("comes back at the same address when it is killed or stopped, with ids that go on, and no user waits for it", async () => {
    const { sidecar, events } = await start("--accept", acceptedFile());
    await ask(sidecar, 1, 10);
    await events.first<PageData>("report", compared(10));
    const page = await (await fetch(sidecar.dashboardUrl ?? "")).text();
    const last = events.events.at(-1)?.id ?? 0;
    for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
      const dashboard = await dashboardOf(sidecar);
      process.kill(dashboard, signal);
      events.forget();
      await ask(sidecar, 50, 30);
      if (signal === "SIGSTOP") process.kill(dashboard, "SIGCONT");
      const { data } = await events.first<PageData>("report", compared(signal === "SIGKILL" ? 40 : 70));
      expect(findingsOf(data)).toEqual([]);
    }
    expect(events.events.every(({ id }) => id > last)).toBe(true);
    expect(events.connections).toBe(2);
    // A page that was open meanwhile may still accept.
    expect(await (await fetch(sidecar.dashboardUrl ?? "")).text()).toBe(page);
  });

  it("ends with the report of the run, as penumbra report gives it", async () => {
    const { sidecar, events, run } = await start();
    await ask(sidecar, 1, 20);
    build = "new";
    await ask(sidecar, 100, 20);
    await events.first<PageData>("report", (data) => findingsOf(data).length > 0);
    const dashboard = await dashboardOf(sidecar);
    expect((await sidecar.stop()).code).toBe(0);
    expect(isRunning(dashboard)).toBe(false);
    await events.first<DashboardState>("state", ({ observer }) => observer === "finished");
    const last = events.events.findLast(({ event }) => event === "report")?.data as PageData;
    const values = resolveOptions(judgingOptions, {}, {});
    const judged = await judgeRun(await openRun(run), values);
    expect(last).toEqual(JSON.parse(JSON.stringify(pageData(judged.report, detailsOf(judged, run, values), 2000))));
    const offline = JSON.parse((await runPenumbra(["report", run, "--json"])).stdout) as Report;
    expect(last.verdict).toBe(offline.verdict);
    expect(last.parts.find(({ key }) => key === "different")?.n).toBe(offline.totals.different);
    expect(last.parts.reduce((sum, { n }) => sum + n, 0)).toBe(offline.totals.exchanges);
    expect(last.groups.flatMap(({ findings }) => findings.map(({ id }) => id)).sort()).toEqual(offline.findings.map(({ id }) => id).sort());
  });

  it("says that the sidecar is draining while it is, and not that something is being started again", async () => {
    let answer = (): void => undefined;
    const isAnswered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await startService((request, response, body) => {
      void isAnswered.then(() => itemsHandler("old")(request, response, body));
    });
    closing.push(() => slow.close());
    const { sidecar, events } = await start("--primary", slow.url);
    await events.first<DashboardState>("state", ({ observer }) => observer === "running");
    events.forget();
    const asked = ask(sidecar, 1, 1);
    await until(() => slow.seen.length > 0);
    const stopped = sidecar.stop();
    // What is under way holds the drain up.
    await events.first<DashboardState>("state", ({ observer }) => observer === "draining");
    answer();
    await asked;
    await stopped;
    await events.first<DashboardState>("state", ({ observer }) => observer === "finished");
    const said = events.events.flatMap(({ event, data }) => (event === "state" ? [(data as DashboardState).observer] : []));
    expect(said).not.toContain("gone");
  });

  it("runs below the live process, ends with a live process that is killed, and is not started where its address is taken", async () => {
    const { sidecar } = await start();
    const dashboard = await dashboardOf(sidecar);
    await until(() => getPriority(dashboard) === constants.priority.PRIORITY_BELOW_NORMAL);
    const taken = new URL(sidecar.dashboardUrl ?? "").port;
    const other = ["proxy", "--listen", "127.0.0.1:0", "--primary", primary.url, "--candidate", candidate.url];
    const refused = await runPenumbra([...other, "--run", join(scratch, "never"), "--key-file", join(scratch, "key"), "--ui", taken]);
    expect([refused.code, refused.stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(refused.stderr).toContain(`127.0.0.1:${taken} of --ui is in use`);
    expect(existsSync(join(scratch, "never"))).toBe(false);
    sidecar.process.kill("SIGKILL");
    await until(() => !isRunning(dashboard));
  });

  it("judges by the options that a reload brought", async () => {
    const config = join(scratch, "penumbra.yaml");
    writeFileSync(config, "fail-on: medium\n");
    const { sidecar, events } = await start("--config", config);
    build = "new";
    await ask(sidecar, 1, 60);
    await events.first<PageData>("report", ({ verdict }) => verdict === "fail");
    writeFileSync(config, "fail-on: none\n");
    sidecar.process.kill("SIGHUP");
    events.forget();
    await events.first<PageData>("report", (data) => data.verdict !== "fail" && findingsOf(data).length > 0 && compared(60)(data));
    expect(events.connections).toBe(2);
  });

  it("warns of a door that is open to the network, and passes production's answers on all the same", async () => {
    const { sidecar } = await start("--ui", "0.0.0.0:0");
    expect(await (await fetch(`${sidecar.url}/items/3`)).json()).toMatchObject({ id: 3, price: 6 });
    const { stderr } = await sidecar.stop();
    expect(stderr).toContain("the dashboard on 0.0.0.0 shows copies of production's traffic to whoever reaches it");
  });
});

describe("the dashboard of a long run", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-long-run-"));
  const closing: (() => unknown)[] = [];
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it("says what differs before there is a report that has it, and leaves it to that report then", async () => {
    const run = join(scratch, "run");
    const writer = RunWriter.create(run, runMeta({ kind: "live" }), { force: false });
    closing.push(() => writer.finish(runMeta({ kind: "live" })));
    // To be judged it takes far longer than to be looked at.
    for (let n = 0; n < 20_000; n++) writer.append(item(n, { price: n }));
    writer.flush();
    const port = await freePort();
    const dashboard = spawn(process.execPath, [join("cli", "sidecar", "dashboard-process.ts")], { stdio: ["pipe", "ignore", "inherit"] });
    closing.push(async () => {
      dashboard.stdin.end();
      await once(dashboard, "exit");
    });
    const options = { host: "127.0.0.1", port, names: [], runDirectory: run, judging: resolveOptions(judgingOptions, {}, {}), token: null };
    dashboard.stdin.write(messageLine({ kind: "options", options }));
    const events = new EventReader(`http://127.0.0.1:${port}/`);
    closing.push(() => events.close());
    await events.first<SeenView>("seen", () => true);
    writer.append(item(20_000, { price: "20000" }));
    const { data: seen } = await events.first<SeenView>("seen", ({ rows }) => rows.length > 0);
    expect(seen).toMatchObject({
      rows: [{ endpoint: "GET /items/{id}", place: "body /price", kind: "json.type", severity: "high" }],
      more: 0,
    });
    const first = { request: "GET /items/20000", exchange: "e20000", exchanges: 1 };
    expect(seen.rows[0]).toMatchObject({ from: "20000", to: '"20000"', ...first });
    expect(events.events.filter(({ event, data }) => event === "report" && hasPrice(data))).toEqual([]);
    await events.first<PageData>("report", hasPrice, 60_000);
    const reported = events.events.findIndex(({ event, data }) => event === "report" && hasPrice(data));
    events.events.splice(0, reported);
    await events.first<SeenView>("seen", ({ rows }) => rows.length === 0);
    expect(events.events.filter(({ event }) => event === "seen")).toHaveLength(1);
  }, 120_000);

  const item = (n: number, candidate: unknown): RunEntry =>
    caseEntry({
      ...{ id: `e${n}`, lane: `lane ${n}`, target: `/items/${n}` },
      ...{ primary: answered({ price: n }), candidate: answered(candidate) },
    });
  const hasPrice = (data: unknown): boolean => JSON.stringify((data as PageData).groups).includes("/price");
});

/** Each item is asked for by a user of its own. */
const session = (id: number): RequestInit => ({ headers: { authorization: `Bearer user-${id}` } });
const compared =
  (n: number) =>
  ({ sums }: PageData): boolean =>
    sums.some((sum) => sum.includes(`${n} compared`));

function childrenNamed({ process: { pid } }: RunningSidecar, program: string): number[] {
  return childrenOf(pid).filter((child) => commandOf(child).includes(program));
}

async function dashboardOf(sidecar: RunningSidecar): Promise<number> {
  await until(() => childrenNamed(sidecar, "dashboard-process").length > 0);
  return childrenNamed(sidecar, "dashboard-process")[0] ?? 0;
}

function findingsOf({ groups }: PageData): string[] {
  return groups
    .filter(({ key }) => key === "open")
    .flatMap(({ findings }) => findings.map(({ title, facts }) => `${title} ${JSON.stringify(facts)}`));
}
