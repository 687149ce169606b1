/** How soon the dashboard shows a new difference, and what it costs, beside runs of a thousand to a hundred thousand exchanges.
 *
 *    run of N exchanges ─► the dashboard's own process ─► its first report
 *    then `--rate` exchanges a second for `--seconds`; every 10 s the candidate begins to differ in a field of its own
 *         written ─► `seen` or `report` event that names the field: shown, in milliseconds
 *                 ─► `report` event that names it: judged;  CPU and memory of the process meanwhile
 *
 * Options: --sizes 1000,10000,100000 --rate 50 --seconds 70. The last line is one JSON object. Linux only, for the CPU time. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageLine } from "../cli/dashboard/protocol.ts";
import { judgeOf } from "../cli/judging.ts";
import { judgingOptions } from "../cli/options.ts";
import { resolveOptions } from "../cli/resolve.ts";
import { sleep, systemClock } from "../model/clock.ts";
import { noBody, type Outcome } from "../model/exchange.ts";
import type { RunEntry } from "../model/observation.ts";
import { type Random, seededRandom } from "../model/random.ts";
import { epochMs, milliseconds } from "../model/units.ts";
import { openRun, RunWriter } from "../recording/run.ts";
import { type PageData, pageData } from "../report/page/data.ts";
import { runMeta } from "../test/recording/run-meta.ts";
import { EventReader } from "../test/support/event-source.ts";
import { cpuNanoseconds, freePort, residentBytes } from "./live-path/processes.ts";

const { values: given } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000" },
    rate: { type: "string", default: "50" },
    seconds: { type: "string", default: "70" },
  },
});
const [rate, seconds] = [Number(given.rate), Number(given.seconds)];
const changeEveryMs = 10_000;
const mostMs = 120_000;
const nanosPerMilli = 1e6;
const entry = new URL("../cli/sidecar/dashboard-process.ts", import.meta.url).pathname;
const values = resolveOptions(judgingOptions, {}, {});
const scratch = mkdtempSync(join(tmpdir(), "penumbra-bench-dashboard-"));

const results: Result[] = [];
try {
  for (const size of given.sizes.split(",").map(Number)) {
    const result = await measure(size);
    results.push(result);
    console.log(JSON.stringify(result));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(JSON.stringify({ bench: "dashboard", node: process.versions.node, cores: cpus().length, rate, seconds, results }));
process.exit(0);

interface Result {
  readonly exchanges: number;
  /** CPU time of judging the whole run once, and of a report of what was judged. */
  readonly wholeMs: number;
  readonly reportMs: number;
  /** Until the first report after the start. */
  readonly firstReportMs: number;
  /** … and until a report that covers all that was there at the start. */
  readonly caughtUpMs: number;
  /** Until something on the page names it, and until the report does. */
  readonly shownMs: Times;
  readonly judgedMs: Times;
  /** Of one core, while the run grew. */
  readonly cpuShare: number;
  readonly residentMiB: number;
}

interface Times {
  readonly median: number;
  readonly worst: number;
  readonly of: number;
}

function timesOf(each: readonly number[]): Times {
  const sorted = each.map(Math.round).toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, worst: sorted.at(-1) ?? 0, of: sorted.length };
}

