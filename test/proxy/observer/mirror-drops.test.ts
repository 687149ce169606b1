/** Every reason for which a whole copy is not mirrored, made to occur with real targets. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../model/clock.ts";
import { milliseconds } from "../../../model/units.ts";
import { type MirrorDropReason, mirrorDropReasons } from "../../../proxy/handover/reasons.ts";
import { LoopGuard } from "../../../target/loop-guard.ts";
import { closedAddress } from "../../target/servers.ts";
import { LivePipe, logged, quiet } from "./live-pipe.ts";
import { answering, OrderStore, observerOptions, place, shadowOf, silent } from "./targets.ts";

/** Those that the observer's memory bound or death bring about, and those that are kept for their place in the list only. */
const seenElsewhere: readonly MirrorDropReason[] = ["observer_budget", "observer_lost"];
const notInUse: readonly MirrorDropReason[] = ["no_credentials", "client_abort", "primary_abort"];

/** Each makes its reason occur and returns what the observer said. */
const scenes: Readonly<Partial<Record<MirrorDropReason, () => Promise<readonly string[]>>>> = {
  async off() {
    const live = new LivePipe(observerOptions(place()));
    live.exchange(1, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async write_not_allowed() {
    const here = place();
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await answering({}) }) }));
    live.exchange(1, "POST /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async denied() {
    const here = place();
    const shadow = shadowOf(here, { candidate: await answering({}), mirror: { deny: ["/logout"] } });
    const live = new LivePipe(observerOptions(here, { shadow }));
    live.exchange(1, "GET http://shop//%4cogout?all HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async loop() {
    const here = place();
    const replica = new LoopGuard(here.key, "e2");
    const shadow = shadowOf(here, { candidate: await answering({}), mirror: { writes: true } });
    const live = new LivePipe(observerOptions(here, { shadow, record: join(here.directory, "recording") }));
    live.exchange(1, `POST /items HTTP/1.1\r\nHost: shop\r\nX-Penumbra: ${replica.token}`, "{}");
    const said = await saidBy(live);
    expect(said).toContain("1 record loop");
    return said;
  },
  async capped() {
    const here = place();
    const shadow = shadowOf(here, { candidate: await answering({}), mirror: { writes: true } });
    const live = new LivePipe(observerOptions(here, { shadow, bodyCap: 10 }));
    live.request(1, "PUT /items/1 HTTP/1.1\r\nHost: shop\r\nContent-Length: 20", "x".repeat(20));
    live.answer(1, "{}");
    return await saidBy(live);
  },
  async breaker_open() {
    const here = place();
    const shadow = shadowOf(here, { candidate: await closedAddress(), controls: [await closedAddress()] });
    const live = new LivePipe(observerOptions(here, { shadow }));
    const failuresInARow = 5;
    for (let sequence = 2; sequence < 2 + failuresInARow; sequence++) {
      live.exchange(sequence, "GET /items HTTP/1.1\r\nHost: shop", "{}");
      await live.hears(/mirror done/, sequence - 1);
    }
    live.exchange(1, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async queue_full() {
    const here = place();
    const mirror = { maxInFlight: 1, maxQueueItems: 1 };
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await silent(), timeoutMs: 100, mirror }) }));
    for (const sequence of [3, 2, 1]) live.exchange(sequence, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async stale() {
    const here = place();
    const mirror = { maxInFlight: 1, staleAfterMs: 20 };
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await silent(), timeoutMs: 100, mirror }) }));
    for (const sequence of [2, 1]) live.exchange(sequence, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async mirror_error() {
    const here = place();
    writeFileSync(here.run, "no directory");
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await answering({}) }) }), quiet);
    live.exchange(1, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async shutdown() {
    const here = place();
    const shadow = shadowOf(here, { candidate: await silent(), timeoutMs: 10_000 });
    // The time that what is under way gets at the end, without waiting for it.
    const patient = 15_000;
    const hasty: Clock = {
      ...systemClock,
      after: (delay, callback, options) => systemClock.after(delay >= patient ? milliseconds(1) : delay, callback, options),
    };
    const live = new LivePipe(observerOptions(here, { shadow }), quiet, hasty);
    live.exchange(1, "GET /items HTTP/1.1\r\nHost: shop", "{}");
    return await saidBy(live);
  },
  async shared_state() {
    const here = place();
    const store = new OrderStore("sequential");
    const shadow = shadowOf(here, { candidate: await store.serve(), controls: [await store.serve()], mirror: { writes: true } });
    const live = new LivePipe(observerOptions(here, { shadow }));
    const enough = 20;
    for (let sequence = 2; sequence < 2 + enough; sequence++) {
      live.exchange(sequence, "POST /orders/tea HTTP/1.1\r\nHost: shop", `{"id":${sequence}}`);
      await live.hears(/ mirror /, sequence - 1);
    }
    live.exchange(1, "POST /orders/tea HTTP/1.1\r\nHost: shop", '{"id":1}');
    return await saidBy(live);
  },
};

async function saidBy(live: LivePipe): Promise<readonly string[]> {
  await live.end();
  return live.said;
}

describe("a whole copy that is not mirrored", () => {
  it.each(Object.entries(scenes))("is disposed of once as %s", async (reason, play) => {
    const said = await play();
    expect(said.filter((word) => word.startsWith("1 mirror"))).toEqual([`1 mirror ${reason}`]);
  });

  it("has a reason of the list, each of which occurs here or is known not to", () => {
    expect([...Object.keys(scenes), ...seenElsewhere, ...notInUse].toSorted()).toEqual([...mirrorDropReasons].toSorted());
  });

  it("leaves an observation with the reason, so that the run's totals hold it", async () => {
    const here = place();
    const replica = new LoopGuard(here.key, "e2");
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate: await answering({}) }) }));
    live.exchange(1, `GET /items HTTP/1.1\r\nHost: shop\r\nx-penumbra: ${replica.token}`, "{}");
    live.exchange(2, "GET /items HTTP/1.1\r\nHost: shop\r\nx-penumbra: of-a-client", "{}");
    await live.end();
    const observed = (await logged(here.run)).flatMap((entry) => (entry.kind === "observation" ? [entry.observation] : []));
    expect(observed.map(({ exchange, candidate, notComparable }) => [exchange.id, candidate === null, notComparable])).toEqual([
      ["e1-1", true, "loop"],
      ["e1-2", false, undefined],
    ]);
  });
});
