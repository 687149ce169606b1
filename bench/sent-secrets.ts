/** What it costs to look for the secrets that a replay has put in: per answer, by their number and kind, beside redaction in the same run.
 *
 *    answers that echo nothing ─┬─ redaction by names (what every answer passes anyway)
 *                               └─ without 1, 100, 20,000 secrets (random ones, and JWTs that begin alike)
 *
 * CPU time, rounds interleaved, medians. Options: --rounds N. The last line is one JSON object. */

import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { noBody, type Outcome } from "../model/exchange.ts";
import { milliseconds } from "../model/units.ts";
import { Redactor } from "../recording/redaction.ts";
import { SentSecrets } from "../target/sent-secrets/sent-secrets.ts";

const { values: given } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(given.rounds);
const stands = `tok_${"0".repeat(22)}`;
/** Bytes of all answers of one measurement: long enough for the clock. */
const measuredBytes = 16_000_000;

const kinds = {
  random: (index: number): string => digest(`secret ${index}`, "base64url").slice(0, 32),
  jwt: (index: number): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: "https://login.example", sub: `user-${index}`, iat: 1_763_798_400 };
    return `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.${digest(`${index}`, "base64url")}`;
  },
};
const answers = { small: answerOf(15), large: answerOf(6000) };

const redactor = new Redactor({ key: Buffer.alloc(32, "key"), mode: "token" });
const request = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
const results = new Map<string, number[]>();
let memory: Record<string, number> = {};
measure();

function measure(): void {
  const ways = new Map<string, (outcome: Outcome) => Outcome>([["redaction by names", (outcome) => redactor.outcome(request, outcome)]]);
  for (const [kind, secretOf] of Object.entries(kinds)) {
    for (const count of [1, 100, 20_000]) {
      const before = heap();
      const secrets = new SentSecrets();
      const start = performance.now();
      for (let index = 0; index < count; index++) secrets.without(request, [{ secret: secretOf(index), stands }]);
      const each = ((performance.now() - start) * 1000) / count;
      if (count === 20_000) {
        memory = { ...memory, [kind]: heap() - before };
        console.log(`${kind}: ${each.toFixed(1)} µs to take in one, ${(heap() - before).toFixed(0)} MB for ${count}`);
      }
      const cleaner = secrets.without(request, []);
      ways.set(`without ${count} ${kind}`, (outcome) => cleaner.outcome(outcome));
    }
  }
  for (let round = 0; round <= rounds; round++) {
    for (const [size, answer] of Object.entries(answers)) {
      for (const [way, work] of ways) {
        const micros = timeOf(answer, work);
        // The first round only warms up.
        if (round > 0) results.set(`${size}: ${way}`, [...(results.get(`${size}: ${way}`) ?? []), micros]);
      }
    }
  }
  const medians = Object.fromEntries([...results].map(([name, times]) => [name, Number(median(times).toFixed(1))]));
  for (const [name, micros] of Object.entries(medians)) console.log(`${name.padEnd(36)} ${micros.toFixed(1).padStart(9)} µs an answer`);
  const sizes = Object.fromEntries(Object.entries(answers).map(([size, answer]) => [size, bytesOf(answer)]));
  console.log(JSON.stringify({ bench: "sent-secrets", node: process.versions.node, cores: cpus().length, rounds, sizes, memory, medians }));
}

function timeOf(answer: Outcome, work: (outcome: Outcome) => Outcome): number {
  const times = Math.ceil(measuredBytes / bytesOf(answer));
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) work(answer);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** Items as a shop lists them, with ids and hashes. */
function answerOf(items: number): Outcome {
  const list = Array.from({ length: items }, (_, id) => ({
    id,
    name: `item ${id}`,
    etag: digest(`${id}`, "hex").slice(0, 16),
    picture: digest(`picture ${id}`, "base64").slice(0, 20),
    text: "the quick brown fox jumps over the lazy dog",
  }));
  const body = { kind: "whole" as const, bytes: Buffer.from(JSON.stringify(list)) };
  const headers = [
    ["Content-Type", "application/json; charset=utf-8"],
    ["Content-Length", String(body.bytes.length)],
    ["Date", "Sat, 22 Nov 2025 08:00:00 GMT"],
    ["Cache-Control", "no-store"],
  ] as const;
  return { kind: "answered", answer: { status: 200, reason: "OK", headers, body }, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
}

function bytesOf(outcome: Outcome): number {
  return outcome.kind === "answered" && outcome.answer.body.kind === "whole" ? outcome.answer.body.bytes.length : 0;
}

function digest(text: string, encoding: "hex" | "base64" | "base64url"): string {
  return createHash("sha256").update(text).digest(encoding);
}

/** MB. */
function heap(): number {
  const { gc } = globalThis;
  gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1_000_000);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
