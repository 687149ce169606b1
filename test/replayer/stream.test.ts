import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../model/exchange.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { ConcurrencySweep } from "../../replayer/concurrency.ts";
import { matchesGlob, parseFilter, selectAll } from "../../replayer/selection.ts";
import { lookAhead, mergeByStart, selectExchanges } from "../../replayer/stream.ts";

function exchange(id: string, at: number, { tookMs = 1, method = "GET", target = "/" } = {}): Exchange {
  return {
    id,
    at: epochMs(at),
    lane: null,
    labels: {},
    request: { method, target, version: "1.1", headers: [], body: noBody },
    outcome: { kind: "timed-out", tookMs: milliseconds(tookMs) },
  };
}

async function* stream(...exchanges: readonly Exchange[]): AsyncGenerator<Exchange> {
  yield* exchanges;
}

async function ids(exchanges: AsyncIterable<Exchange>): Promise<string[]> {
  const out: string[] = [];
  for await (const { id } of exchanges) out.push(id);
  return out;
}

describe("mergeByStart", () => {
  it("merges recordings by start time and keeps their order where starts are equal", async () => {
    const first = { exchanges: () => stream(exchange("a", 1), exchange("d", 4), exchange("e", 4)) };
    const second = { exchanges: () => stream(exchange("b", 2), exchange("c", 3), exchange("f", 4)) };
    expect(await ids(mergeByStart([first, { exchanges: () => stream() }, second]))).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});

describe("selectExchanges", () => {
  const all = [
    exchange("a", 1, { target: "/cart/1?x=1" }),
    exchange("b", 2, { method: "POST", target: "/cart" }),
    exchange("c", 3),
    exchange("d", 4),
  ];

  it("takes a window of time with both ends", async () => {
    expect(await ids(selectExchanges(stream(...all), { ...selectAll, from: epochMs(2), to: epochMs(3) }))).toEqual(["b", "c"]);
  });

  it("takes what any filter matches, up to the limit", async () => {
    expect(await ids(selectExchanges(stream(...all), { ...selectAll, filters: [parseFilter("/cart")] }))).toEqual(["a", "b"]);
    expect(
      await ids(selectExchanges(stream(...all), { ...selectAll, filters: [parseFilter("get /cart/*"), parseFilter("post")] })),
    ).toEqual(["a", "b"]);
    expect(await ids(selectExchanges(stream(...all), { ...selectAll, limit: 3 }))).toEqual(["a", "b", "c"]);
    expect(await ids(selectExchanges(stream(...all), { ...selectAll, limit: 0 }))).toEqual([]);
  });
});

describe("parseFilter", () => {
  it("refuses what is no method and path, in words", () => {
    expect(() => parseFilter("GET /a /b")).toThrow("is not a filter");
    expect(() => parseFilter("")).toThrow("is not a filter");
  });
});

describe("matchesGlob", () => {
  it.each([
    ["/cart/7", "/cart/*", true],
    ["/cart", "/cart/*", false],
    ["/a/1/items/2", "/a/*/items/*", true],
    ["/a/items", "/a/*/items", false],
    ["/aa", "/a*a", true],
    ["/a", "/a*a", false],
    ["/x", "*", true],
    ["/x", "/x", true],
    ["/xy", "/x", false],
  ])("%s against %s is %s", (text, pattern, expected) => {
    expect(matchesGlob(text, pattern)).toBe(expected);
  });
});

describe("lookAhead", () => {
  it("reads no further ahead than its limit, in items and in bytes", async () => {
    let read = 0;
    const endless = async function* (): AsyncGenerator<Exchange> {
      for (;;) {
        read += 1;
        yield exchange(`${read}`, read);
      }
    };
    const ahead = lookAhead(endless(), { exchanges: 3, bytes: 1000 });
    const first = await ahead.next();
    expect(first.value).toMatchObject({ id: "1" });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    expect(read).toBeLessThanOrEqual(4);
    expect((await ahead.next()).value).toMatchObject({ id: "2" });
    await ahead.return(undefined);
  });

  it("gives what was read before a fault and then the fault", async () => {
    const failing = async function* (): AsyncGenerator<Exchange> {
      yield exchange("a", 1);
      throw new Error("disk");
    };
    const ahead = lookAhead(failing());
    expect((await ahead.next()).value).toMatchObject({ id: "a" });
    await expect(ahead.next()).rejects.toThrow("disk");
  });
});

describe("ConcurrencySweep", () => {
  it("counts the greatest overlap of the recorded intervals; touching is not overlapping", () => {
    const sweep = new ConcurrencySweep();
    for (const [at, tookMs] of [
      [0, 10],
      [5, 20],
      [9, 1],
      [10, 100],
      [10, 1],
    ] as const)
      sweep.add(exchange("x", at, { tookMs }));
    expect(sweep.max).toBe(3);
  });
});
