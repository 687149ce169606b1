/** What recording costs: CPU of the observer per exchange and bytes on disk, beside the same exchanges as `.gor`, `.gor.gz` and HAR.
 *
 *    hand-over messages, made before ──► the observer as it is: intake ─ redact ─ write ──► recording
 *    the same exchanges ──► `.gor`, `.gor.gz`, HAR                                           both are weighed
 *
 * And the live process: its CPU per request at 0 % and at 100 % recorded (Linux only).
 * CPU time of the whole process, compression included, is what one core would need; rounds are interleaved, medians are printed.
 * Options: --rounds N --megabytes N (of answers a round) --sizes 1000,10000,100000. The last line is one JSON object. */

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { epochMs, monotonicMs, ratio } from "../model/units.ts";
import { MessageDecoder } from "../proxy/handover/message-decoder.ts";
import { MessageWriter } from "../proxy/handover/message-writer.ts";
import { runObserver } from "../proxy/observer/observer.ts";
import { liveCpu } from "./recording/live.ts";
import { asGor, asHarEntry } from "./recording/peers.ts";
import { type RawExchange, traffic } from "./recording/traffic.ts";

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    megabytes: { type: "string", default: "20" },
    sizes: { type: "string", default: "1000,10000,100000" },
  },
});
const rounds = Number(given.rounds);
const bytesARound = Number(given.megabytes) * 1_000_000;
const sizes = given.sizes.split(",").map(Number);
/** Written to the pipe at a time, as the live process does. */
const pieceBytes = 64 * 1024;
const liveRequests = 10_000;
const microsPerSecond = 1_000_000;

interface Figures {
  readonly microsPerExchange: number;
  readonly exchangesPerCoreSecond: number;
  readonly exchangesPerSecond: number;
  readonly bytesPerExchange: Readonly<Record<string, number>>;
}

const scratch = mkdtempSync(join(tmpdir(), "penumbra-recording-bench-"));
try {
  const results = await measure();
  const live = existsSync("/proc/self/schedstat") ? await measureLive() : null;
  for (const [size, figures] of Object.entries(results)) tell(Number(size), figures);
  console.log(JSON.stringify({ bench: "recording", node: process.versions.node, cores: cpus().length, rounds, results, live }));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(): Promise<Record<string, Figures>> {
  const times = new Map<number, { cpu: number[]; wall: number[] }>(sizes.map((size) => [size, { cpu: [], wall: [] }]));
  const weights = new Map<number, Record<string, number>>();
  for (let round = 0; round <= rounds; round++) {
    for (const size of sizes) {
      const count = Math.max(200, Math.round(bytesARound / size));
      const exchanges = [...traffic(count, size)];
      const directory = join(scratch, `${size}-${round}`);
      const { cpu, wall } = await record(exchanges, directory);
      // The first round warms up.
      if (round > 0) times.get(size)?.cpu.push(cpu / count);
      if (round > 0) times.get(size)?.wall.push(wall / count);
      if (!weights.has(size)) weights.set(size, weigh(exchanges, directory));
      rmSync(directory, { recursive: true });
    }
  }
  return Object.fromEntries(
    sizes.map((size): [string, Figures] => {
      const micros = median(times.get(size)?.cpu ?? []);
      return [
        String(size),
        {
          microsPerExchange: rounded(micros),
          exchangesPerCoreSecond: Math.round(microsPerSecond / micros),
          exchangesPerSecond: Math.round(microsPerSecond / median(times.get(size)?.wall ?? [])),
          bytesPerExchange: weights.get(size) ?? {},
        },
      ];
    }),
  );
}

/** µs of the live process for a request of 1 KB answers, in a closed loop, at 0 % and at 100 %. */
async function measureLive(): Promise<Record<string, number>> {
  const micros: Record<"0%" | "100%", number[]> = { "0%": [], "100%": [] };
  for (let round = 0; round < rounds; round++) {
    for (const sample of ["0%", "100%"] as const) {
      const directory = mkdtempSync(join(scratch, "live-"));
      micros[sample].push(await liveCpu(sample, liveRequests, directory));
      rmSync(directory, { recursive: true });
    }
  }
  const [none, all] = [median(micros["0%"]), median(micros["100%"])];
  console.log(`live process: ${none.toFixed(1)} µs CPU/request at 0 %, ${all.toFixed(1)} µs at 100 %: ${(all / none).toFixed(2)} ×`);
  return { "0%": rounded(none), "100%": rounded(all), ratio: Number((all / none).toFixed(2)) };
}

/** @returns µs of CPU and of time, from the first byte to the closed recording */
async function record(exchanges: readonly RawExchange[], directory: string): Promise<{ readonly cpu: number; readonly wall: number }> {
  const pieces = handedOver(exchanges);
  const [live, observed] = duplexPair();
  let recorded = 0;
  const decoder = new MessageDecoder((message) => {
    if (message.kind === "disposition" && message.disposition.part === "record" && message.disposition.result === "done") recorded++;
  });
  live.on("data", (chunk: Buffer) => decoder.push(chunk));
  const options = {
    ...{ epoch: "bench", labels: {}, primaries: [], bodyCap: 1024 * 1024, redaction: "token" as const, redactionRules: [] },
    ...{ redactionKey: Buffer.alloc(32, "key").toString("base64"), record: directory, recordRate: null, vault: null, shadow: null },
  };
  const began = performance.now();
  const before = process.cpuUsage();
  const observer = runObserver(options, observed, { info: () => {}, warn: (name, fields) => console.error(name, fields) });
  await writeAll(live, pieces);
  await observer;
  const { user, system } = process.cpuUsage(before);
  if (recorded !== exchanges.length) throw new Error(`${exchanges.length} exchanges were handed over, ${recorded} recorded`);
  return { cpu: user + system, wall: (performance.now() - began) * 1000 };
}

async function writeAll(live: Duplex, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (live.write(piece)) continue;
    await new Promise((resolve) => {
      live.once("drain", resolve);
    });
  }
  live.end();
}

