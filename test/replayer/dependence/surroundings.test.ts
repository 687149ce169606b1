import { describe, expect, it } from "vitest";
import type { Exchange } from "../../../model/exchange.ts";
import { type Surroundings, surroundingsOf } from "../../../replayer/dependence/surroundings.ts";
import { mixed } from "./traffic.ts";

/** Reads the recording anew, as a file would be: never the same objects twice. */
async function* reading(exchanges: readonly Exchange[]): AsyncGenerator<Exchange> {
  for (const exchange of exchanges) yield { ...exchange };
}

async function around(exchanges: readonly Exchange[], id: string): Promise<Surroundings> {
  const found = await surroundingsOf(id, () => reading(exchanges));
  if (found === null) throw new Error(`${id} is not there`);
  return found;
}

const targets = (exchanges: readonly Exchange[]): string[] => exchanges.map(({ request }) => `${request.method} ${request.target}`);

function answering(exchange: Exchange, text: string): Exchange {
  if (exchange.outcome.kind !== "answered") throw new Error("all are answered");
  const body = { kind: "whole", bytes: new TextEncoder().encode(text) } as const;
  return { ...exchange, outcome: { ...exchange.outcome, answer: { ...exchange.outcome.answer, body } } };
}

describe("the surroundings of an exchange", () => {
  const exchanges = mixed(4);
  const second = exchanges.filter(({ request }) => request.target === "/transfers/2")[1];
  if (second === undefined) throw new Error("there are two transfers");

  it("go from itself over its lane and its path to everything that began before it had ended", async () => {
    const { subject, alone, near, lane, related, all } = await around(exchanges, second.id);
    expect(subject).toEqual(second);
    expect(alone).toEqual([second]);
    expect(lane).toEqual([second]);
    expect(targets(near)).toContain("POST /transfers/2");
    expect(new Set(targets(related))).toEqual(new Set(["POST /transfers/0", "POST /transfers/1", "POST /transfers/2"]));
    const end = second.at + second.outcome.tookMs;
    expect(all.map(({ id }) => id)).toEqual(exchanges.filter(({ at }) => at <= end).map(({ id }) => id));
  });

  it("hold the very subject, so that it can be taken out of them", async () => {
    const { subject, alone, near, lane, related, all } = await around(exchanges, second.id);
    for (const set of [alone, near, lane, related, all]) expect(set).toContain(subject);
  });

  it("are bounded, whatever the length of the recording: the latest are kept", async () => {
    const long = mixed(100);
    const last = long.at(-1);
    if (last === undefined) throw new Error("there are some");
    const { all, related } = await around(long, last.id);
    expect(all.length).toBeLessThanOrEqual(600);
    expect(related.length).toBeLessThanOrEqual(400);
    expect(all.at(-1)?.id).toBe(last.id);
  });

  it("take the exchanges along whose answers gave the values that are asked for", async () => {
    const [first, , , , maker, user] = exchanges;
    if (first === undefined || maker === undefined || user === undefined) throw new Error("there are more");
    const token = "c7f3a9d2-5b1e-4f60-9a8c-2d4e6f8a0b1c";
    const made = answering({ ...maker, lane: "elsewhere" }, JSON.stringify({ token }));
    const using = { ...user, at: second.at, request: { ...user.request, target: `/quotes/${token}` } };
    const changed = exchanges.map((exchange) => (exchange.id === maker.id ? made : exchange.id === user.id ? using : exchange));
    const { alone } = await around(
      changed.toSorted((a, b) => a.at - b.at),
      user.id,
    );
    expect(alone.map(({ id }) => id)).toEqual([maker.id, user.id]);
  });

  it("of an exchange that the recording does not have are none", async () => {
    expect(await surroundingsOf("nobody", () => reading(exchanges))).toBeNull();
  });
});
