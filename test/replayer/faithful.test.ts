/** Generated recordings against targets that keep what happened: each mode's order holds at the target, not only in our books, and
 * what overlapped in production overlaps again. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../model/clock.ts";
import { type Exchange, isSafeMethod, noBody } from "../../model/exchange.ts";
import type { ReplayFacts } from "../../model/observation.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { Redactor } from "../../recording/redaction.ts";
import { type ReplayOptions, replay } from "../../replayer/replay.ts";
import { selectAll } from "../../replayer/selection.ts";
import type { OrderMode, WriteScope } from "../../target/shadow.ts";
import { Target } from "../../target/target.ts";
import { type Happened, idHeader, type RecordingTarget, startRecordingTarget } from "./recording-target.ts";

let directory: string;
const targets: RecordingTarget[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "penumbra-faithful-"));
});

afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
  rmSync(directory, { recursive: true, force: true });
});

async function started(hold: (id: string) => Promise<void>): Promise<RecordingTarget> {
  const target = await startRecordingTarget(hold);
  targets.push(target);
  return target;
}

async function replayTo(
  exchanges: readonly Exchange[],
  [candidate, ...controls]: readonly RecordingTarget[],
  overrides: Partial<ReplayOptions>,
): Promise<ReplayFacts> {
  const reached = [candidate, ...controls].map(
    (target, index) => new Target({ name: `target ${index}`, url: target?.url ?? "", timeoutMs: 5000, clock: systemClock }),
  );
  const [first, ...others] = reached;
  if (first === undefined) throw new Error("no target");
  const recording = {
    count: () => exchanges.length,
    async *exchanges(): AsyncGenerator<Exchange> {
      yield* exchanges;
    },
  };
  const { facts } = await replay({
    recordings: [recording],
    candidate: first,
    controls: others,
    redaction: new Redactor({ key: new Uint8Array(32), mode: "token" }),
    run: { id: "run", labels: {}, targets: { primary: "recording", candidate: null, controls: [] } },
    out: { directory: join(directory, "run"), force: true },
    selection: selectAll,
    pace: { kind: "max", concurrency: 1000 },
    order: "causal",
    writeScope: "segment",
    correlate: true,
    writes: true,
    headers: [],
    seed: 1,
    maxLateness: milliseconds(60_000),
    holdMs: 5000,
    maxProbes: 0,
    clock: systemClock,
    signal: new AbortController().signal,
    ...overrides,
  });
  await Promise.all(reached.map((target) => target.close()));
  return facts;
}

interface Recorded {
  readonly at: number;
  readonly tookMs: number;
}

/** A request of a random lane, connection, method and first path segment. */
function exchangeOf(id: string, { at, tookMs }: Recorded, random: Random): Exchange {
  const lane = random.below(4);
  const write = random.below(4) === 0;
  const scope = ["carts", "orders", "users"][random.below(3)] ?? "";
  const target = write ? `/${scope}` : `/${scope}/${random.below(3)}`;
  return {
    id,
    at: epochMs(1_763_798_400_000 + at),
    // Some requests belong to nobody known.
    lane: lane === 0 ? null : `lane ${lane}`,
    connection: `${random.below(6)}`,
    labels: {},
    request: {
      method: write ? "POST" : "GET",
      target,
      version: "1.1",
      headers: [
        ["Host", "shop"],
        [idHeader, id],
      ],
      body: noBody,
    },
    outcome: {
      kind: "answered",
      answer: { status: 200, reason: "OK", headers: [["Content-Type", "text/plain"]], body: { kind: "whole", bytes: Buffer.from("done") } },
      firstByteMs: milliseconds(tookMs),
      tookMs: milliseconds(tookMs),
    },
  };
}

/** 80 requests of which many overlap, some touch, and some took no time. */
function tangled(seed: number): Exchange[] {
  const random = seededRandom(seed);
  let at = 0;
  return Array.from({ length: 80 }, (_, index) => {
    at += random.below(4);
    return exchangeOf(`x${index}`, { at, tookMs: random.below(3) === 0 ? 0 : random.below(12) }, random);
  });
}

/** What the mode promises, said anew: whether production's client could rely on `first` being done when `second` began. */
function mustPrecede(first: Exchange, second: Exchange, mode: OrderMode, writeScope: WriteScope): boolean {
  if (mode === "serial") return true;
  if (first.at + first.outcome.tookMs > second.at) return false;
  const sameConnection = first.connection !== undefined && first.connection === second.connection;
  if (mode === "connection") return sameConnection;
  const bothWithoutLane = first.lane === null && second.lane === null;
  if (bothWithoutLane ? sameConnection : first.lane === second.lane) return true;
  if (mode === "lane" || writeScope === "lane") return false;
  const segmentOf = ({ request }: Exchange): string => request.target.split("/")[1] ?? "";
  const touches = writeScope === "service" || segmentOf(first) === segmentOf(second);
  return touches && !(isSafeMethod(first.request.method) && isSafeMethod(second.request.method));
}