async function measure(size: number): Promise<Result> {
  const run = join(scratch, `run-${size}`);
  const random = seededRandom(1);
  const writer = RunWriter.create(run, runMeta({ kind: "live" }), { force: false });
  for (let n = 0; n < size; n++) writer.append(exchange(n, random, 0));
  writer.flush();
  const { wholeMs, reportMs } = await judgeOnce(run);

  const port = await freePort();
  const child = spawn(process.execPath, ["--max-old-space-size=768", "--max-semi-space-size=8", entry], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const pid = child.pid ?? 0;
  const begun = performance.now();
  const options = { host: "127.0.0.1", port, names: [], runDirectory: run, judging: values, token: null };
  child.stdin.write(messageLine({ kind: "options", options }));
  const events = new EventReader(`http://127.0.0.1:${port}/`);
  const firstReportMs = Math.round((await events.first<PageData>("report", () => true)).at - begun);

  const state = { observer: "running" as const, exchanges: 0, mirrored: 0, dropped: {}, at: 0 };
  const telling = setInterval(() => child.stdin.write(messageLine({ kind: "state", state })), 250);
  const caughtUpMs = Math.round((await events.first<{ judged: number }>("state", ({ judged }) => judged === 1, 300_000)).at - begun);
  // After the burst: what the dashboard may take in the long run.
  await sleep(systemClock, milliseconds(5000));

  const cpuBefore = cpuNanoseconds(pid);
  const grownFrom = performance.now();
  const [shown, judged]: [Promise<number>[], Promise<number>[]] = [[], []];
  let changes = 0;
  for (let n = size; performance.now() - grownFrom < seconds * 1000; n++) {
    if ((performance.now() - grownFrom) / changeEveryMs >= changes + 1 && performance.now() - grownFrom < (seconds - 10) * 1000) {
      changes++;
      const field = `/field${changes}`;
      const written = performance.now();
      const names = (data: unknown): boolean => JSON.stringify(data).includes(field);
      const told = ["seen", "report"].map(async (event) => (await events.first(event, names, mostMs)).at - written);
      shown.push(Promise.any(told));
      judged.push(...told.slice(1));
    }
    writer.append(exchange(n, random, changes));
    await sleep(systemClock, milliseconds(1000 / rate));
  }
  const shownMs = timesOf(await Promise.all(shown));
  const judgedMs = timesOf(await Promise.all(judged));
  const cpuShare = (cpuNanoseconds(pid) - cpuBefore) / nanosPerMilli / (performance.now() - grownFrom);
  const residentMiB = Math.round(residentBytes(pid) / 2 ** 20);
  clearInterval(telling);
  events.close();
  child.stdin.end();
  await once(child, "exit");
  await writer.finish(runMeta({ kind: "live" }));
  return {
    exchanges: size,
    wholeMs,
    reportMs,
    firstReportMs,
    caughtUpMs,
    shownMs,
    judgedMs,
    cpuShare: Math.round(cpuShare * 1000) / 1000,
    residentMiB,
  };
}

async function judgeOnce(run: string): Promise<{ wholeMs: number; reportMs: number }> {
  const opened = await openRun(run);
  const judge = judgeOf(opened.meta, values);
  const begun = cpuMs();
  for await (const each of opened.entries()) judge.learn(each);
  for await (const each of opened.entries()) if (each.kind === "observation") judge.observe(each.observation);
  const judged = cpuMs();
  JSON.stringify(pageData(judge.conclude(), { samples: [] }, 2000));
  return { wholeMs: Math.round(judged - begun), reportMs: Math.round(cpuMs() - judged) };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Items of 1 KB of JSON: a time that is different everywhere, now and then a price of another type, and one more field for each
 * change of the candidate until now, in one answer of four. */
function exchange(n: number, random: Random, changes: number): RunEntry {
  const id = random.below(5000);
  const isOdd = random.below(50) === 0;
  const answer = (isCandidate: boolean): Outcome => {
    const fields = Array.from({ length: isCandidate && n % 4 === 0 ? changes : 0 }, (_, index) => [`field${index + 1}`, true] as const);
    const item = {
      id,
      at: new Date(1.7e12 + n * 1000 + random.below(900)).toISOString(),
      price: isCandidate && isOdd ? String(id) : id,
      lines: Array.from({ length: 8 }, (_, line) => ({ sku: `sku-${line}`, amount: id % (line + 2), note: "x".repeat(60) })),
      ...Object.fromEntries(fields),
    };
    const took = milliseconds(2 + random.below(10));
    const body = { kind: "whole" as const, bytes: Buffer.from(JSON.stringify(item)) };
    return {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers: [["Content-Type", "application/json"]], body },
      firstByteMs: took,
      tookMs: took,
    };
  };
  const request = { method: "GET", target: `/items/${id}?view=${random.below(3)}`, version: "1.1", headers: [["Host", "shop"]] as const };
  return {
    kind: "observation",
    observation: {
      exchange: {
        id: `e${n}`,
        at: epochMs(1.76e12 + n * 10),
        lane: `lane ${random.below(5000)}`,
        labels: {},
        request: { ...request, body: noBody },
        outcome: answer(false),
      },
      candidate: { outcome: answer(true) },
      controls: [{ outcome: answer(false) }],
    },
  };
}
