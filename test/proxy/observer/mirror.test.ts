import { describe, expect, it } from "vitest";
import type { Clock } from "../../../model/clock.ts";
import { type Body, type Exchange, type HttpRequest, noBody, type Outcome } from "../../../model/exchange.ts";
import type { Observation, RunEntry } from "../../../model/observation.ts";
import { epochMs, milliseconds, monotonicMs } from "../../../model/units.ts";
import type { CapturedRequest } from "../../../proxy/observer/intake.ts";
import { defaultMirrorSettings, Mirror, type MirrorSettings, type MirrorShadow } from "../../../proxy/observer/mirror.ts";
import { ProbeBudget } from "../../../proxy/observer/probe-budget.ts";
import type { ShadowResult } from "../../../target/shadow.ts";
import { ShadowLog } from "../../../target/shadow-log.ts";

const tookMs = milliseconds(1);
const ok: Outcome = { kind: "answered", answer: { status: 200, reason: "OK", headers: [], body: noBody }, firstByteMs: tookMs, tookMs };
const result: ShadowResult = {
  candidate: { outcome: ok },
  controls: [{ outcome: ok }],
  putIn: [],
  afterGap: false,
  correlationMiss: false,
  sentFirst: null,
  releasedAt: monotonicMs(0),
  sentAt: monotonicMs(0),
  underWay: 1,
};

interface Bench {
  readonly mirror: Mirror;
  readonly dispositions: [number, string][];
  readonly observations: Observation[];
  readonly submitted: string[];
  readonly finished: string[];
  /** The targets answer. */
  answer(id: string, answered?: ShadowResult): Promise<void>;
  now: number;
  failWriting: boolean;
}

function bench(settings: Partial<MirrorSettings> = {}): Bench {
  const answers = new Map<string, (answered: ShadowResult) => void>();
  const shadow: MirrorShadow = {
    submit: ({ id }) =>
      new Promise((resolve) => {
        made.submitted.push(id);
        answers.set(id, resolve);
      }),
    primaryFinished: (id) => {
      made.finished.push(id);
    },
  };
  const clock: Clock = { now: () => epochMs(made.now), monotonic: () => monotonicMs(made.now), after: () => () => {} };
  const append = (entry: RunEntry): void => {
    if (made.failWriting) throw new Error("disk");
    if (entry.kind === "observation") made.observations.push(entry.observation);
  };
  const log = new ShadowLog({
    sink: { append },
    redaction: { exchange: (exchange) => exchange, outcome: (_request, outcome) => outcome, target: (target) => target },
    exchangesAreRedacted: false,
    comparison: { observe: () => ({ differs: false, probe: false }) },
    probe: async () => null,
  });
  const dispositions: [number, string][] = [];
  const mirror = new Mirror({
    shadow,
    log,
    settings: { ...defaultMirrorSettings, ...settings },
    guard: { recognises: () => false },
    credentials: { areWithheldFrom: () => false },
    clock,
    dispose: (sequence, word) => dispositions.push([sequence, word]),
    onError: () => {},
  });
  const made: Bench = {
    mirror,
    dispositions,
    observations: [],
    submitted: [],
    finished: [],
    answer: async (id, answered = result) => {
      answers.get(id)?.(answered);
      await new Promise(setImmediate);
    },
    now: 1000,
    failWriting: false,
  };
  return made;
}

function captured(sequence: number, overrides: Partial<HttpRequest> = {}, at = 1000): CapturedRequest {
  const request: HttpRequest = { method: "GET", target: "/a", version: "1.1", headers: [], body: noBody, ...overrides };
  return { sequence, id: `x${sequence}`, at: epochMs(at), lane: null, connection: "c", labels: {}, request, inclusion: 1 };
}

function exchangeOf({ id, at, lane, labels, request }: CapturedRequest, outcome: Outcome = ok): Exchange {
  return { id, at, lane, labels, request, outcome };
}

function whole(size: number): Body {
  return { kind: "whole", bytes: new Uint8Array(size) };
}

function complete(made: Bench, copy: CapturedRequest, outcome: Outcome = ok): void {
  made.mirror.exchangeComplete({ sequence: copy.sequence, exchange: exchangeOf(copy, outcome), endedAt: epochMs(1001) });
}

