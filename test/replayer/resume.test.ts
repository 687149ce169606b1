import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exchange, noBody } from "../../model/exchange.ts";
import type { RunEntry } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { unseen } from "../../replayer/resume.ts";

function exchange(id: string): Exchange {
  const request = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
  return { id, at: epochMs(0), lane: null, labels: {}, request, outcome: { kind: "timed-out", tookMs: milliseconds(1) } };
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
  const recall = (item: Exchange): void => void recalled.push(item.id);
  for await (const { id } of unseen(stream(...recorded.map(exchange)), stream(...log.map(observed)), { recall, entries })) sent.push(id);
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
