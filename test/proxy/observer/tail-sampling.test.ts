/** Which copies are stored, at which probability, and that what they stand for is right. */

import { describe, expect, it } from "vitest";
import type { Exchange, Outcome } from "../../../model/exchange.ts";
import { seededRandom } from "../../../model/random.ts";
import { milliseconds, monotonicMs } from "../../../model/units.ts";
import { DynamicRates } from "../../../proxy/observer/dynamic-rates.ts";
import { SlowRequests } from "../../../proxy/observer/slow-requests.ts";
import { TailSampling } from "../../../proxy/observer/tail-sampling.ts";
import { plainExchange } from "../../recording/examples.ts";

const laneOf = (place: number): string =>
  Math.floor(place * 2 ** 32)
    .toString(16)
    .padStart(8, "0") + "00000000";

function exchange(target: string, place: number, changes: Partial<Exchange> = {}): Exchange {
  const { request } = plainExchange();
  return plainExchange({ lane: laneOf(place), request: { ...request, target }, inclusion: 1, ...changes });
}

const answered = (status: number, tookMs = 5): Outcome => ({
  kind: "answered",
  answer: { status, reason: "", headers: [], body: { kind: "none" } },
  firstByteMs: milliseconds(tookMs),
  tookMs: milliseconds(tookMs),
});

const byTarget = (perSecond: number): TailSampling =>
  new TailSampling({ perSecond, kindOf: ({ request: { target } }) => ({ route: target, shape: target }) });

describe("DynamicRates", () => {
  /** @param kinds requests of each in a second */
  function keptIn(perSecond: number, kinds: Readonly<Record<string, number>>, seconds: number) {
    const rates = new DynamicRates(perSecond);
    const random = seededRandom(1);
    const [met, kept, estimated] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
    const add = (to: Map<string, number>, name: string, by: number) => to.set(name, (to.get(name) ?? 0) + by);
    for (let at = 0; at < seconds * 1000; at++) {
      for (const [name, often] of Object.entries(kinds)) {
        for (let due = often / 1000; due > 0; due--) {
          if (random.next() >= due) continue;
          add(met, name, 1);
          const rate = rates.rateOf(name, monotonicMs(at));
          if (random.next() >= rate) continue;
          add(kept, name, 1);
          add(estimated, name, 1 / rate);
        }
      }
    }
    return { met, kept, estimated, total: [...kept.values()].reduce((sum, count) => sum + count, 0) };
  }

  it("keep about as many as are wanted, and of what is rare nearly all", () => {
    const { met, kept, total } = keptIn(20, { "/search": 900, "/items": 90, "/refund": 0.3 }, 300);
    expect(total / 300).toBeGreaterThan(17);
    expect(total / 300).toBeLessThan(23);
    expect(kept.get("/refund")).toBeGreaterThan(0.95 * (met.get("/refund") ?? 0));
    expect((kept.get("/items") ?? 0) / 300).toBeGreaterThan(4);
  });

  it("keep everything where less is met than is wanted", () => {
    const { met, kept } = keptIn(50, { "/a": 20, "/b": 5 }, 60);
    expect(kept).toEqual(met);
  });

  it("say with which probability, also while what is met changes", () => {
    const { met, estimated } = keptIn(20, { "/search": 900, "/items": 90, "/refund": 2 }, 100);
    for (const [name, count] of met) expect(Math.abs((estimated.get(name) ?? 0) / count - 1), name).toBeLessThan(0.1);
  });

  it("take kinds that are data for one", () => {
    const rates = new DynamicRates(10);
    let kept = 0;
    const random = seededRandom(1);
    for (let index = 0; index < 200_000; index++) if (random.next() < rates.rateOf(`kind ${index}`, monotonicMs(index))) kept++;
    // 200 s: those told apart are new and so kept for as long as there is room, and then the goal holds.
    expect(kept).toBeLessThan(200 * 10 * 3);
  });
});

describe("SlowRequests", () => {
  it("are those over the 99th of a hundred before them, route by route", () => {
    const slow = new SlowRequests();
    const found = Array.from({ length: 2000 }, (_, index) => slow.observe("a", index % 100 === 99 ? 500 : index % 10)).filter(
      Boolean,
    ).length;
    expect(found).toBeLessThanOrEqual(25);
    expect(slow.observe("a", 501)).toBe(true);
    expect(slow.observe("a", 3)).toBe(false);
    expect(slow.observe("b", 501)).toBe(false);
  });
});

describe("TailSampling", () => {
  it("stores what failed, what is slow and the first of a kind, whatever the rest", () => {
    const tail = byTarget(1);
    const drawn = (target: string, outcome: Outcome, at: number) => tail.draw(exchange(target, 0.9, { outcome }), monotonicMs(at));
    for (let index = 0; index < 3; index++) expect(drawn("/a", answered(200), index)).toBe(1);
    for (let index = 0; index < 20_000; index++) drawn("/a", answered(200), 3 + index);
    expect(drawn("/a", answered(200), 20_010)).toBeNull();
    expect(drawn("/a", answered(503), 20_011)).toBe(1);
    expect(drawn("/a", { kind: "aborted", tookMs: milliseconds(5) }, 20_012)).toBe(1);
    expect(drawn("/a", answered(200, 900), 20_013)).toBe(1);
    expect(drawn("/b", answered(200), 20_014)).toBe(1);
  });

  it("stores the same sessions of every kind, and fewer of a kind that there is more of", () => {
    const tail = byTarget(20);
    const kept = new Map<string, Set<number>>();
    for (let at = 0; at < 60_000; at++) {
      const lane = (at * 7919) % 1000;
      const target = at % 10 === 0 ? "/rare" : "/often";
      const probability = tail.draw(exchange(target, (lane / 1000) * 0.1, { inclusion: 0.1 }), monotonicMs(at));
      if (probability === null || at < 40_000) continue;
      kept.set(target, (kept.get(target) ?? new Set()).add(lane));
    }
    const [rare, often] = [kept.get("/rare") ?? new Set<number>(), kept.get("/often") ?? new Set<number>()];
    expect(often.size).toBeGreaterThan(0);
    expect(often.size).toBeLessThan(rare.size * 5);
    expect(Math.max(...often)).toBeLessThan(100);
  });
});
