/** What a replay costs: requests per CPU second of a closed loop beside autocannon (and wrk where it is on the PATH) in the same run,
 * and resident memory for recordings of 10,000 to 1,000,000 exchanges.
 *
 *    recording ──► replay: order, correlation, comparison, redaction, run on disk ──┐
 *    autocannon: the same requests, answers counted ────────────────────────────────┼──► one service, a process of its own
 *    wrk: one of the requests, answers counted ─────────────────────────────────────┘
 *
 * Options: --exchanges N --connections N --rounds N --sizes LIST (empty = none). The last line is one JSON object. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import type { Load } from "./replay/autocannon-peer.ts";
import { autocannonLoad, play, type Service, startService } from "./replay/processes.ts";
import { writeTraffic } from "./replay/traffic.ts";

const { values: given } = parseArgs({
  options: {
    exchanges: { type: "string", default: "50000" },
    connections: { type: "string", default: "32" },
    rounds: { type: "string", default: "5" },
    sizes: { type: "string", default: "10000,100000,1000000" },
  },
});
const connections = Number(given.connections);
const rounds = Number(given.rounds);
const peerSeconds = 5;
const recordedRate = 2000;
const microsPerSecond = 1e6;
/** Peak memory of the longest recording may be this much over that of the shortest: what the garbage collector leaves lying. */
const flat = 1.3;
const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), "penumbra-replay-throughput-"));
let service: Service | null = null;
try {
  service = await startService();
  await main(service);
} finally {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function main(target: Service): Promise<void> {
  const perCpuSecond = await speed(target);
  const memory: Record<string, number> = {};
  for (const size of given.sizes.split(",").filter(Boolean).map(Number)) memory[size] = await peakOf(target, size);
  const aims = judge(perCpuSecond, memory);
  for (const { claim, value, bound, reached } of aims) console.log(`${reached ? "reached" : "MISSED "}  ${claim}: ${value} (${bound})`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ bench: "replay-throughput", ...machine, connections, rounds, perCpuSecond, memory, aims }));
}

/** Requests per CPU second by arm, medians of interleaved rounds. */
async function speed(target: Service): Promise<Record<string, number>> {
  const recording = join(folder, "recording");
  await writeTraffic(recording, Number(given.exchanges), recordedRate);
  const arms: Record<string, () => Promise<Load>> = {
    penumbra: () => replayLoad(target, recording),
    autocannon: () => autocannonLoad(target, connections, peerSeconds),
    ...((await hasWrk()) ? { wrk: () => wrkLoad(target) } : {}),
  };
  const figures = new Map(Object.keys(arms).map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, load] of Object.entries(arms)) {
      const { requests, cpuMicros } = await load();
      figures.get(name)?.push((requests / cpuMicros) * microsPerSecond);
    }
  }
  console.log(`closed loop over ${connections} connections, medians of ${rounds} rounds`);
  const results = Object.fromEntries([...figures].map(([name, values]) => [name, Math.round(median(values))]));
  for (const [name, value] of Object.entries(results))
    console.log(`${name.padEnd(12)}${String(value).padStart(8)} requests per CPU second`);
  if (!("wrk" in results)) console.log("wrk is not on the PATH: left out");
  return results;
}

async function replayLoad(target: Service, recording: string): Promise<Load> {
  const { facts, cpuMicros } = await play({
    recording,
    out: join(folder, "run"),
    pace: { kind: "max", concurrency: connections },
    targets: [target],
  });
  if (facts.sent !== Number(given.exchanges) || facts.orderViolations > 0) throw new Error(`a replay went wrong: ${JSON.stringify(facts)}`);
  await target.arrivals();
  return { requests: facts.sent, cpuMicros };
}

async function hasWrk(): Promise<boolean> {
  try {
    await run("which", ["wrk"]);
    return true;
  } catch {
    return false;
  }
}

/** wrk is asked for its own CPU time by the shell that starts it. */
async function wrkLoad({ url }: Service): Promise<Load> {
  const wrk = `wrk -t1 -c${connections} -d${peerSeconds}s ${url}/items/4812`;
  const { stdout } = await run("bash", ["-c", `TIMEFORMAT='cpu %U %S'; time ${wrk} 2>&1`, "bash"], {
    env: { ...process.env, LC_ALL: "C" },
  }).then(({ stdout: said, stderr }) => ({ stdout: said + stderr }));
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stdout) ?? [];
  return { requests: Number(/(\d+) requests in/.exec(stdout)?.[1]), cpuMicros: (Number(user) + Number(system)) * microsPerSecond };
}

/** Peak resident MiB of the replay's process. */
async function peakOf(target: Service, exchanges: number): Promise<number> {
  const recording = join(folder, `of-${exchanges}`);
  await writeTraffic(recording, exchanges, recordedRate);
  const out = join(folder, "run");
  const { facts, residentMiB, seconds } = await play({
    recording,
    out,
    pace: { kind: "max", concurrency: connections },
    targets: [target],
  });
  if (facts.sent !== exchanges) throw new Error(`a replay went wrong: ${JSON.stringify(facts)}`);
  rmSync(recording, { recursive: true });
  rmSync(out, { recursive: true });
  await target.arrivals();
  console.log(
    `${String(exchanges).padStart(8)} exchanges: ${residentMiB.peak} MiB resident at most (${residentMiB.before} MiB before), ${Math.round(exchanges / seconds)}/s`,
  );
  return residentMiB.peak;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

interface Aim {
  readonly claim: string;
  readonly value: number;
  readonly bound: string;
  readonly reached: boolean;
}

function judge(perCpuSecond: Readonly<Record<string, number>>, memory: Readonly<Record<string, number>>): Aim[] {
  const ratio = (perCpuSecond["penumbra"] ?? Number.NaN) / (perCpuSecond["autocannon"] ?? Number.NaN);
  const sizes = Object.keys(memory).map(Number);
  const growth = (memory[Math.max(...sizes)] ?? Number.NaN) / (memory[Math.min(...sizes)] ?? Number.NaN);
  return [
    { claim: "requests per CPU second / autocannon", value: Number(ratio.toFixed(2)), bound: "at least 1", reached: ratio >= 1 },
    ...(sizes.length < 2
      ? []
      : [
          {
            claim: "memory, longest / shortest recording",
            value: Number(growth.toFixed(2)),
            bound: `at most ${flat}`,
            reached: growth <= flat,
          },
        ]),
  ];
}
