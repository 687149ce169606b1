import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../model/exchange.ts";
import type { RunEntry } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { DoubtfulWrites, withoutDoubtful } from "../../replayer/doubtful-writes.ts";
import { exchangeKey } from "../../replayer/logged-exchanges.ts";

function exchange(id: string, method = "POST"): Exchange {
  const request = { method, target: "/", version: "1.1", headers: [], body: noBody };
  return { id, at: epochMs(0), lane: null, labels: {}, request, outcome: { kind: "timed-out", tookMs: milliseconds(1) } };
}

function observed(of: Exchange, wasTried = true): RunEntry {
  const candidate = wasTried ? { outcome: of.outcome } : null;
  return { kind: "observation", observation: { exchange: of, candidate, controls: [] } };
}

async function* stream<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function read(intents: readonly string[], log: readonly RunEntry[]): Promise<DoubtfulWrites> {
  const doubtful = new DoubtfulWrites(stream(...intents.map((id) => exchangeKey(exchange(id)))));
  for (const entry of log) await doubtful.observe(entry);
  await doubtful.end();
  return doubtful;
}

describe("writes in doubt", () => {
  it("are exactly those with an intent and no observation, in whatever order both were written", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `w${index}`);
    const some = fc.shuffledSubarray(ids);
    await fc.assert(
      fc.asyncProperty(some, some, async (intents, answered) => {
        const doubtful = await read(
          intents,
          answered.map((id) => observed(exchange(id))),
        );
        const taken = ids.filter((id) => doubtful.take(exchange(id)));
        expect(taken).toEqual(ids.filter((id) => intents.includes(id) && !answered.includes(id)));
      }),
    );
  });

  it("are as many as there were of one id, each told once", async () => {
    const doubtful = await read(["x", "x", "x"], [observed(exchange("x"))]);
    expect([1, 2, 3].map(() => doubtful.take(exchange("x")))).toEqual([true, true, false]);
  });

  it("are no reads, and what was never to be sent does not hide one", async () => {
    const doubtful = await read(["a", "b"], [observed(exchange("a"), false), observed(exchange("b", "GET"))]);
    expect([exchange("a"), exchange("b", "GET"), exchange("b")].map((each) => doubtful.take(each))).toEqual([true, false, true]);
  });

  it("are handed over in the place of being sent", async () => {
    const kept: string[] = [];
    const doubtful = await read(["b", "d"], []);
    const left = withoutDoubtful(stream(...["a", "b", "c", "d"].map((id) => exchange(id))), {
      doubtful,
      keep: ({ id }) => void kept.push(id),
    });
    expect((await Array.fromAsync(left)).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(kept).toEqual(["b", "d"]);
  });
});
