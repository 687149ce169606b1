import { describe, expect, it } from "vitest";
import { SharedState } from "../../diff/shared-state.ts";
import { systemClock } from "../../model/clock.ts";
import { epochMs } from "../../model/units.ts";
import { Shadow, type ShadowResult, type ShadowTarget } from "../../target/shadow.ts";
import { WriteTrials } from "../../target/write-trials.ts";
import { answered as fabricated } from "../diff/fabricate.ts";
import { OrderStore } from "../proxy/observer/targets.ts";
import { request, target } from "./servers.ts";

function shadow(candidate: ShadowTarget, controls: readonly ShadowTarget[], writeTrials: number): Shadow {
  return new Shadow({
    candidate,
    controls,
    writeTrials,
    order: "causal",
    writeScope: "segment",
    seed: 1,
    clock: systemClock,
    correlate: true,
    holdMs: 1000,
  });
}

/** Writes that overlap in production: nothing but the trials holds them back. */
async function overlappingWrites(through: Shadow, count: number): Promise<ShadowResult[]> {
  const results = Array.from({ length: count }, (_, index) =>
    through.submit({
      id: `w${index}`,
      lane: `${index}`,
      connection: null,
      startedAt: epochMs(index),
      request: request("POST", `/orders/${index}`),
    }),
  );
  for (let index = 0; index < count; index++) through.primaryFinished(`w${index}`, fabricated({ id: index }, 201), epochMs(count + index));
  return await Promise.all(results);
}

/** What the results of `overlappingWrites` say about a shared state. */
function judged(results: readonly ShadowResult[]): SharedState {
  const watch = new SharedState();
  results.forEach(({ candidate, controls, sentFirst }, index) => {
    const exchange = {
      id: `w${index}`,
      at: epochMs(index),
      lane: null,
      labels: {},
      request: request("POST", `/orders/${index}`),
      outcome: fabricated({ id: index }, 201),
    };
    watch.observe({ exchange, candidate, controls, ...(sentFirst === null ? {} : { sentFirst }) });
  });
  return watch;
}

describe("write trials", () => {
  it("let so many writes in alone, one after the other, and the rest together", async () => {
    const trials = new WriteTrials(2);
    const order: string[] = [];
    const enter = async (name: string): Promise<() => void> => {
      const turn = await trials.enter();
      order.push(`${name} ${turn.oneAtATime ? "alone" : "together"}`);
      return () => turn.leave(true);
    };
    const [first, second, third, fourth] = [enter("a"), enter("b"), enter("c"), enter("d")];
    (await first)();
    const leaveSecond = await second;
    expect(order).toEqual(["a alone", "b alone"]);
    expect(trials.isOver).toBe(false);
    leaveSecond();
    await Promise.all([third, fourth]);
    expect(order).toEqual(["a alone", "b alone", "c together", "d together"]);
    expect(trials.isOver).toBe(true);
  });

  it("let everybody go who waits when they are ended early", async () => {
    const trials = new WriteTrials(5);
    const first = await trials.enter();
    const waiting = [trials.enter(), trials.enter()];
    trials.end();
    first.leave(false);
    expect((await Promise.all(waiting)).map(({ oneAtATime }) => oneAtATime)).toEqual([false, false]);
    expect(trials.isOver).toBe(true);
  });

  it("take another write in place of one that was not answered", async () => {
    const trials = new WriteTrials(1);
    (await trials.enter()).leave(false);
    expect(trials.isOver).toBe(false);
    expect((await trials.enter()).oneAtATime).toBe(true);
  });
});

describe("the first writes of a shadow", () => {
  it("go to one target at a time, without another write between the two, in an order that is told", async () => {
    const log: string[] = [];
    let open = 0;
    const named = (name: string): ShadowTarget => ({
      name,
      send: async ({ target: path }) => {
        log.push(`${path} ${name}`);
        open += 1;
        expect(open).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return fabricated({}, 201);
      },
    });
    const results = await overlappingWrites(shadow(named("candidate"), [named("control")], 12), 12);
    const firsts = results.map(({ sentFirst }) => sentFirst);
    expect(new Set(firsts)).toEqual(new Set(["candidate", "control"]));
    const expected = firsts.flatMap((first, index) =>
      (first === "candidate" ? ["candidate", "control"] : ["control", "candidate"]).map((name) => `/orders/${index} ${name}`),
    );
    expect(log).toEqual(expected);
  });

  it("overlap as in production without a control, for reads, and once the trials are over", async () => {
    const candidate = target(await new OrderStore("sequential").serve());
    const alone = shadow(candidate, [], 20);
    await overlappingWrites(alone, 8);
    expect(alone.maxInFlight).toBe(8);
    const later = shadow(candidate, [target(await new OrderStore("sequential").serve())], 2);
    await overlappingWrites(later, 8);
    expect(later.maxInFlight).toBe(6);
  });

  it("is told of those that were alone only: counters that overlapping writes reach late at the second target accuse nobody", async () => {
    const asked = new Set<string>();
    const counting = (name: string): ShadowTarget => {
      let count = 0;
      return {
        name,
        send: async ({ target: path }) => {
          const isSecond = asked.has(path);
          asked.add(path);
          await new Promise((resolve) => (isSecond ? setTimeout(resolve, 5) : setImmediate(resolve)));
          count += 1;
          return fabricated({ id: count }, 201);
        },
      };
    };
    const results = await overlappingWrites(shadow(counting("candidate"), [counting("control")], 2), 200);
    expect(results.map(({ sentFirst }) => sentFirst !== null)).toEqual(results.map((_, index) => index < 2));
    expect(judged(results).found).toBeNull();
  });

  it.each([
    ["sequential", true],
    ["sequential", false],
    ["random", false],
  ] as const)("with %s ids show a store that two servers share (%s), and accuse no others", async (form, isShared) => {
    const store = new OrderStore(form);
    const other = isShared ? store : new OrderStore(form);
    const through = shadow(target(await store.serve()), [target(await other.serve())], 20);
    const results = await overlappingWrites(through, 200);
    expect(judged(results).found !== null).toBe(isShared);
    expect(store.size).toBe(isShared ? 400 : 200);
  });
});