/** The bytes that a live process would have sent. */
function handedOver(exchanges: readonly RawExchange[]): Buffer[] {
  const parts: Buffer[] = [];
  const writer = new MessageWriter((bytes) => parts.push(Buffer.from(bytes)));
  writer.hello("bench");
  exchanges.forEach(({ lane, ...raw }, index) => {
    const [requestHead, requestBody] = [Buffer.from(raw.requestHead, "latin1"), Buffer.from(raw.requestBody)];
    const [answerHead, answerBody] = [Buffer.from(raw.answerHead, "latin1"), Buffer.from(raw.answerBody)];
    const sequence = index + 1;
    const now = monotonicMs(1000 + index);
    const fields = { sequence, connection: 1, index, at: epochMs(1_763_798_400_000 + index), monotonic: now, inclusion: ratio(1), lane };
    writer.requestHead(fields, requestHead, 0, requestHead.length);
    if (requestBody.length > 0) writer.requestData(sequence, requestBody, 0, requestBody.length);
    writer.requestEnd(sequence, now);
    writer.answerHead(sequence, now, answerHead, 0, answerHead.length);
    for (let at = 0; at < answerBody.length; at += pieceBytes)
      writer.answerData(sequence, answerBody, at, Math.min(answerBody.length, at + pieceBytes) - at);
    writer.answerEnd(sequence, monotonicMs(1002 + index));
    writer.flush();
  });
  const all = Buffer.concat(parts);
  return Array.from({ length: Math.ceil(all.length / pieceBytes) }, (_, index) =>
    all.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
}

function weigh(exchanges: readonly RawExchange[], directory: string): Record<string, number> {
  const onDisk = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const gor = Buffer.from(exchanges.map(asGor).join(""));
  const har = `{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[${exchanges.map(asHarEntry).join(",")}]}}`;
  const each = { penumbra: onDisk, gor: gor.length, "gor.gz": gzipSync(gor).length, har: Buffer.byteLength(har) };
  return Object.fromEntries(Object.entries(each).map(([name, bytes]) => [name, Math.round(bytes / exchanges.length)]));
}

function tell(size: number, { microsPerExchange, exchangesPerCoreSecond, exchangesPerSecond, bytesPerExchange }: Figures): void {
  const bytes = Object.entries(bytesPerExchange).map(([name, count]) => `${name} ${count}`);
  console.log(
    `${size} byte answers: ${microsPerExchange} µs CPU/exchange, ${exchangesPerCoreSecond}/s of one core (${exchangesPerSecond}/s of time)`,
  );
  console.log(
    `  bytes/exchange: ${bytes.join(", ")}; ${((bytesPerExchange["penumbra"] ?? 0) / (bytesPerExchange["gor.gz"] ?? 1)).toFixed(2)} × .gor.gz`,
  );
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
