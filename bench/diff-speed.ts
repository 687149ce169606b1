/** How many pairs of JSON answers one core compares a second, beside jsondiffpatch and beside `JSON.parse` of both sides (the
 * floor), and how the time grows with what is compared.
 *
 *    two answers as they come from a log (headers, bytes) ──► compareOutcomes ──► differences
 *
 * Rounds are interleaved, CPU time is measured, medians are printed. Options: --rounds N --ms N (CPU of an arm in a round).
 * The last line is one JSON object. */

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { create } from "jsondiffpatch";
import { compareOutcomes } from "../diff/compare/outcomes.ts";
import { References } from "../diff/compare/references.ts";
import { type HeaderList, type HttpRequest, noBody, type Outcome } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import { type Change, changes, documentPair } from "./diff-speed/documents.ts";
import { shapes } from "./diff-speed/growth.ts";

const { values: given } = parseArgs({ options: { rounds: { type: "string", default: "5" }, ms: { type: "string", default: "300" } } });
const rounds = Number(given.rounds);
const roundMicros = Number(given.ms) * 1000;
const sizes = { "1 KB": 1_000, "10 KB": 10_000, "100 KB": 100_000 } as const;
/** Different documents of an arm, so that none is compared with warm caches only because it is the only one. */
const pool = 16;
const growthRounds = 5;
const quadraticFrom = 1.5;
/** Too fast to tell growth from noise. */
const leastTellingMs = 5;

interface Pair {
  readonly left: Outcome;
  readonly right: Outcome;
  /** What a second copy answers: the same as the right side, in bytes of its own. */
  readonly second: Outcome;
  readonly bytes: readonly [left: Uint8Array, right: Uint8Array];
  readonly values: readonly [left: unknown, right: unknown];
}

interface Arm {
  /** Pairs that `work` compares. */
  readonly pairs: number;
  /** `turn` counts up. */
  readonly work: (pair: Pair, turn: number) => unknown;
}

const hashOf = (value: object): string => String("id" in value ? value.id : "sku" in value ? value.sku : JSON.stringify(value));
const patcher = create({ objectHash: hashOf });
const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));

const arms: Readonly<Record<string, Arm>> = {
  Penumbra: { pairs: 1, work: ({ left, right }) => comparison(left, right, "/api/v2/orders") },
  // Another resource each time: nothing is remembered of these bodies.
  "Penumbra, unseen": { pairs: 1, work: ({ left, right }, turn) => comparison(left, right, `/api/v2/orders-${turn}`) },
  // As in a run: one primary's answer, compared with the candidate's and with the control's.
  "Penumbra, two copies": {
    pairs: 2,
    work: ({ left, right, second }) => [comparison(left, right, "/api/v2/orders"), comparison(left, second, "/api/v2/orders")],
  },
  jsondiffpatch: { pairs: 1, work: ({ bytes }) => patcher.diff(parse(bytes[0]), parse(bytes[1])) },
  "jsondiffpatch, no parse": { pairs: 1, work: ({ values }) => patcher.diff(values[0], values[1]) },
  "JSON.parse of both": { pairs: 1, work: ({ bytes }) => [parse(bytes[0]), parse(bytes[1])] },
};

main();

function main(): void {
  const speed: Record<string, Record<string, number>> = {};
  for (const [size, bytes] of Object.entries(sizes)) {
    for (const change of changes) speed[`${size}, ${change}`] = measure(pairsOf(bytes, change));
  }
  printSpeed(speed);
  const growth = measureGrowth();
  const targets = judge(speed, growth);
  console.log("");
  for (const { claim, value, reached } of targets) console.log(`${reached ? "reached" : "MISSED "}  ${claim}: ${value}`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ bench: "diff-speed", ...machine, rounds, speed, growth, targets }));
}

function comparison(left: Outcome, right: Outcome, target: string): unknown {
  const request: HttpRequest = { method: "GET", target, version: "1.1", headers: [], body: noBody };
  return compareOutcomes(left, right, { request, references: new References() });
}

function pairsOf(bytes: number, change: Change): Pair[] {
  return Array.from({ length: pool }, (_, seed) => pairOf(documentPair(bytes, change, seed), "application/json; charset=utf-8"));
}

function pairOf([left, right]: readonly [string, string], type: string): Pair {
  const bytes = [Buffer.from(left), Buffer.from(right)] as const;
  const values = type.includes("json") ? ([JSON.parse(left), JSON.parse(right)] as const) : ([null, null] as const);
  const second = outcomeOf(Buffer.from(right), type, 8);
  return { left: outcomeOf(bytes[0], type, 7), right: outcomeOf(bytes[1], type, 8), second, bytes, values };
}

