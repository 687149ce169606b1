import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../model/clock.ts";
import { type HttpRequest, type Outcome } from "../../model/exchange.ts";
import { seededRandom } from "../../model/random.ts";
import { epochMs, milliseconds, monotonicMs } from "../../model/units.ts";
import { Shadow, type ShadowOptions, type ShadowResult, type ShadowTarget, type Submission } from "../../target/shadow.ts";
import { bodyText, jsonRequest, request, statusOf, target } from "./servers.ts";
import { type Recorded, recordSessions, shop } from "./shop.ts";

function shadow(candidate: ShadowTarget, controls: readonly ShadowTarget[], options: Partial<ShadowOptions> = {}): Shadow {
  return new Shadow({
    candidate,
    controls,
    order: "causal",
    writeScope: "segment",
    seed: 1,
    clock: systemClock,
    correlate: true,
    holdMs: 1000,
    ...options,
  });
}

function answered(status: number, value: unknown = {}): Outcome {
  const body = { kind: "whole", bytes: Buffer.from(JSON.stringify(value)) } as const;
  const headers: [string, string][] = [["Content-Type", "application/json"]];
  return { kind: "answered", answer: { status, reason: "", headers, body }, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
}

const noOutcome: Outcome = { kind: "skipped", tookMs: milliseconds(0) };

/** A target whose answers are given by hand. */
class Manual implements ShadowTarget {
  readonly name = "manual";
  readonly open = new Map<string, (outcome: Outcome) => void>();
  readonly sent: string[] = [];

  send(asked: HttpRequest): Promise<Outcome> {
    this.sent.push(asked.target);
    return new Promise((resolve) => {
      this.open.set(asked.target, resolve);
    });
  }

  answer(path: string, outcome: Outcome = answered(200)): void {
    this.open.get(path)?.(outcome);
  }
}

/** A target that answers each request by a function. */
function simple(answer: (asked: HttpRequest) => Outcome): ShadowTarget {
  return { name: "simple", send: (asked) => Promise.resolve(answer(asked)) };
}

/** Everything that is ready to run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

class ManualClock implements Clock {
  time = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now(): ReturnType<Clock["now"]> {
    return epochMs(this.time);
  }

  monotonic(): ReturnType<Clock["monotonic"]> {
    return monotonicMs(this.time);
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.time + delay, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async advance(by: number): Promise<void> {
    this.time += by;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.time)) {
      this.#timers.delete(timer);
      timer.callback();
    }
    await settled();
  }
}

interface Asked extends Partial<Omit<Submission, "startedAt" | "request">> {
  readonly method?: string;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly body?: unknown;
  readonly outcome?: Outcome;
}

function ask(to: Shadow, { method = "GET", path, from, to: end, body, outcome = answered(200), ...rest }: Asked): Promise<ShadowResult> {
  const id = rest.id ?? path;
  const asked = body === undefined ? request(method, path) : jsonRequest(method, path, body);
  const result = to.submit({ lane: null, connection: null, ...rest, id, startedAt: epochMs(from), request: asked });
  to.primaryFinished(id, outcome, epochMs(end));
  return result;
}

async function replay(recorded: readonly Recorded[], through: Shadow): Promise<ShadowResult[]> {
  return await Promise.all(
    recorded.map(({ id, lane, startedAt, endedAt, request: asked, outcome }) => {
      const result = through.submit({ id, lane, connection: null, startedAt, request: asked });
      through.primaryFinished(id, outcome, endedAt);
      return result;
    }),
  );
}

describe("a request goes out", () => {
  it("at once, to all targets, when nothing comes before it", async () => {
    const [candidate, control] = [new Manual(), new Manual()];
    const through = shadow(candidate, [control]);
    let released = false;
    const result = ask(through, { path: "/a", from: 0, to: 1, onRelease: () => (released = true) });
    expect([candidate.sent, control.sent, released, through.inFlight]).toEqual([["/a"], ["/a"], true, 1]);
    candidate.answer("/a", answered(201));
    control.answer("/a", answered(202));
    const { candidate: trial, controls } = await result;
    expect([trial, ...controls].map(({ outcome }) => statusOf(outcome))).toEqual([201, 202]);
    await through.idle();
    expect([through.inFlight, through.maxInFlight, through.held, through.orderViolations]).toEqual([0, 1, 0, 0]);
  });

  it("to candidate and control first about equally often", () => {
    let candidateFirst = 0;
    for (let i = 0; i < 200; i++) {
      const sent: string[] = [];
      const named = (name: string): ShadowTarget => ({ name, send: () => (sent.push(name), Promise.resolve(answered(200))) });
      void ask(shadow(named("candidate"), [named("control")]), { id: `exchange ${i}`, path: "/", from: 0, to: 1 });
      if (sent[0] === "candidate") candidateFirst += 1;
    }
    expect(candidateFirst).toBeGreaterThan(60);
    expect(candidateFirst).toBeLessThan(140);
  });

  it("only after its predecessor was answered by every target", async () => {
    const [candidate, control] = [new Manual(), new Manual()];
    const through = shadow(candidate, [control]);
    void ask(through, { path: "/a", from: 0, to: 1, lane: "x" });
    void ask(through, { path: "/b", from: 2, to: 3, lane: "x" });
    await settled();
    candidate.answer("/a");
    await settled();
    expect([candidate.sent, through.held]).toEqual([["/a"], 1]);
    control.answer("/a");
    await settled();
    expect([candidate.sent, control.sent, through.held]).toEqual([["/a", "/b"], ["/a", "/b"], 0]);
  });

  it("together with all that overlapped it, in one lane or another", async () => {
    const count = 20;
    let arrived = 0;
    const together = Promise.withResolvers<void>();
    const barrier: ShadowTarget = {
      name: "barrier",
      send: async () => {
        arrived += 1;
        if (arrived === count) together.resolve();
        await together.promise;
        return answered(200);
      },
    };
    const through = shadow(barrier, []);
    // Would hang if any of them waited for another.
    const results = Array.from({ length: count }, (_, index) =>
      ask(through, { path: `/comments/${index}`, method: index % 2 === 0 ? "GET" : "PUT", from: index, to: 100, lane: `${index % 3}` }),
    );
    await Promise.all(results);
    expect(through.maxInFlight).toBe(count);
  });

  it("live also when the primary answers after the targets, which holds back nobody else", async () => {
    const candidate = new Manual();
    const through = shadow(candidate, []);
    const a = through.submit({ id: "a", lane: "x", connection: null, startedAt: epochMs(0), request: request("POST", "/comments") });
    candidate.answer("/comments", answered(201, { id: "RCgs9u4cTCI" }));
    await a;
    // Its recorded answer has not ended: the next one of the lane overlaps it.
    await settled();
    void through.submit({ id: "b", lane: "x", connection: null, startedAt: epochMs(1), request: request("GET", "/comments/1") });
    expect(candidate.sent).toEqual(["/comments", "/comments/1"]);
    through.primaryFinished("a", answered(201, { id: 15 }), epochMs(5));
    void through.submit({ id: "c", lane: "x", connection: null, startedAt: epochMs(6), request: request("GET", "/comments/15") });
    expect(candidate.sent.at(-1)).toBe("/comments/RCgs9u4cTCI");
  });

  it("when the recorded answer was announced before it was submitted, too", async () => {
    const through = shadow(
      simple(() => answered(201, { id: "RCgs9u4cTCI" })),
      [],
    );
    through.primaryFinished("a", answered(201, { id: 15 }), epochMs(1));
    await through.submit({ id: "a", lane: null, connection: null, startedAt: epochMs(0), request: request("POST", "/comments") });
    expect((await ask(through, { path: "/comments/15", from: 2, to: 3 })).candidate.sentTarget).toBe("/comments/RCgs9u4cTCI");
  });

  it("not before its related ones were answered, for any traffic and any latencies", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      let step = 0;
      const spans = new Map<string, { sent: number; answered: number }[]>();
      const slow = (name: string): ShadowTarget => ({
        name,
        send: async ({ target: path }) => {
          const span = { sent: step++, answered: Number.POSITIVE_INFINITY };
          spans.set(path, [...(spans.get(path) ?? []), span]);
          for (let turns = random.below(6); turns > 0; turns--) await settled();
          span.answered = step++;
          return answered(200);
        },
      });
      const through = shadow(slow("candidate"), [slow("control")]);
      const plan = Array.from({ length: 60 }, (_, index) => {
        const from = random.below(100);
        const unsafe = random.below(4) === 0;
        return {
          path: `/${["posts", "users", "tags"][random.below(3)]}/${index}`,
          from,
          to: from + random.below(15),
          lane: `${random.below(4)}`,
          method: unsafe ? "PUT" : "GET",
        };
      }).sort((a, b) => a.from - b.from);
      const results: Promise<ShadowResult>[] = [];
      for (const entry of plan) {
        results.push(ask(through, entry));
        if (random.below(3) === 0) await settled();
      }
      await Promise.all(results);

      expect(through.orderViolations).toBe(0);
      for (const b of plan) {
        for (const a of plan) {
          const sameScope = a.path.split("/")[1] === b.path.split("/")[1];
          if (a.to > b.from || a === b || plan.indexOf(a) > plan.indexOf(b)) continue;
          if (a.lane !== b.lane && !(sameScope && (a.method === "PUT" || b.method === "PUT"))) continue;
          const lastAnswer = Math.max(...(spans.get(a.path) ?? []).map((span) => span.answered));
          const firstSend = Math.min(...(spans.get(b.path) ?? []).map((span) => span.sent));
          expect(firstSend, `${b.path} after ${a.path}`).toBeGreaterThan(lastAnswer);
        }
      }
    }
  });
});

describe("with a clock of its own, a request", () => {
  it("keeps the recorded pause after its predecessor, divided by the speed", async () => {
    const [clock, candidate] = [new ManualClock(), new Manual()];
    const through = shadow(candidate, [], { clock });
    void ask(through, { path: "/a", from: 0, to: 10, lane: "x" });
    clock.time = 30;
    const b = ask(through, { path: "/b", from: 90, to: 99, lane: "x", thinkSpeed: 2 });
    // Due 40 after the predecessor's end: which came 40 late, so that half of the pause is kept.
    candidate.answer("/a");
    await settled();
    await clock.advance(19);
    expect(candidate.sent).toEqual(["/a"]);
    await clock.advance(2);
    expect(candidate.sent).toEqual(["/a", "/b"]);
    candidate.answer("/b");
    expect(await b).toMatchObject({ releasedAt: 51, sentAt: 51 });
  });

  it("waits for a value whose producer was still answering, but not for ever", async () => {
    for (const [answersIn, sent] of [
      [false, "/comments/15"],
      [true, "/comments/RCgs9u4cTCI"],
    ] as const) {
      const [clock, candidate] = [new ManualClock(), new Manual()];
      const through = shadow(candidate, [], { clock, holdMs: 100 });
      void ask(through, { method: "POST", path: "/comments", from: 0, to: 50, outcome: answered(201, { id: 15 }) });
      void ask(through, { path: "/comments/15", from: 40, to: 60 });
      await clock.advance(99);
      expect(candidate.sent).toEqual(["/comments"]);
      if (answersIn) candidate.answer("/comments", answered(201, { id: "RCgs9u4cTCI" }));
      await clock.advance(1);
      expect(candidate.sent).toEqual(["/comments", sent]);
    }
  });
});

describe("a request that its predecessors hold up", () => {
  it("is skipped as stale beyond the bound, and what waits for it goes on", async () => {
    const [clock, candidate] = [new ManualClock(), new Manual()];
    const through = shadow(candidate, [], { clock, longestHoldMs: 100 });
    void ask(through, { path: "/a", from: 0, to: 10, lane: "x" });
    const b = ask(through, { path: "/b", from: 20, to: 30, lane: "x" });
    await clock.advance(50);
    expect(through.held).toBe(1);
    await clock.advance(51);
    expect((await b).candidate.outcome).toMatchObject({ kind: "skipped", detail: "stale" });
    const c = ask(through, { path: "/c", from: 110, to: 120, lane: "x" });
    candidate.answer("/a");
    await settled();
    expect(candidate.sent).toEqual(["/a", "/c"]);
    candidate.answer("/c");
    expect((await c).candidate.outcome.kind).toBe("answered");
    expect([through.held, through.orderViolations]).toEqual([0, 0]);
  });
});

describe("every target", () => {
  it("keeps 50 interleaved sessions alive, with ids and cookies of its own", async () => {
    const recorded = await recordSessions(target(await shop("sequential", 1)), 50);
    const through = shadow(target(await shop("random", 2)), [target(await shop("sequential", 3))]);
    const results = await replay(recorded, through);
    const wanted = recorded.map(({ outcome }) => statusOf(outcome));
    expect(new Set(wanted)).toEqual(new Set([200, 201, 404]));
    expect(results.map(({ candidate }) => statusOf(candidate.outcome))).toEqual(wanted);
    expect(results.map(({ controls }) => controls.map(({ outcome }) => statusOf(outcome)))).toEqual(wanted.map((status) => [status]));
    expect(results.filter(({ correlationMiss }) => correlationMiss)).toEqual([]);
    expect(through.orderViolations).toBe(0);
    const reads = recorded.flatMap(({ request: asked, outcome }, index) =>
      asked.method === "GET" && statusOf(outcome) === 200 ? [index] : [],
    );
    const texts = reads.map((index) => bodyText(results[index]?.candidate.outcome ?? noOutcome));
    expect(texts).toEqual(reads.map((index) => bodyText(recorded[index]?.outcome ?? noOutcome)));
  });

  it("loses its sessions when nothing is correlated", async () => {
    const recorded = await recordSessions(target(await shop("sequential", 1)), 5);
    const through = shadow(target(await shop("random", 2)), [target(await shop("sequential", 3))], { correlate: false });
    const results = await replay(recorded, through);
    expect(results.filter(({ candidate }) => statusOf(candidate.outcome) === 401).length).toBe(5 * 6);
  });

  it("gets the other's id where two writers came in another order", async () => {
    let last = 14;
    const control = simple(({ method }) => (method === "POST" ? answered(201, { id: ++last }) : answered(200)));
    const through = shadow(
      simple(() => answered(200)),
      [control],
    );
    // Sent second first: the control gives 15 to what production called 16.
    await ask(through, { id: "two", method: "POST", path: "/comments", lane: "2", from: 1, to: 5, outcome: answered(201, { id: 16 }) });
    await ask(through, { id: "one", method: "POST", path: "/comments", lane: "1", from: 0, to: 5, outcome: answered(201, { id: 15 }) });
    const read = async (id: number): Promise<string | undefined> =>
      (await ask(through, { path: `/comments/${id}`, from: 6, to: 7 })).controls[0]?.sentTarget;
    expect([await read(15), await read(16)]).toEqual(["/comments/16", "/comments/15"]);
  });

  it("gets the id of the newest item where an id is given again", async () => {
    const ids = ["RCgs9u4cTCI", "Xw03kd8f1sA"];
    const through = shadow(
      simple(({ method }) => (method === "POST" ? answered(201, { id: ids.shift() }) : answered(200))),
      [],
    );
    const post = (id: string, from: number): Promise<ShadowResult> =>
      ask(through, { id, method: "POST", path: "/todos", body: {}, from, to: from + 1, lane: "a", outcome: answered(201, { id: 5 }) });
    const read = async (from: number): Promise<string | undefined> =>
      (await ask(through, { path: "/todos/5", id: `read ${from}`, from, to: from + 1, lane: "a" })).candidate.sentTarget;
    await post("first", 0);
    expect(await read(2)).toBe("/todos/RCgs9u4cTCI");
    await ask(through, { method: "DELETE", path: "/todos/5", from: 4, to: 5, lane: "a" });
    await post("second", 6);
    expect(await read(8)).toBe("/todos/Xw03kd8f1sA");
  });

  it("that failed to create what production created makes later uses a miss", async () => {
    const through = shadow(
      simple(({ method }) => answered(method === "POST" ? 500 : 404)),
      [simple(() => answered(201, { id: 15 }))],
    );
    await ask(through, { method: "POST", path: "/comments", from: 0, to: 1, outcome: answered(201, { id: 15 }) });
    expect((await ask(through, { path: "/comments/15", from: 2, to: 3 })).correlationMiss).toBe(true);
    expect((await ask(through, { path: "/comments/14", from: 2, to: 3 })).correlationMiss).toBe(false);
  });
});

describe("a target that is away", () => {
  const refused: Outcome = { kind: "refused", tookMs: milliseconds(1) };

  it("is left alone after five failures, while the other goes on", async () => {
    let asked = 0;
    const away: ShadowTarget = { name: "away", send: () => ((asked += 1), Promise.resolve(refused)) };
    const through = shadow(away, [simple(() => answered(200))]);
    const kinds: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { candidate, controls } = await ask(through, { path: `/${i}`, from: i, to: i + 1 });
      kinds.push(
        `${candidate.outcome.kind === "skipped" ? candidate.outcome.detail : candidate.outcome.kind} ${controls.map(({ outcome }) => statusOf(outcome)).join()}`,
      );
    }
    expect(kinds).toEqual([...Array(5).fill("refused 200"), ...Array(3).fill("breaker_open 200")]);
    expect(asked).toBe(5);
  });

  it("for one write leaves a gap in its scope, for all lanes, until the state is reset", async () => {
    const flaky = simple(({ method }) => (method === "POST" ? refused : answered(200)));
    const through = shadow(flaky, [simple(() => answered(200))]);
    const gap = async (path: string, from: number, method = "GET"): Promise<boolean> =>
      (await ask(through, { id: `${path} ${from}`, path, method, from, to: from + 1, lane: `${from}` })).afterGap;
    expect([await gap("/comments", 0), await gap("/comments", 2, "POST"), await gap("/comments/1", 4), await gap("/posts", 6)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(through.divergedScopes).toEqual(["comments"]);
    through.reset();
    expect(await gap("/comments/1", 8)).toBe(false);
  });
});

describe("a probe", () => {
  it("sends a safe request so many times to control and candidate, in their own words, at most four at once", async () => {
    let [open, most] = [0, 0];
    const order: string[] = [];
    const named = (name: string, id: string): ShadowTarget => ({
      name,
      send: async ({ method, target: path }) => {
        order.push(`${name} ${path}`);
        most = Math.max(most, ++open);
        await settled();
        open -= 1;
        return method === "POST" ? answered(201, { id }) : answered(name === "candidate" ? 200 : 201);
      },
    });
    const through = shadow(named("candidate", "RCgs9u4cTCI"), [named("control", "Xw03kd8f1sA"), named("second control", "x")]);
    await ask(through, { method: "POST", path: "/comments", from: 0, to: 1, outcome: answered(201, { id: 15 }) });
    order.length = 0;
    most = 0;
    const { candidate, control } = await through.probe("p", request("GET", "/comments/15"), 9);
    expect([candidate.map(statusOf), control.map(statusOf)]).toEqual([Array(9).fill(200), Array(9).fill(201)]);
    expect(order.toSorted()).toEqual([
      ...Array(9).fill("candidate /comments/RCgs9u4cTCI"),
      ...Array(9).fill("control /comments/Xw03kd8f1sA"),
    ]);
    expect(order.slice(0, 9)).toContain("control /comments/Xw03kd8f1sA");
    expect(order.slice(0, 9)).toContain("candidate /comments/RCgs9u4cTCI");
    expect(most).toBe(4);
  });

  it("sends no unsafe request", async () => {
    const candidate = new Manual();
    expect(await shadow(candidate, [new Manual()]).probe("p", request("POST", "/comments"), 9)).toEqual({
      candidate: [],
      control: [],
      putIn: [],
    });
    expect(candidate.sent).toEqual([]);
  });
});

describe("a stop of writes", () => {
  it("skips writes that wait for predecessors or their turn, those that come later, and the second half of a trial", async () => {
    const [candidate, control] = [new Manual(), new Manual()];
    const through = shadow(candidate, [control], { writeTrials: 2 });
    const results = [
      ask(through, { method: "POST", path: "/a", from: 0, to: 1 }),
      ask(through, { method: "POST", path: "/b", from: 0, to: 1 }),
      ask(through, { method: "PUT", path: "/a", id: "after a", from: 2, to: 3 }),
      ask(through, { path: "/a", id: "read after a", from: 4, to: 5 }),
    ];
    await settled();
    const [first, second] = candidate.sent.length > 0 ? [candidate, control] : [control, candidate];
    expect([first.sent, second.sent]).toEqual([["/a"], []]);
    through.stopWrites("shared_state");
    results.push(ask(through, { method: "DELETE", path: "/c", from: 6, to: 7 }));
    first.answer("/a");
    await settled();
    // Reads go on, once what was before them is done.
    expect([first.sent, second.sent]).toEqual([["/a", "/a"], ["/a"]]);
    first.answer("/a");
    second.answer("/a");
    const ends = (await Promise.all(results)).map((result) => [result.candidate, ...result.controls].map(({ outcome }) => outcome));
    const stopped = { kind: "skipped", detail: "shared_state" };
    expect(ends[0]?.map(({ kind }) => kind).toSorted()).toEqual(["answered", "skipped"]);
    for (const index of [1, 2, 4]) expect(ends[index]).toMatchObject([stopped, stopped]);
    expect(ends[3]?.map(statusOf)).toEqual([200, 200]);
    expect([through.held, through.orderViolations]).toEqual([0, 0]);
  });
});

describe("an end that comes early", () => {
  it("skips what waits and what is under way, and what comes later", async () => {
    const candidate = new Manual();
    const through = shadow(candidate, [new Manual()]);
    const results = [ask(through, { path: "/a", from: 0, to: 1, lane: "x" }), ask(through, { path: "/b", from: 2, to: 3, lane: "x" })];
    await settled();
    through.abort();
    results.push(ask(through, { path: "/c", from: 4, to: 5, lane: "x" }));
    for (const { candidate: trial, controls } of await Promise.all(results)) {
      expect([trial, ...controls].map(({ outcome }) => outcome)).toEqual(
        [trial, ...controls].map(() => ({ kind: "skipped", tookMs: 0, detail: "interrupted" })),
      );
    }
    await through.idle();
    expect([candidate.sent, through.inFlight, through.held]).toEqual([["/a"], 0, 0]);
  });
});
