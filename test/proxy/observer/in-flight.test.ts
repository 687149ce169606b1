/** The bound of what is under way at the targets, with real ones. */

import { describe, expect, it } from "vitest";
import { InFlight } from "../../../proxy/observer/in-flight.ts";
import { httpServer } from "../../target/servers.ts";
import { LivePipe, logged } from "./live-pipe.ts";
import { answering, json, observerOptions, place, shadowOf } from "./targets.ts";

describe("places under way", () => {
  it("go to a probe when a copy leaves, and to a copy when a probe does", async () => {
    const told: string[] = [];
    const places: InFlight = new InFlight(1, () => {
      if (!places.hasRoom) return;
      told.push("copy");
      places.enter();
    });
    const ends: (() => void)[] = [];
    const probe = (name: string): Promise<void> =>
      places.probing(() => {
        told.push(name);
        return new Promise((resolve) => void ends.push(resolve));
      });
    places.enter();
    const probes = [probe("first"), probe("second")];
    expect([told, places.hasRoom]).toEqual([[], false]);
    places.leave();
    await Promise.resolve();
    ends[0]?.();
    await probes[0];
    expect(told).toEqual(["first", "copy"]);
    places.leave();
    await Promise.resolve();
    ends[1]?.();
    await probes[1];
    expect(told).toEqual(["first", "copy", "second", "copy"]);
  });

  it("come back from a probe that failed", async () => {
    const places = new InFlight(1, () => {});
    await expect(places.probing(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(places.hasRoom).toBe(true);
  });
});

describe("a mirror with three requests in flight", () => {
  const mirror = { maxInFlight: 3 };
  const copies = 40;

  it("has no more than three at a target, probes of what differed included", async () => {
    const here = place();
    let [open, most, asked] = [0, 0, 0];
    const candidate = await httpServer((_request, response) => {
      asked += 1;
      most = Math.max(most, ++open);
      setImmediate(() => {
        open -= 1;
        json(response, 200, { build: "new" });
      });
    });
    const live = new LivePipe(
      observerOptions(here, { shadow: shadowOf(here, { candidate, controls: [await answering({ build: "old" })], mirror }) }),
    );
    for (let n = 1; n <= copies; n++) live.exchange(n, `GET /items${n}x HTTP/1.1\r\nHost: shop`, '{"build":"old"}', `lane ${n}`);
    await live.hears(/ mirror done/, copies);
    await live.end();
    const probes = (await logged(here.run)).filter(({ kind }) => kind === "probe");
    expect(probes.length).toBeGreaterThan(0);
    expect(asked).toBe(copies + 9 * probes.length);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("asks a target that never answers no more often than its breaker lets it, probes included", async () => {
    const here = place();
    let asked = 0;
    const candidate = await httpServer(() => {
      asked += 1;
    });
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate, timeoutMs: 200, mirror }) }));
    for (let n = 1; n <= copies; n++) live.exchange(n, `GET /items${n}x HTTP/1.1\r\nHost: shop`, "{}", `lane ${n}`);
    await live.hears(/ mirror /, copies);
    await live.end();
    // Five failures open the breaker, and two more requests were under way then, whether of copies or of probes.
    expect(asked).toBeLessThanOrEqual(5 + 2);
  });
});

describe("a target that gave no answer twice in a row", () => {
  it("is not probed for the second one", async () => {
    const here = place();
    let asked = 0;
    const candidate = await httpServer(() => {
      asked += 1;
    });
    const live = new LivePipe(observerOptions(here, { shadow: shadowOf(here, { candidate, timeoutMs: 200 }) }));
    for (const n of [1, 2]) live.exchange(n, `GET /items${n}x HTTP/1.1\r\nHost: shop`, "{}", `lane ${n}`);
    await live.hears(/ mirror /, 2);
    await live.end();
    // The first one's probe may begin before it is known that the second one fails: four sends at once. It is given up then.
    expect(asked).toBeLessThanOrEqual(2 + 4);
    expect((await logged(here.run)).filter(({ kind }) => kind === "probe")).toEqual([]);
  });
});