/** Pairs whose second began at the target before the first had ended there. */
function violations(exchanges: readonly Exchange[], log: readonly Happened[], mode: OrderMode, writeScope: WriteScope): string[] {
  const places = new Map(log.map(({ what, id }, place) => [`${what} ${id}`, place]));
  const placeOf = (what: Happened["what"], { id }: Exchange): number => places.get(`${what} ${id}`) ?? Number.NaN;
  return exchanges.flatMap((second, index) =>
    exchanges
      .slice(0, index)
      .filter((first) => mustPrecede(first, second, mode, writeScope) && !(placeOf("end", first) < placeOf("begin", second)))
      .map((first) => `${second.id} before the end of ${first.id}`),
  );
}

const modes: readonly OrderMode[] = ["causal", "lane", "connection", "serial", "none"];
const slowestMs = 8;

/** Answers take a time that has nothing to do with the recorded one, another one at each target. */
function unlikeProduction(seed: number): (id: string) => Promise<void> {
  const random = seededRandom(seed);
  return () => new Promise((resolve) => setTimeout(resolve, random.below(slowestMs)));
}

describe("at targets that are slow in their own ways", () => {
  it.each(modes.filter((mode) => mode !== "none"))("the order of mode %s is never violated", async (order) => {
    for (let seed = 1; seed <= 3; seed++) {
      const exchanges = tangled(seed);
      const both = [await started(unlikeProduction(seed)), await started(unlikeProduction(seed + 100))];
      const facts = await replayTo(exchanges, both, { order });
      expect(facts).toMatchObject({ scheduled: 80, sent: 80, dropped: 0, orderViolations: 0 });
      for (const { log } of both) {
        expect(log).toHaveLength(160);
        expect(violations(exchanges, log, order, "segment")).toEqual([]);
      }
    }
  });

  it.each<WriteScope>(["service", "segment", "lane"])("nor that of causal with write scope %s, at recorded times", async (writeScope) => {
    const exchanges = tangled(7);
    const target = await started(unlikeProduction(7));
    const facts = await replayTo(exchanges, [target], { writeScope, pace: { kind: "recorded", speed: 1, maxGap: null } });
    expect(facts).toMatchObject({ sent: 80, orderViolations: 0 });
    expect(violations(exchanges, target.log, "causal", writeScope)).toEqual([]);
  });
});

const groups = 12;
const groupSize = 5;

/** Groups whose requests all overlapped each other in production, one group after the other. */
function overlapping(seed: number): Exchange[] {
  const random = seededRandom(seed);
  return Array.from({ length: groups * groupSize }, (_, index) => {
    const group = Math.floor(index / groupSize);
    return exchangeOf(`g${group}-${index % groupSize}`, { at: group * 20 + (index % groupSize), tookMs: 10 }, random);
  });
}

/** Answers a group when all of it is there: whoever waits for one of his own group would wait for ever. */
function whenAllAreThere(): (id: string) => Promise<void> {
  const arrived = new Map<string, { count: number; readonly all: PromiseWithResolvers<void> }>();
  return (id) => {
    const [group = ""] = id.split("-");
    const there = arrived.get(group) ?? { count: 0, all: Promise.withResolvers<void>() };
    arrived.set(group, there);
    there.count += 1;
    if (there.count === groupSize) there.all.resolve();
    return there.all.promise;
  };
}

describe("requests that overlapped in production", () => {
  it.each(modes.filter((mode) => mode !== "serial"))("are all under way at once again in mode %s", async (order) => {
    for (let seed = 1; seed <= 2; seed++) {
      const both = [await started(whenAllAreThere()), await started(whenAllAreThere())];
      const facts = await replayTo(overlapping(seed), both, { order });
      expect(facts).toMatchObject({ sent: groups * groupSize, orderViolations: 0 });
      // None of them was given up: each group was there as a whole.
      for (const { log } of both) expect(log.filter(({ what }) => what === "end")).toHaveLength(groups * groupSize);
      expect(facts.maxConcurrency.recorded).toBe(groupSize);
      expect(facts.maxConcurrency.achieved).toBeGreaterThanOrEqual(groupSize);
    }
  });
});
