/** What the sidecar costs production: CPU per request of the process that holds the user's connection, and added latency,
 * beside nginx, HAProxy, nginx with `mirror` and npm http-proxy in the same run.
 *
 *    load ──► proxy under test ──► primary (nginx)      rounds are interleaved, medians are printed
 *                └── copies ─────► candidate, control (nginx, or a black hole that accepts and never answers)
 *
 * Load comes at one fixed rate for all (open loop), so that no arm is spared work that another does; and from wrk as fast
 * as it goes (closed loop). Needs Linux and Debian's nginx, haproxy and wrk. Options: --rounds N --rate N --seconds N.
 * The last line is one JSON object. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import {
  type AnswerSize,
  answerSizes,
  bareSplice,
  direct,
  haproxy,
  nginxMirror,
  nginxProxy,
  npmHttpProxy,
  penumbra,
  startPrimary,
} from "./live-path/arms.ts";
import { type FixedRateResult, sessionStep, sessions } from "./live-path/fixed-rate.ts";
import { holdIdle } from "./live-path/idle-connections.ts";
import { type Arm, cpuNanoseconds, loopback, residentBytes } from "./live-path/processes.ts";

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    rate: { type: "string", default: "2000" },
    seconds: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    idle: { type: "string", default: "9900" },
  },
});
const rounds = Number(given.rounds);
const rate = Number(given.rate);
const seconds = Number(given.seconds);
const connections = 32;
const armNames = {
  none: "penumbra 0 %",
  some: "penumbra 1 %",
  all: "penumbra 100 %",
  recording: "penumbra 100 %, recording only",
  blackHole: "penumbra 100 %, candidate a black hole",
} as const;
const fixedRate = fileURLToPath(new URL("./live-path/fixed-rate.ts", import.meta.url));
const run = promisify(execFile);

/** Medians by arm and figure. */
type Results = Record<string, Record<string, number>>;

/** One figure per round. */
interface Figures {
  readonly cpuMicros: number[];
  readonly cpuMicrosClosedLoop: number[];
  readonly p50: number[];
  readonly p99: number[];
  unanswered: number;
}

