/** How punctual a replay is: lateness at 500 to 5,000 requests a second from a file, whether it drifts in a minute, and how far the
 * times between requests are from the recorded ones as the service sees them.
 *
 *    recording (SQLite, Poisson arrivals) ──► replay, a process ──► candidate [, control], processes that note each arrival
 *
 * Options: --rates LIST --seconds N --rounds N --drift N (seconds of the last part, 0 = none) --control.
 * Linux only: one monotonic clock for all processes. The last line is one JSON object. */

import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { recordedPace } from "../replayer/schedule.ts";
import { gapsOf, kolmogorovSmirnov } from "./replay/distance.ts";
import { play, type Service, startService } from "./replay/processes.ts";
import { arrivals, writeTraffic } from "./replay/traffic.ts";

const { values: given } = parseArgs({
  options: {
    rates: { type: "string", default: "500,1000,2000,5000" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    drift: { type: "string", default: "60" },
    control: { type: "boolean", default: false },
  },
});
/** At which the aims hold. */
const aimRate = 2000;
const aims = { p50: 0.2, p99: 2 } as const;
/** A replay that drifts falls behind by more than this in the last part of the run. */
const driftAimMs = 0.2;
/** Of a run: its beginning and its end, whose arrivals are compared for drift. */
const edge = 0.1;

interface Timing {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Kolmogorov–Smirnov distance of the times between requests, recorded and as they came. */
  readonly distance: number;
  /** Milliseconds by which the last tenth came later behind its recorded times than the first tenth; medians. */
  readonly drift: number;
  readonly cpuMicros: number;
}

const columns: readonly { readonly title: string; readonly of: (timing: Timing) => number; readonly digits: number }[] = [
  { title: "requests/s", of: () => 0, digits: 0 },
  { title: "p50 ms", of: ({ p50 }) => p50, digits: 3 },
  { title: "p95 ms", of: ({ p95 }) => p95, digits: 3 },
  { title: "p99 ms", of: ({ p99 }) => p99, digits: 3 },
  { title: "max ms", of: ({ max }) => max, digits: 1 },
  { title: "KS distance", of: ({ distance }) => distance, digits: 4 },
  { title: "drift ms", of: ({ drift }) => drift, digits: 3 },
  { title: "µs CPU/request", of: ({ cpuMicros }) => cpuMicros, digits: 0 },
];

const folder = mkdtempSync(join(tmpdir(), "penumbra-replay-timing-"));
const services: Service[] = [];
try {
  await main();
} finally {
  for (const service of services) await service.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  for (let each = 0; each < (given.control ? 2 : 1); each++) services.push(await startService());
  const rates = given.rates.split(",").map(Number);
  const results: Record<string, Timing> = {};
  console.log(`${given.control ? "candidate and control" : "candidate only"}, ${given.seconds} s each, medians of ${given.rounds} rounds`);
  console.log(columns.map(({ title }, index) => (index === 0 ? title.padEnd(16) : title.padStart(14))).join(""));
  for (const rate of rates) {
    const recording = join(folder, `at-${rate}`);
    const count = rate * Number(given.seconds);
    await writeTraffic(recording, count, rate);
    const rounds: Timing[] = [];
    for (let round = 0; round < Number(given.rounds); round++) rounds.push(await measure(recording, count, rate));
    results[`${rate}/s`] = show(`${rate}/s`, medians(rounds));
  }
  const seconds = Number(given.drift);
  if (seconds > 0) {
    const recording = join(folder, "long");
    await writeTraffic(recording, aimRate * seconds, aimRate);
    const name = `${aimRate}/s, ${seconds} s`;
    results[name] = show(name, await measure(recording, aimRate * seconds, aimRate));
  }
  const targets = judge(results);
  for (const { claim, value, most, reached } of targets)
    console.log(`${reached ? "reached" : "MISSED "}  ${claim}: ${value} (at most ${most})`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ bench: "replay-timing", ...machine, control: given.control, results, targets }));
}

async function measure(recording: string, count: number, rate: number): Promise<Timing> {
  const { facts, cpuMicros } = await play({ recording, out: join(folder, "run"), pace: recordedPace, targets: services });
  if (facts.sent !== count || facts.orderViolations > 0) throw new Error(`a replay went wrong: ${JSON.stringify(facts)}`);
  const [came = []] = await Promise.all(services.map((service) => service.arrivals()));
  const recorded = [...arrivals(count, rate)];
  const offsets = recorded.map((at, number) => (came[number] ?? Number.NaN) - at);
  const tenth = Math.max(1, Math.floor(count * edge));
  return {
    ...facts.lateness,
    distance: kolmogorovSmirnov(gapsOf(recorded), gapsOf(came.map((at) => at ?? Number.NaN).sort((a, b) => a - b))),
    drift: median(offsets.slice(-tenth)) - median(offsets.slice(0, tenth)),
    cpuMicros: cpuMicros / count,
  };
}

function medians(rounds: readonly Timing[]): Timing {
  const of = (key: keyof Timing): number => median(rounds.map((round) => round[key]));
  return {
    p50: of("p50"),
    p95: of("p95"),
    p99: of("p99"),
    max: of("max"),
    distance: of("distance"),
    drift: of("drift"),
    cpuMicros: of("cpuMicros"),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function show(name: string, timing: Timing): Timing {
  console.log(columns.map(({ of, digits }, index) => (index === 0 ? name.padEnd(16) : of(timing).toFixed(digits).padStart(14))).join(""));
  return timing;
}

interface Aim {
  readonly claim: string;
  readonly value: number;
  readonly most: number;
  readonly reached: boolean;
}

function judge(results: Readonly<Record<string, Timing>>): Aim[] {
  const aim = (claim: string, value: number, most: number): Aim => ({
    claim,
    value: Number(value.toFixed(3)),
    most,
    reached: value <= most,
  });
  const at = results[`${aimRate}/s`];
  const long = results[`${aimRate}/s, ${given.drift} s`];
  return [
    ...(at === undefined
      ? []
      : [aim(`lateness p50 at ${aimRate}/s, ms`, at.p50, aims.p50), aim(`lateness p99 at ${aimRate}/s, ms`, at.p99, aims.p99)]),
    ...(long === undefined ? [] : [aim(`drift in ${given.drift} s, ms`, Math.abs(long.drift), driftAimMs)]),
  ];
}