describe("Mirror", () => {
  it("sends at the end of the request, and observes when both sides are known, whichever comes first", async () => {
    const made = bench();
    const [first, second] = [captured(1), captured(2)];
    made.mirror.requestComplete(first);
    made.mirror.requestComplete(second);
    expect(made.submitted).toEqual(["x1", "x2"]);
    complete(made, first);
    expect(made.observations).toEqual([]);
    await made.answer("x2");
    await made.answer("x1");
    complete(made, second);
    expect(made.observations.map(({ exchange }) => exchange.id)).toEqual(["x1", "x2"]);
    expect(made.finished).toEqual(["x1", "x2"]);
    expect(made.dispositions).toEqual([
      [1, "done"],
      [2, "done"],
    ]);
    expect(made.mirror.pending).toBe(0);
  });

  it.each([
    { title: "a write", request: { method: "POST" }, settings: {}, at: 1000, word: "write_not_allowed", reason: "write_not_allowed" },
    {
      title: "a denied path",
      request: { target: "/logout?all" },
      settings: { deny: ["/logout"] },
      at: 1000,
      word: "denied",
      reason: "write_not_allowed",
    },
    { title: "a stale copy", request: {}, settings: {}, at: -5000, word: "stale", reason: "stale" },
    {
      title: "a body over the cap",
      request: { method: "PUT", body: { kind: "capped", length: 9, sha256: "", head: new Uint8Array(), tail: new Uint8Array() } as Body },
      settings: { writes: true },
      at: 1000,
      word: "capped",
      reason: "capped",
    },
    {
      title: "a body that does not fit the queue",
      request: { method: "PUT", body: whole(9) },
      settings: { writes: true, maxQueueBytes: 8 },
      at: 1000,
      word: "queue_full",
      reason: "queue_full",
    },
  ])("refuses $title once, and the run knows why", ({ request, settings, at, word, reason }) => {
    const made = bench(settings);
    const copy = captured(1, request, at);
    made.mirror.requestComplete(copy);
    complete(made, copy);
    expect(made.submitted).toEqual([]);
    expect(made.dispositions).toEqual([[1, word]]);
    expect(made.observations).toMatchObject([{ candidate: null, notComparable: reason }]);
    expect(made.mirror.pending).toBe(0);
  });

  it("queues above its in-flight limit, refuses above its queue, and goes on when an answer comes", async () => {
    const made = bench({ maxInFlight: 1, maxQueueItems: 1 });
    const copies = [captured(1), captured(2), captured(3)];
    for (const copy of copies) made.mirror.requestComplete(copy);
    for (const copy of copies) complete(made, copy);
    expect(made.submitted).toEqual(["x1"]);
    expect(made.dispositions).toEqual([[3, "queue_full"]]);
    await made.answer("x1");
    expect(made.submitted).toEqual(["x1", "x2"]);
    await made.answer("x2");
    await made.mirror.idle();
    expect(made.dispositions.slice(1)).toEqual([
      [1, "done"],
      [2, "done"],
    ]);
    expect(made.finished).toEqual(["x1", "x2"]);
  });

  it("gives up answers that wait for a slow primary, and copies that wait for their turn, when their bodies pass the bound", async () => {
    const made = bench({ maxInFlight: 2, maxQueueBytes: 10 });
    const large: Outcome = {
      ...ok,
      ...{ kind: "answered", answer: { status: 200, reason: "", headers: [], body: whole(6) }, firstByteMs: tookMs, tookMs },
    };
    const copies = [captured(1), captured(2), captured(3)];
    for (const copy of copies) made.mirror.requestComplete(copy);
    // The first one's targets answer long before its primary: two bodies of six bytes are too much.
    await made.answer("x1", { ...result, candidate: { outcome: large }, controls: [{ outcome: large }] });
    expect(made.dispositions).toEqual([[1, "queue_full"]]);
    expect(made.submitted).toEqual(["x1", "x2", "x3"]);
    // Two are under way and stay; what comes in queues, and its primary's answer is too much beside theirs.
    const waiting = captured(4);
    made.mirror.requestComplete(waiting);
    complete(made, captured(2), large);
    complete(made, waiting, large);
    expect(made.dispositions.slice(1)).toEqual([[4, "queue_full"]]);
    await made.answer("x2");
    await made.answer("x3");
    expect(made.submitted).toEqual(["x1", "x2", "x3"]);
    complete(made, captured(3));
    complete(made, captured(1));
    expect(made.observations.map(({ exchange, notComparable }) => [exchange.id, notComparable])).toEqual([
      ["x4", "queue_full"],
      ["x2", undefined],
      ["x3", undefined],
      ["x1", "queue_full"],
    ]);
    expect(made.mirror.pending).toBe(0);
  });

  it("does not send what was abandoned while it was queued", async () => {
    const made = bench({ maxInFlight: 1 });
    made.mirror.requestComplete(captured(1));
    made.mirror.requestComplete(captured(2));
    made.mirror.abandoned({ sequence: 2, id: "x2", reason: "observer_lost" });
    await made.answer("x1");
    expect(made.submitted).toEqual(["x1"]);
  });

  it("sends no write any more, not even one that is queued, once writes are stopped", async () => {
    const made = bench({ writes: true, maxInFlight: 1 });
    const copies = [captured(1), captured(2, { method: "POST" }), captured(3, { method: "PUT" }), captured(4)];
    for (const copy of copies.slice(0, 2)) made.mirror.requestComplete(copy);
    made.mirror.stopWrites();
    for (const copy of copies.slice(2)) made.mirror.requestComplete(copy);
    await made.answer("x1");
    expect(made.submitted).toEqual(["x1", "x4"]);
    expect(made.dispositions).toEqual([
      [3, "shared_state"],
      [2, "shared_state"],
    ]);
  });

  it("disposes of an answer that it cannot write as an error, and goes on", async () => {
    const made = bench();
    const copy = captured(1);
    made.mirror.requestComplete(copy);
    complete(made, copy);
    made.failWriting = true;
    await made.answer("x1");
    expect(made.dispositions).toEqual([[1, "mirror_error"]]);
  });

  it("lets the order go on when a primary's answer will never be known, and owes no disposition for it", async () => {
    const made = bench();
    made.mirror.requestComplete(captured(1));
    made.mirror.abandoned({ sequence: 1, id: "x1", reason: "budget" });
    expect(made.finished).toEqual(["x1"]);
    await made.answer("x1");
    expect(made.dispositions).toEqual([]);
    expect(made.observations).toEqual([]);
    await made.mirror.idle();
  });

  it("disposes of everything when it is closed: what is queued at once, what is under way when it was cut short", async () => {
    const made = bench({ maxInFlight: 1 });
    const copies = [captured(1), captured(2), captured(3)];
    for (const copy of copies.slice(0, 2)) made.mirror.requestComplete(copy);
    complete(made, captured(1));
    made.mirror.close();
    made.mirror.requestComplete(captured(3));
    const cut: Outcome = { kind: "skipped", tookMs, detail: "interrupted" };
    await made.answer("x1", { ...result, candidate: { outcome: cut }, controls: [{ outcome: cut }] });
    await made.mirror.sendsEnded();
    made.mirror.abandonRest();
    expect(made.dispositions.toSorted(([a], [b]) => a - b)).toEqual([
      [1, "shutdown"],
      [2, "shutdown"],
      [3, "shutdown"],
    ]);
    expect(made.observations).toMatchObject([{ exchange: { id: "x1" }, notComparable: "interrupted" }]);
    await made.mirror.idle();
  });
});

describe("ProbeBudget", () => {
  it("grants 1,800 sends a minute, lets the next probe wait for its minute, and more where more is mirrored", async () => {
    let now = 0;
    const timers: (() => void)[] = [];
    const clock: Clock = {
      now: () => epochMs(now),
      monotonic: () => monotonicMs(now),
      after: (_delay, callback) => {
        timers.push(callback);
        return () => {};
      },
    };
    const budget = new ProbeBudget(clock);
    expect(await Promise.all([budget.take(1790), budget.take(10)])).toEqual([true, true]);
    let granted: boolean | null = null;
    const wait = async (): Promise<void> => {
      granted = await budget.take(18);
    };
    const waiting = wait();
    await Promise.resolve();
    expect(granted).toBeNull();
    now = 60_000;
    for (const wake of timers.splice(0)) wake();
    await waiting;
    expect(granted).toBe(true);
    budget.mirrored(100_000);
    expect(await budget.take(1900)).toBe(true);
    const last = budget.take(180);
    budget.endPatience();
    expect(await last).toBe(false);
    expect(await budget.take(50)).toBe(true);
    expect(await budget.take(90)).toBe(false);
    budget.close();
    expect(await budget.take(1)).toBe(false);
  });
});