const folder = mkdtempSync(join(tmpdir(), "penumbra-live-path-"));
const running: Arm[] = [];
const start = async (arm: Promise<Arm>): Promise<Arm> => {
  const started = await arm;
  running.push(started);
  return started;
};
/** The same requests as `fixed-rate.ts` sends, for wrk. */
const script = join(folder, "requests.lua");
writeFileSync(
  script,
  `local requests, next = {}, 0
   init = function()
     for each = 1, ${sessions} do requests[each] = wrk.format("GET", nil, { Accept = "*/*", Cookie = "theme=dark; sid=" .. each .. "; lang=en" }) end
   end
   request = function() next = (next + ${sessionStep}) % ${sessions}; return requests[next + 1] end`,
);
const blackHole = createServer(() => undefined);
try {
  await main();
} finally {
  for (const arm of running.toReversed()) await arm.stop();
  blackHole.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function main(): Promise<void> {
  const primary = await start(startPrimary(join(folder, "primary")));
  const shadows = {
    candidate: (await start(startPrimary(join(folder, "candidate")))).port,
    control: (await start(startPrimary(join(folder, "control")))).port,
  };
  const hole = await new Promise<number>((resolve) => {
    blackHole.listen(0, loopback, () => resolve((blackHole.address() as { port: number }).port));
  });
  const sidecar = (name: string, sample: string, targets: { candidate?: number; control?: number } = shadows): Promise<Arm> =>
    penumbra({ name, folder, primary: primary.port, sample, record: true, ...targets });
  const arms: Record<string, () => Promise<Arm>> = {
    direct: async () => direct(primary),
    nginx: () => nginxProxy(folder, primary.port),
    haproxy: () => haproxy(folder, primary.port),
    "nginx mirror": () => nginxMirror("nginx mirror", folder, primary.port, shadows.candidate),
    "http-proxy (npm)": () => npmHttpProxy(primary.port),
    "bare Node splice": () => bareSplice(primary.port),
    [armNames.none]: () => sidecar(armNames.none, "0"),
    [armNames.some]: () => sidecar(armNames.some, "1%"),
    [armNames.all]: () => sidecar(armNames.all, "100%"),
    [armNames.recording]: () => sidecar(armNames.recording, "100%", {}),
    [armNames.blackHole]: () => sidecar(armNames.blackHole, "100%", { candidate: hole }),
    "nginx mirror, candidate a black hole": () => nginxMirror("nginx mirror, candidate a black hole", folder, primary.port, hole, "1s"),
  };
  const chosen = Object.entries(arms).filter(([name]) => given.only === "" || given.only.split(",").includes(name));
  const started = new Map<string, Arm>();
  for (const [name, begin] of chosen) started.set(name, await start(begin()));

  const results: Record<string, Results> = {};
  for (const size of Object.keys(answerSizes) as AnswerSize[]) {
    results[size] = summarize(await measure(started, size));
    print(size, results[size]);
  }
  const idle = Number(given.idle) > 0 ? await idleMemory(started, Number(given.idle)) : {};
  const targets = judge(results, idle);
  console.log("");
  for (const { claim, value, most, reached } of targets)
    console.log(`${reached ? "reached" : "MISSED "}  ${claim}: ${value} (at most ${most})`);
  console.log(
    JSON.stringify({
      bench: "live-path",
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      rounds,
      rate,
      connections,
      results,
      idle,
      targets,
    }),
  );
}

async function measure(arms: ReadonlyMap<string, Arm>, size: AnswerSize): Promise<Map<string, Figures>> {
  const figures = new Map(
    [...arms.keys()].map((name): [string, Figures] => [name, { cpuMicros: [], cpuMicrosClosedLoop: [], p50: [], p99: [], unanswered: 0 }]),
  );
  for (let round = -1; round < rounds; round++) {
    for (const [name, arm] of arms) {
      const one = figures.get(name);
      if (one === undefined) continue;
      const load = await loadAtRate(arm, size);
      const closed = name.includes("black hole") || name === armNames.recording ? null : await loadClosedLoop(arm, size);
      if (round < 0) continue; // warms up
      one.unanswered += load.unanswered;
      one.cpuMicros.push(load.cpuMicros);
      one.p50.push(load.p50);
      one.p99.push(load.p99);
      if (closed !== null) one.cpuMicrosClosedLoop.push(closed);
    }
  }
  return figures;
}

async function loadAtRate(arm: Arm, size: AnswerSize): Promise<FixedRateResult & { cpuMicros: number }> {
  const before = cpuOf(arm);
  const { stdout } = await run(process.execPath, [
    fixedRate,
    String(arm.port),
    `/${size}`,
    String(rate),
    String(seconds),
    String(connections),
  ]);
  const result = JSON.parse(stdout) as FixedRateResult;
  return { ...result, cpuMicros: (cpuOf(arm) - before) / 1000 / result.answered };
}

/** @returns µs CPU per request */
async function loadClosedLoop(arm: Arm, size: AnswerSize): Promise<number> {
  const before = cpuOf(arm);
  const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, `http://${loopback}:${arm.port}/${size}`]);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const micros = (cpuOf(arm) - before) / 1000 / requests;
  await settled(arm);
  return micros;
}

function cpuOf({ pid }: Arm): number {
  return pid === null ? 0 : cpuNanoseconds(pid);
}

/** Waits until an arm has digested what it was given: the next one's turn is its own. */
async function settled(arm: Arm): Promise<void> {
  const pauseMs = 250;
  const quietShare = 0.02;
  for (let tries = 0; tries < 40; tries++) {
    const before = cpuOf(arm);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (cpuOf(arm) - before < pauseMs * 1e6 * quietShare) return;
  }
}

function summarize(figures: ReadonlyMap<string, Figures>): Results {
  return Object.fromEntries(
    [...figures].map(([name, one]) => [
      name,
      {
        cpuMicros: median(one.cpuMicros),
        cpuMicrosClosedLoop: median(one.cpuMicrosClosedLoop),
        p50Ms: median(one.p50),
        p99Ms: median(one.p99),
        unanswered: one.unanswered,
      },
    ]),
  );
}

