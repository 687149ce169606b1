import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { type Copy, type Multiplication, multiply, once } from "../../replayer/multiply.ts";

function exchange(id: string, at: number, tookMs: number, lane: string | null = "a"): Exchange {
  return {
    id,
    at: epochMs(at),
    lane,
    connection: "c",
    labels: {},
    request: { method: "GET", target: "/", version: "1.1", headers: [], body: noBody },
    outcome: { kind: "timed-out", tookMs: milliseconds(tookMs) },
  };
}

async function multiplied(exchanges: readonly Exchange[], multiplication: Multiplication): Promise<Copy[]> {
  const all: Copy[] = [];
  const open = async function* (): AsyncGenerator<Exchange> {
    yield* exchanges;
  };
  for await (const copy of multiply(open, multiplication)) all.push(copy);
  return all;
}

describe("multiply", () => {
  const recording = [exchange("x1", 100, 5), exchange("x2", 103, 30, null)];

  it("leaves a recording as it is, once", async () => {
    expect(await multiplied(recording, once)).toEqual(recording.map((each) => ({ ...each, copy: 0 })));
  });

  it("sends copies at the same moment, each with lane, connection and id of its own", async () => {
    const all = await multiplied(recording, { amplify: 2, loop: 1 });
    expect(all.map(({ id, at, lane, connection, copy }) => [id, at, lane, connection, copy])).toEqual([
      ["x1", 100, "a", "c", 0],
      ["x1~2", 100, "a~2", "c~2", 1],
      ["x2", 103, null, "c", 0],
      ["x2~2", 103, null, "c~2", 1],
    ]);
  });

  it("begins a pass where the last answer of the one before ended", async () => {
    const all = await multiplied(recording, { amplify: 1, loop: 3 });
    expect(all.map(({ id, at, lane }) => [id, at, lane])).toEqual([
      ["x1", 100, "a"],
      ["x2", 103, null],
      ["x1@2", 133, "a@2"],
      ["x2@2", 136, null],
      ["x1@3", 166, "a@3"],
      ["x2@3", 169, null],
    ]);
  });

  it("ends at once on an empty recording, however often it is to be gone through", async () => {
    expect(await multiplied([], { amplify: 3, loop: 1_000_000 })).toEqual([]);
  });

  it("gives no id twice, keeps the order of starts, and repeats every distance", async () => {
    const steps = fc.array(fc.record({ gap: fc.nat(50), took: fc.nat(80) }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), async (list, amplify, loop) => {
        let at = 0;
        const exchanges = list.map(({ gap, took }, index) => {
          at += gap;
          return exchange(`x${index}`, at, took);
        });
        const all = await multiplied(exchanges, { amplify, loop });
        expect(new Set(all.map(({ id }) => id)).size).toBe(list.length * amplify * loop);
        expect(all.map((each) => each.at)).toEqual(all.map((each) => each.at).sort((a, b) => a - b));
        const firstOf = (pass: number): number => all[pass * list.length * amplify]?.at ?? Number.NaN;
        all.forEach((each, index) => {
          const pass = Math.floor(index / (list.length * amplify));
          const original = exchanges[Math.floor((index % (list.length * amplify)) / amplify)];
          expect(each.at - firstOf(pass)).toBe((original?.at ?? Number.NaN) - (exchanges[0]?.at ?? Number.NaN));
        });
      }),
    );
  });
});
