/** A mirror of writes whose targets have one store behind them stops writing, and the run says why. */

import { describe, expect, it } from "vitest";
import type { Observation } from "../../../model/observation.ts";
import type { ObserverLog } from "../../../proxy/observer/observer-log.ts";
import { judge } from "../../diff/fabricate.ts";
import { LivePipe, logged } from "./live-pipe.ts";
import { type IdForm, OrderStore, observerOptions, place, shadowOf } from "./targets.ts";

const rounds = 30;

/** Creates and lists orders, alternately; the primary has a store of its own. */
async function mirrored(
  form: IdForm,
  stores: "one" | "two",
): Promise<{ said: readonly string[]; told: string[]; run: string; written: number }> {
  const here = place();
  const [store, other] = [new OrderStore(form), new OrderStore(form)];
  const control = stores === "one" ? store : other;
  const told: string[] = [];
  const log: ObserverLog = { info: () => {}, warn: (event, fields) => void told.push(`${event} ${String(fields["problem"])}`) };
  const shadow = shadowOf(here, { candidate: await store.serve(), controls: [await control.serve()], mirror: { writes: true } });
  const live = new LivePipe(observerOptions(here, { shadow }), log);
  for (let round = 1; round <= rounds; round++) {
    live.exchange(2 * round, "POST /orders/tea HTTP/1.1\r\nHost: shop", `{"id":${round},"item":"tea"}`, `lane ${round}`);
    live.exchange(2 * round + 1, "GET /orders HTTP/1.1\r\nHost: shop", '{"orders":[]}', `lane ${round}`);
    await live.hears(/ mirror /, 2 * round);
  }
  await live.end();
  return { said: live.said, told, run: here.run, written: store.size };
}

async function reasonsOf(run: string): Promise<{ codes: string[]; observations: Observation[] }> {
  const entries = await logged(run);
  const observations = entries.flatMap((entry) => (entry.kind === "observation" ? [entry.observation] : []));
  return { codes: judge(entries).reasons.map(({ code }) => code), observations };
}

describe("a mirror of writes", () => {
  it.each(["sequential", "random"] as const)("stops when candidate and control have one store with %s ids", async (form) => {
    const { said, told, run, written } = await mirrored(form, "one");
    expect(told.filter((line) => line.startsWith("mirror.writes-stopped the targets share a state: "))).toHaveLength(1);
    const stopped = said.filter((word) => word.endsWith("mirror shared_state")).length;
    expect(stopped).toBeGreaterThan(0);
    expect(written).toBe(2 * (rounds - stopped));
    // Reads go on.
    expect(said).toContain(`${2 * rounds + 1} mirror done`);
    const { codes, observations } = await reasonsOf(run);
    expect(codes).toContain("targets-share-state");
    expect(observations.filter(({ notComparable }) => notComparable === "shared_state")).toHaveLength(stopped);
  });

  it("stops those that the order or a trial holds back, too", async () => {
    const here = place();
    const store = new OrderStore("sequential");
    let writtenAtStop = -1;
    const log: ObserverLog = {
      info: () => {},
      warn: (event) => {
        if (event === "mirror.writes-stopped") writtenAtStop = store.size;
      },
    };
    const shadow = shadowOf(here, { candidate: await store.serve(), controls: [await store.serve()], mirror: { writes: true } });
    const live = new LivePipe(observerOptions(here, { shadow }), log);
    // All at once, so that the shadow has them all when it is told to stop.
    const burst = 200;
    for (let n = 1; n <= burst; n++) live.exchange(n, "POST /orders/tea HTTP/1.1\r\nHost: shop", `{"id":${n}}`, `lane ${n}`);
    await live.hears(/ mirror /, burst);
    await live.end();
    expect(writtenAtStop).toBeGreaterThan(0);
    // The one whose turn it was may have been on its way.
    expect(store.size - writtenAtStop).toBeLessThanOrEqual(2);
    const stopped = live.said.filter((word) => word.endsWith("mirror shared_state")).length;
    expect(stopped).toBeGreaterThanOrEqual(burst - store.size);
    const { observations } = await reasonsOf(here.run);
    expect(observations.filter(({ notComparable }) => notComparable === "shared_state").length).toBeGreaterThanOrEqual(stopped);
  });

  it.each(["sequential", "random"] as const)("goes on when each has a store of its own with %s ids", async (form) => {
    const { said, told, run, written } = await mirrored(form, "two");
    expect(told).toEqual([]);
    expect(said.filter((word) => word.endsWith("mirror done"))).toHaveLength(2 * rounds);
    expect(written).toBe(rounds);
    expect((await reasonsOf(run)).codes).not.toContain("targets-share-state");
  });
});
