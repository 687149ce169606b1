import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../model/exchange.ts";
import type { Observation, RunEntry } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { exchangeKey, LoggedExchanges } from "../../replayer/logged-exchanges.ts";
import { unseen } from "../../replayer/resume.ts";

/** @param name id, and after a colon when it starts */
function exchange(name: string): Exchange {
  const [id = "", at = "0"] = name.split(":");
  const request = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
  return { id, at: epochMs(Number(at)), lane: null, labels: {}, request, outcome: { kind: "timed-out", tookMs: milliseconds(1) } };
}

async function* stream<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const observed = (id: string): RunEntry => ({
  kind: "observation",
  observation: { exchange: exchange(id), candidate: null, controls: [] },
});

async function resumed(
  recorded: readonly string[],
  log: readonly string[],
  entries = log.length,
): Promise<{ sent: string[]; recalled: string[] }> {
  const recalled: string[] = [];
  const sent: string[] = [];
  const nameOf = ({ id, at }: Exchange): string => (at === 0 ? id : `${id}:${at}`);
  const recall = (item: Exchange, { exchange: logged }: Observation): void => {
    expect(nameOf(logged)).toBe(nameOf(item));
    recalled.push(nameOf(item));
  };
  const logged = new LoggedExchanges();
  for (const name of log.slice(0, entries)) logged.add(exchangeKey(exchange(name)));
  const left = unseen(stream(...recorded.map(exchange)), stream(...log.map(observed)), { recall, done: { entries, logged } });
  for await (const item of left) sent.push(nameOf(item));
  return { sent, recalled };
}

describe("unseen", () => {
  it("sends what the log does not have, in the order of the recording, and recalls the rest in that order", async () => {
    expect(await resumed(["a", "b", "c", "d", "e"], ["c", "a", "b"])).toEqual({ sent: ["d", "e"], recalled: ["a", "b", "c"] });
    expect(await resumed(["a", "b", "c"], ["c", "a"])).toEqual({ sent: ["b"], recalled: ["a", "c"] });
    expect(await resumed(["a"], [])).toEqual({ sent: ["a"], recalled: [] });
  });

  it("does not take for done what the second part has written meanwhile", async () => {
    expect(await resumed(["a", "b", "c"], ["a", "b", "c"], 1)).toEqual({ sent: ["b", "c"], recalled: ["a"] });
  });

  it("tells exchanges of two recordings apart whose ids are alike, and those that are alike in all by their number", async () => {
    const both = ["1:10", "1:20", "2:30", "2:40"];
    expect(await resumed(both, ["2:30", "1:20"])).toEqual({ sent: ["1:10", "2:40"], recalled: ["1:20", "2:30"] });
    expect(await resumed(["a", "a", "a"], ["a", "a"])).toEqual({ sent: ["a"], recalled: ["a", "a"] });
  });

  it("knows an answer that came after any number of others", async () => {
    const ids = Array.from({ length: 30_000 }, (_, index) => `x${index}`);
    const { sent, recalled } = await resumed(ids, [...ids.slice(1), "x0"]);
    expect([sent.length, recalled.length]).toEqual([0, 30_000]);
  });

  it("sends exactly the missing ones, however the log is shuffled", async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `x${index}`);
    const logs = fc.shuffledSubarray(ids);
    await fc.assert(
      fc.asyncProperty(logs, async (log) => {
        const { sent, recalled } = await resumed(ids, log);
        expect(sent).toEqual(ids.filter((id) => !log.includes(id)));
        expect(recalled).toEqual(ids.filter((id) => log.includes(id)));
      }),
    );
  });
});