function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return Number((value ?? 0).toFixed(3));
}

function print(size: AnswerSize, results: Results): void {
  console.log(`\n${answerSizes[size]}-byte answer, ${rate} requests/s over ${connections} connections, medians of ${rounds} rounds`);
  console.log(
    `${"".padEnd(42)}${["µs CPU/request", "× HAProxy", "closed loop", "× HAProxy", "added p50 ms", "added p99 ms"].map((title) => title.padStart(16)).join("")}`,
  );
  const base = results["haproxy"];
  const bare = results["direct"];
  for (const [name, one] of Object.entries(results)) {
    const ratio = (key: string): string => ((one[key] ?? 0) / (base?.[key] ?? Number.NaN)).toFixed(2);
    const added = (key: string): string => ((one[key] ?? 0) - (bare?.[key] ?? 0)).toFixed(3);
    const cells = [
      (one["cpuMicros"] ?? 0).toFixed(1),
      ratio("cpuMicros"),
      (one["cpuMicrosClosedLoop"] ?? 0).toFixed(1),
      ratio("cpuMicrosClosedLoop"),
      added("p50Ms"),
      added("p99Ms"),
    ];
    console.log(
      `${name.padEnd(42)}${cells.map((cell) => cell.padStart(16)).join("")}${(one["unanswered"] ?? 0) > 0 ? `  ${one["unanswered"]} unanswered` : ""}`,
    );
  }
}

/** What is to be reached, each as a ratio of two medians of this run. */
function judge(results: Readonly<Record<string, Results>>, idle: Readonly<Record<string, number>>): Target[] {
  const of = (size: string, arm: string, key: string): number => results[size]?.[arm]?.[key] ?? Number.NaN;
  const sizes = Object.keys(results);
  const cpu = (claim: string, over: string, under: string, most: number): Target[] =>
    ["cpuMicros", "cpuMicrosClosedLoop"].flatMap((key) =>
      sizes.map((size) => target(`${claim}, ${size}, ${key}`, of(size, over, key) / of(size, under, key), most)),
    );
  const p99 = (arm: string): Target[] =>
    sizes.map((size) =>
      target(
        `p99 with a black-holed candidate / without mirroring, ${size}`,
        of(size, arm, "p99Ms") / of(size, armNames.recording, "p99Ms"),
        1.1,
      ),
    );
  return [
    ...cpu("CPU at 0 % / HAProxy", armNames.none, "haproxy", 1.2),
    ...cpu("CPU at 1 % / HAProxy", armNames.some, "haproxy", 1.2),
    ...cpu("CPU at 0 % / npm http-proxy", armNames.none, "http-proxy (npm)", 1 / 6),
    ...cpu("CPU at 100 % / HAProxy", armNames.all, "haproxy", 1.7),
    ...cpu("CPU at 100 % / nginx mirror", armNames.all, "nginx mirror", 0.5),
    ...p99(armNames.blackHole),
    target("resident MiB with idle connections", idle[armNames.all] ?? Number.NaN, 250),
  ].filter(({ value }) => !Number.isNaN(value));
}

interface Target {
  readonly claim: string;
  readonly value: number;
  readonly most: number;
  readonly reached: boolean;
}

function target(claim: string, value: number, most: number): Target {
  return { claim, value: Number(value.toFixed(3)), most: Number(most.toFixed(3)), reached: value <= most };
}

/** Resident memory of each process with so many idle connections. */
async function idleMemory(arms: ReadonlyMap<string, Arm>, count: number): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const [name, { pid, port }] of arms) {
    if (pid === null || name.includes("black hole")) continue;
    const before = residentBytes(pid);
    const held = await holdIdle(port, count);
    const mebibytes = Math.round(residentBytes(pid) / 2 ** 20);
    await held.end();
    result[name] = mebibytes;
    console.log(
      `${name.padEnd(42)}${String(held.open).padStart(6)} idle connections: ${mebibytes} MiB resident (${Math.round(before / 2 ** 20)} MiB before)`,
    );
  }
  return result;
}