function outcomeOf(bytes: Buffer, type: string, second: number): Outcome {
  const headers: HeaderList = [
    ["Date", `Sun, 22 Nov 2026 09:24:0${second} GMT`],
    ["Content-Type", type],
    ["Content-Length", String(bytes.length)],
    ["Cache-Control", "private, max-age=0, must-revalidate"],
    ["Vary", "Accept, Accept-Encoding"],
    ["X-Frame-Options", "DENY"],
    ["Strict-Transport-Security", "max-age=31536000; includeSubDomains"],
    ["Connection", "keep-alive"],
  ];
  const took = milliseconds(3);
  return {
    kind: "answered",
    answer: { status: 200, reason: "OK", headers, body: { kind: "whole", bytes } },
    firstByteMs: took,
    tookMs: took,
  };
}

/** Pairs a second by arm. */
function measure(pairs: readonly Pair[]): Record<string, number> {
  const figures = new Map(Object.keys(arms).map((name): [string, number[]] => [name, []]));
  let turn = 0;
  for (let round = -1; round < rounds; round++) {
    for (const [name, arm] of Object.entries(arms)) {
      let done = 0;
      const start = process.cpuUsage();
      let spent = 0;
      while (spent < roundMicros) {
        for (const pair of pairs) arm.work(pair, turn++);
        done += pairs.length * arm.pairs;
        spent = microsSince(start);
      }
      if (round >= 0) figures.get(name)?.push((done / spent) * 1e6); // the first one warms up
    }
  }
  return Object.fromEntries([...figures].map(([name, values]) => [name, Math.round(median(values))]));
}

interface Growth {
  /** CPU milliseconds by size. */
  readonly ms: Readonly<Record<string, number>>;
  /** Of the time as a power of the size, at the steepest step; null when all are too short to tell. */
  readonly exponent: number | null;
}

function measureGrowth(): Record<string, Growth> {
  const growth: Record<string, Growth> = {};
  console.log(`\nCPU ms of one comparison by size, medians of ${growthRounds}`);
  for (const shape of shapes) {
    const times = shape.sizes.map((size) => [size, millisOf(pairOf(shape.pairOf(size), shape.type))] as const);
    const exponent = steepest(times);
    growth[shape.name] = { ms: Object.fromEntries(times), exponent };
    const cells = times.map(([size, ms]) => `${size}: ${ms}`.padStart(18)).join("");
    console.log(`${shape.name.padEnd(32)}${cells}   ${exponent === null ? "too short to tell" : `exponent ${exponent}`}`);
  }
  return growth;
}

function steepest(times: readonly (readonly [size: number, ms: number])[]): number | null {
  const steps = times.slice(1).flatMap(([size, ms], index) => {
    const before = times[index];
    return before === undefined || before[1] < leastTellingMs ? [] : [Math.log(ms / before[1]) / Math.log(size / before[0])];
  });
  return steps.length === 0 ? null : rounded(Math.max(...steps));
}

function millisOf({ left, right }: Pair): number {
  const times: number[] = [];
  for (let turn = -1; turn < growthRounds; turn++) {
    const start = process.cpuUsage();
    comparison(left, right, "/api/v2/orders");
    if (turn >= 0) times.push(microsSince(start) / 1000);
  }
  return rounded(median(times));
}

function microsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function printSpeed(speed: Readonly<Record<string, Record<string, number>>>): void {
  console.log(`Pairs a second of one core, medians of ${rounds} rounds\n`);
  console.log(
    `${"".padEnd(24)}${Object.keys(arms)
      .map((name) => name.padStart(25))
      .join("")}`,
  );
  for (const [row, figures] of Object.entries(speed)) {
    console.log(
      `${row.padEnd(24)}${Object.values(figures)
        .map((value) => String(value).padStart(25))
        .join("")}`,
    );
  }
}

interface Target {
  readonly claim: string;
  readonly value: number;
  readonly reached: boolean;
}

function judge(speed: Readonly<Record<string, Record<string, number>>>, growth: Readonly<Record<string, Growth>>): Target[] {
  const of = (row: string, arm: string): number => speed[row]?.[arm] ?? Number.NaN;
  const least = (claim: string, value: number, wanted: number): Target => ({
    claim: `${claim} (at least ${wanted})`,
    value,
    reached: value >= wanted,
  });
  const most = (claim: string, value: number, bound: number): Target => ({
    claim: `${claim} (at most ${bound})`,
    value,
    reached: value <= bound,
  });
  return [
    least("pairs/s, 10 KB, one leaf", of("10 KB, one leaf", "Penumbra"), 5_000),
    least("pairs/s, 10 KB, identical", of("10 KB, identical", "Penumbra"), 50_000),
    ...Object.keys(speed).map((row) => least(`× jsondiffpatch, ${row}`, rounded(of(row, "Penumbra") / of(row, "jsondiffpatch")), 1)),
    ...Object.entries(growth).flatMap(([name, { ms, exponent }]) => [
      ...(ms["20000"] === undefined ? [] : [most(`ms for 20,000: ${name}`, ms["20000"], 100)]),
      ...(exponent === null ? [] : [most(`exponent of growth: ${name}`, exponent, quadraticFrom)]),
    ]),
  ];
}
