/** How fast shapes are told, and how a distillation and its memory grow with the recording.
 *
 *    exchanges with 1 KB of JSON ─► shapes alone ─► exchanges/s of CPU
 *    generated streams of N and 4 N exchanges ─► Distillation ─► exchanges/s of CPU, heap that it holds
 *
 * Options: --exchanges N. The last line is one JSON object. */

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ExchangeShapes, readExchange } from "../diff/shapes/exchange-shape.ts";
import { type Exchange, noBody } from "../model/exchange.ts";
import { seededRandom } from "../model/random.ts";
import { epochMs, milliseconds } from "../model/units.ts";
import { Distillation } from "../replayer/distill/distill.ts";

const { values: given } = parseArgs({ options: { exchanges: { type: "string", default: "50000" } } });
const exchanges = Number(given.exchanges);
const sessions = 2000;
const mebibyte = 1024 * 1024;
const microsPerSecond = 1e6;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const shapesPerSecond = measureShapes();
const small = await measureDistillation(exchanges);
const large = await measureDistillation(4 * exchanges);
console.log(`shapes:       ${shapesPerSecond} exchanges/s of CPU, 1 KB of JSON each`);
for (const each of [small, large])
  console.log(
    `distillation: ${each.perSecond} exchanges/s of CPU of ${each.exchanges} exchanges, ${each.kept} kept, ${each.heapMiB} MiB held, ${each.readings} readings`,
  );
console.log(JSON.stringify({ bench: "distill", node: process.versions.node, cores: cpus().length, shapesPerSecond, small, large }));

function measureShapes(): number {
  const made = [...stream(20_000)];
  const shapes = new ExchangeShapes();
  for (const exchange of made.slice(0, 1000)) shapes.learn(readExchange(exchange, "GET /orders/{id}"));
  const before = process.cpuUsage();
  for (const exchange of made) shapes.of(readExchange(exchange, "GET /orders/{id}"));
  return perSecond(made.length, before);
}

async function measureDistillation(
  count: number,
): Promise<{ exchanges: number; kept: number; perSecond: number; heapMiB: number; readings: number }> {
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  let readings = 0;
  const open = async function* (): AsyncGenerator<Exchange> {
    readings++;
    yield* stream(count);
  };
  const distillation = new Distillation({ open, copies: 5, endpoints: [] });
  await distillation.choose();
  let kept = 0;
  for await (const _ of distillation.exchanges()) kept++;
  const speed = perSecond(count, before);
  collectGarbage();
  const heapMiB = Math.round((process.memoryUsage().heapUsed - heapBefore) / mebibyte);
  if (distillation.result().exchanges.kept !== kept) throw new Error("the count is wrong");
  return { exchanges: count, kept, perSecond: speed, heapMiB, readings };
}

function perSecond(count: number, before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return Math.round((count / (user + system)) * microsPerSecond);
}

/** Orders of a few shapes, read and written by many sessions at once. */
function* stream(count: number): Generator<Exchange> {
  const random = seededRandom(1);
  for (let n = 0; n < count; n++) {
    const isWrite = random.below(10) === 0;
    const answer = JSON.stringify({
      id: n,
      ...(random.below(50) === 0 ? { coupon: null } : {}),
      lines: Array.from({ length: 8 }, (_, line) => ({
        sku: `sku-${line}`,
        amount: random.below(1000),
        price: "12.90",
        note: "x".repeat(60),
      })),
    });
    const took = milliseconds(1 + random.below(20));
    yield {
      id: `e${n}`,
      at: epochMs(1_763_798_400_000 + n * 4),
      lane: `session ${random.below(sessions)}`,
      labels: {},
      request: {
        method: isWrite ? "POST" : "GET",
        target: isWrite ? "/orders" : `/orders/${random.below(5000)}?view=${random.below(3)}`,
        version: "1.1",
        headers: [
          ["Host", "shop"],
          ["Cookie", `sid=s${n % sessions}`],
          ["Accept", "application/json"],
        ],
        body: noBody,
      },
      outcome: {
        kind: "answered",
        answer: {
          status: isWrite ? 201 : 200,
          reason: "OK",
          headers: [["Content-Type", "application/json"]],
          body: { kind: "whole", bytes: Buffer.from(answer) },
        },
        firstByteMs: took,
        tookMs: took,
      },
    };
  }
}
