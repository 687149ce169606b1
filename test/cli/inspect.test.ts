/** What `penumbra inspect` says of a recording as a whole. */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { type Activity, activityOf } from "../../cli/endpoint-activity.ts";
import type { Exchange } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import type { RecordingSummary } from "../../recording/summary.ts";
import { summarise } from "../../recording/summary.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange, text } from "../recording/examples.ts";
import { FakeClock } from "../recording/fake-clock.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function exchange(index: number, at: number, method: string, target: string, status: number, tookMs: number): Exchange {
  const { request, outcome } = plainExchange();
  return plainExchange({
    id: `x${index}`,
    at: epochMs(at),
    request: { ...request, method, target },
    outcome:
      outcome.kind === "answered"
        ? {
            ...outcome,
            answer: { ...outcome.answer, status, body: text("x".repeat(100)) },
            firstByteMs: milliseconds(1),
            tookMs: milliseconds(tookMs),
          }
        : outcome,
  });
}

/** Ten seconds of requests, a break of a minute, and three more seconds; the last one an order that fails. */
const exchanges = [
  ...Array.from({ length: 101 }, (_, index) => exchange(index, 1000 + index * 100, "GET", `/items/${index}`, 200, index < 99 ? 10 : 500)),
  exchange(200, 71_000, "POST", "/orders", 201, 20),
  exchange(201, 73_000, "POST", "/orders", 503, 20),
];

const snapshot = (seen: number, budget: number, lost: number, recorded: number): object => ({
  ...{ epoch: "e", seen, unsampled: 0, captured: seen - budget, open: 0, dropped: { budget }, mirrored: seen - budget, mirrorDropped: {} },
  ...{ pendingMirror: 0, recorded, recordDropped: { observer_lost: lost }, pendingRecord: seen - budget - lost - recorded },
});

function recording(): string {
  const path = join(directory(), "recording");
  const clock = new FakeClock();
  const writer = RecordingWriter.open(path, {
    ...{ labels: {}, epoch: "e", clock, redaction: "off", keyId: null },
    ...{ onCommitted: () => {}, onDropped: () => {}, onPaused: () => {} },
  });
  for (const [seen, budget, lost, count] of [
    [50, 0, 0, 50],
    [110, 7, 0, 103],
    [120, 7, 9, 103],
    [120, 7, 0, 103],
  ] as const) {
    clock.advance(10_000);
    writer.counters(snapshot(seen, budget, lost, count));
  }
  exchanges.forEach((each, index) => writer.append(index + 1, each));
  writer.close();
  return path;
}

describe("inspect", () => {
  it("names the busiest endpoints with rates, statuses, times and bytes", async () => {
    const activity = await activityOf(async function* () {
      yield* exchanges;
    });
    expect(activity.endpoints).toBe(2);
    expect(activity.busiest).toMatchObject([
      { endpoint: "GET /items/{id}", requests: 101, statuses: { "2xx": 101 }, bytes: { requests: 0, answers: 10_100 } },
      { endpoint: "POST /orders", requests: 2, statuses: { "2xx": 1, "5xx": 1 } },
    ]);
    const [items] = activity.busiest;
    expect(items?.perSecond).toBeCloseTo(101 / 72, 6);
    expect(items?.p50Ms).toBeGreaterThan(9.8);
    expect(items?.p50Ms).toBeLessThan(10.2);
    expect(items?.p99Ms).toBeGreaterThan(490);
  });

  it("knows of an empty recording that it has none", async () => {
    expect(await activityOf(async function* () {})).toEqual({ endpoints: 0, busiest: [] });
  });

  it("counts endpoints beyond its bound together", async () => {
    const { endpoints, busiest } = await activityOf(async function* () {
      for (let index = 0; index < 1500; index++) yield exchange(index, index, `M${index}`, "/", 200, 1);
    });
    expect(endpoints).toBe(1001);
    expect(busiest[0]).toMatchObject({ endpoint: "(others)", requests: 500 });
  });

  it("finds the longest time without any exchange, and when exchanges were lost", async () => {
    const { gaps, dropHistory } = await summarise(recording());
    expect(gaps).toEqual([
      { from: 11_500, to: 71_000 },
      { from: 71_020, to: 73_000 },
    ]);
    const start = dropHistory.worst[1]?.from ?? 0;
    expect(dropHistory).toEqual({
      windows: 2,
      worst: [
        { from: start + 10_000, to: start + 20_000, drops: { observer_lost: 9 } },
        { from: start, to: start + 10_000, drops: { budget: 7 } },
      ],
    });
  });

  it("prints all of it, as text and as JSON", async () => {
    const path = recording();
    const { stdout, code } = await runPenumbra(["inspect", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^GET \/items\/\{id\} +101 +1\.40 +10\.\d +\d+ +100 B {2}2xx 101$/m);
    expect(stdout).toMatch(/^ {2}59\.5 s from 1970-01-01T00:00:11\.500Z$/m);
    expect(stdout).toMatch(/^ {2}\S+ to \S+: observer_lost 9$/m);
    const parsed = JSON.parse((await runPenumbra(["inspect", path, "--json"])).stdout) as RecordingSummary & Activity;
    expect(parsed.busiest.map(({ endpoint }) => endpoint)).toEqual(["GET /items/{id}", "POST /orders"]);
    expect(parsed.gaps.length).toBe(2);
  });
});
