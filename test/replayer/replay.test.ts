import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Judge } from "../../diff/judge.ts";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import type { RunEntry } from "../../model/observation.ts";
import type { Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { openRecording } from "../../recording/open.ts";
import { RedactionError, Redactor } from "../../recording/redaction.ts";
import { openRun } from "../../recording/run.ts";
import { defaultMaxProbes, type ReplayOptions, type ReplayResult, replay } from "../../replayer/replay.ts";
import { recordedPace } from "../../replayer/schedule.ts";
import { selectAll } from "../../replayer/selection.ts";
import type { Redaction } from "../../target/shadow-log.ts";
import { Target } from "../../target/target.ts";
import { bodyOf, Recorder, request, type Shop, type ShopOptions, startShop } from "./cart-shop.ts";

let directory: string;
const shops: Shop[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "penumbra-replay-"));
});

afterEach(async () => {
  await Promise.all(shops.splice(0).map((started) => started.close()));
  rmSync(directory, { recursive: true, force: true });
});

async function shop(options: ShopOptions = {}): Promise<Shop> {
  const started = await startShop(options);
  shops.push(started);
  return started;
}

/** Records with the given traffic and returns the recording's path. */
async function record(traffic: (recorder: Recorder) => Promise<void>): Promise<string> {
  const recorder = new Recorder(await shop());
  await traffic(recorder);
  const path = join(directory, "recording");
  await recorder.write(path);
  return path;
}

interface Replayed {
  readonly result: ReplayResult;
  readonly entries: RunEntry[];
  readonly report: Report;
}

async function replayTo(
  path: string,
  candidate: { readonly url: string },
  control: { readonly url: string } | null,
  overrides: Partial<ReplayOptions> = {},
): Promise<Replayed> {
  const recording = await openRecording(path);
  const targetAt = (name: string, url: string): Target => new Target({ name, url, timeoutMs: 2000, clock: systemClock });
  const candidateTarget = targetAt("candidate", candidate.url);
  const controls = control === null ? [] : [targetAt("control", control.url)];
  const out = join(directory, "run");
  const result = await replay({
    recordings: [recording],
    candidate: candidateTarget,
    controls,
    redaction: new Redactor({ key: new Uint8Array(32), mode: "token" }),
    run: {
      id: "run",
      labels: {},
      targets: { primary: "recording", candidate: candidate.url, controls: controls.map(({ url }) => url.origin) },
    },
    out: { directory: out, force: true },
    selection: selectAll,
    pace: recordedPace,
    order: "causal",
    writeScope: "segment",
    correlate: true,
    writes: true,
    headers: [],
    seed: 1,
    maxLateness: milliseconds(1000),
    holdMs: 1000,
    maxProbes: defaultMaxProbes,
    clock: systemClock,
    signal: new AbortController().signal,
    ...overrides,
  });
  recording.close();
  await Promise.all([candidateTarget, ...controls].map((target) => target.close()));
  const run = await openRun(out);
  const entries: RunEntry[] = [];
  for await (const entry of run.entries()) entries.push(entry);
  const judge = new Judge({
    meta: run.meta,
    failOn: "medium",
    failOnLatency: null,
    minCompared: 1,
    minFidelity: 0.9,
    accepted: [],
    baseline: null,
    today: systemClock.now(),
  });
  for (const entry of entries) judge.learn(entry);
  for (const entry of entries) if (entry.kind === "observation") judge.observe(entry.observation);
  return { result, entries, report: judge.conclude() };
}

function reasons(entries: readonly RunEntry[]): (string | undefined)[] {
  return entries.flatMap((entry) => (entry.kind === "observation" ? [entry.observation.notComparable] : []));
}

describe("replay", () => {
  it("finds a planted difference, keeps each lane's order, and sends every cart's own id", async () => {
    const path = await record((recorder) => recorder.sendLanes(5));
    const [candidate, control] = [await shop({ totalAsText: true }), await shop()];
    const { result, report, entries } = await replayTo(path, candidate, control);
    expect(report.reasons).toEqual(expect.arrayContaining([expect.objectContaining({ code: "findings" })]));
    expect(report.verdict).toBe("fail");
    expect(report.findings.filter(({ state }) => state === "new").map(({ path: at, transition }) => `${at} ${transition}`)).toEqual([
      "/total number→string",
    ]);
    expect(reasons(entries).filter((reason) => reason !== undefined)).toEqual([]);
    expect(result.facts).toMatchObject({ valid: true, scheduled: 20, sent: 20, dropped: 0, orderViolations: 0 });
    for (const { seen } of [candidate, control]) {
      expect(seen.filter((line) => line === "POST /carts")).toHaveLength(5);
      for (const made of new Set(seen.filter((line) => line.endsWith("/items")))) {
        const id = made.split("/")[2] ?? "";
        expect(seen.indexOf(`GET /carts/${id}`)).toBeGreaterThan(seen.indexOf(made));
      }
    }
  });

  it("writes a probe behind the observation that asked for it", async () => {
    const path = await record((recorder) => recorder.sendLanes(3));
    const { entries } = await replayTo(path, await shop({ totalAsText: true }), await shop());
    const probed = entries.findIndex((entry) => entry.kind === "probe");
    const probe = entries[probed];
    expect(probe?.kind).toBe("probe");
    if (probe?.kind !== "probe") return;
    const observed = entries.findIndex((entry) => entry.kind === "observation" && entry.observation.exchange.id === probe.probe.exchangeId);
    expect(observed).toBeGreaterThanOrEqual(0);
    expect(observed).toBeLessThan(probed);
    expect(probe.probe.candidate.map((outcome) => typeof (bodyOf(outcome) as { total: unknown }).total)).toEqual(Array(9).fill("string"));
    expect(probe.probe.control.map((outcome) => typeof (bodyOf(outcome) as { total: unknown }).total)).toEqual(Array(9).fill("number"));
  });

  it("finds nothing between equal builds", async () => {
    const path = await record((recorder) => recorder.sendLanes(5));
    const { report } = await replayTo(path, await shop(), await shop());
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe("pass");
  });

  it("sends no unsafe method without writes, and says so", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const [candidate, control] = [await shop(), await shop()];
    const { report, result } = await replayTo(path, candidate, control, { writes: false });
    expect(candidate.seen.concat(control.seen).filter((line) => line.startsWith("POST"))).toEqual([]);
    expect(report.totals.notComparable).toMatchObject({ write_not_allowed: 4 });
    expect(result.facts).toMatchObject({ scheduled: 8, sent: 4 });
  });

  it("leaves a readable run when it is interrupted half-way", async () => {
    const path = await record(async (recorder) => {
      for (let sent = 0; sent < 10; sent++) await recorder.send("lane", sent < 5 ? sent : 60_000, request("GET", "/items/pear"));
    });
    const abort = new AbortController();
    const { result, entries, report } = await replayTo(path, await shop(), await shop(), {
      signal: abort.signal,
      onProgress: ({ sent }) => {
        if (sent === 5) abort.abort();
      },
    });
    expect(result.interrupted).toBe(true);
    expect(result.meta).toMatchObject({ interrupted: true, endedAt: expect.any(String), replay: { scheduled: 5, sent: 5 } });
    expect(entries).toHaveLength(5);
    expect(report.verdict).toBe("inconclusive");
  });

  it("goes on with an interrupted run: carts that were made in its first part are found in the second", async () => {
    const path = await record((recorder) => recorder.sendLanes(6));
    const [candidate, control] = [await shop(), await shop()];
    const abort = new AbortController();
    await replayTo(path, candidate, control, {
      signal: abort.signal,
      onProgress: ({ sent }) => {
        if (sent === 7) abort.abort();
      },
    });
    const resume = await openRun(join(directory, "run"));
    const { result, entries, report } = await replayTo(path, candidate, control, { resume });
    expect(result.meta).toMatchObject({ interrupted: false, replay: { scheduled: 24, orderViolations: 0 } });
    expect(new Set(entries.flatMap((entry) => (entry.kind === "observation" ? [entry.observation.exchange.id] : []))).size).toBe(24);
    expect(report.totals).toMatchObject({ exchanges: 24, different: 0 });
    const statuses = entries.flatMap((entry) => {
      const outcome = entry.kind === "observation" ? entry.observation.candidate?.outcome : undefined;
      return outcome?.kind === "answered" ? [outcome.answer.status] : [];
    });
    expect(statuses.length).toBeGreaterThanOrEqual(18);
    expect(statuses).not.toContain(404);
    for (const { seen } of [candidate, control]) expect(seen.filter((line) => line === "POST /carts").length).toBeLessThanOrEqual(6);
  });

  it("sends no write of which it cannot be noted that it leaves, and ends with the reason", async () => {
    const path = await record(async (recorder) => {
      await recorder.send("reader", 0, request("GET", "/items/pear"));
      for (let index = 0; index < 5; index++) await recorder.send(`lane${index}`, 50 + index, request("POST", "/carts"));
    });
    const [candidate, control] = [await shop(), await shop()];
    const place = join(directory, "run", "writes.ndjson");
    const onProgress = (): void => void mkdirSync(place, { recursive: true });
    await expect(replayTo(path, candidate, control, { onProgress })).rejects.toThrow(/writes\.ndjson cannot be opened: EISDIR/);
    for (const { seen } of [candidate, control]) expect(seen).toEqual(["GET /items/pear"]);
    // Nobody knows what was noted there before.
    const resume = await openRun(join(directory, "run"));
    await expect(replayTo(path, candidate, control, { resume })).rejects.toThrow(/writes\.ndjson cannot be read: EISDIR/);
    rmSync(place, { recursive: true });
    const { report } = await replayTo(path, candidate, control, { resume });
    expect(report.totals.exchanges).toBe(6);
  });

  it("sends exchanges of one id that are under way together, as two recordings may have them", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const recording = await openRecording(path);
    const { result, report } = await replayTo(path, await shop(), await shop(), {
      recordings: [recording, recording],
      pace: { kind: "max", concurrency: 8 },
    });
    recording.close();
    expect(result.facts).toMatchObject({ scheduled: 2 * (recording.count() ?? 0), orderViolations: 0 });
    expect(report.totals.compared).toBe(result.facts.sent);
  });

  it("keeps what was done when the recording turns out to be damaged half-way, in a run that can be gone on with", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const recording = await openRecording(path);
    const damaged = {
      count: () => recording.count(),
      async *exchanges(): AsyncGenerator<Exchange> {
        let read = 0;
        for await (const exchange of recording.exchanges()) {
          if (read === 5) throw new PenumbraError("RECORDING_DAMAGED", "the segment is damaged", "take a copy that is whole");
          read += 1;
          yield exchange;
        }
      },
    };
    const [candidate, control] = [await shop(), await shop()];
    await expect(replayTo(path, candidate, control, { recordings: [damaged] })).rejects.toThrow("the segment is damaged");
    const resume = await openRun(join(directory, "run"));
    expect(resume.meta).toMatchObject({ interrupted: true, replay: { scheduled: 5 } });
    const { result, entries } = await replayTo(path, candidate, control, { resume });
    expect(result.meta).toMatchObject({ interrupted: false, replay: { scheduled: 8 } });
    expect(entries.filter(({ kind }) => kind === "observation")).toHaveLength(8);
    recording.close();
  });

  it("stops before anything is sent when nobody listens, with one observation that says why", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const gone = await startShop();
    await gone.close();
    const control = await shop();
    const { result, entries, report } = await replayTo(path, gone, control);
    expect(result.unreachable).toMatchObject({ target: "candidate", what: "nothing listens there", next: "start it and try again" });
    expect(control.seen).toEqual([]);
    expect(entries).toHaveLength(1);
    expect(report.verdict).toBe("inconclusive");
    expect(report.reasons.map(({ code }) => code)).toContain("candidate-unreachable");
    // Four requests of each of two lanes.
    expect(report.totals).toMatchObject({ exchanges: 8, compared: 0, notComparable: { breaker_open: 8 } });
    expect(result.facts).toMatchObject({ scheduled: 8, sent: 0 });
  });

  it("counts what was planned by what would have come of it, and all copies, when nobody listens", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const gone = await startShop();
    await gone.close();
    const multiplication = { amplify: 3, loop: 2 };
    const { report } = await replayTo(path, await shop(), gone, { writes: false, multiplication });
    const { exchanges, notComparable } = report.totals;
    expect(exchanges).toBe(48);
    expect(Object.keys(notComparable)).toEqual(["breaker_open", "write_not_allowed"]);
    expect((notComparable["breaker_open"] ?? 0) + (notComparable["write_not_allowed"] ?? 0)).toBe(48);
    expect(report.reasons.map(({ code }) => code)).toContain("control-unreachable");
  });

  it("makes an empty run of a selection that is empty", async () => {
    const path = await record((recorder) => recorder.sendLanes(1));
    const { result, entries, report } = await replayTo(path, await shop(), await shop(), { selection: { ...selectAll, limit: 0 } });
    expect(result).toMatchObject({ exchanges: 0, unreachable: null, facts: { scheduled: 0, sent: 0 } });
    expect(entries).toEqual([]);
    expect(report.verdict).toBe("inconclusive");
  });

  it("replaces recorded header fields by the given ones in what it sends", async () => {
    const path = await record((recorder) =>
      recorder.send("lane", 0, request("GET", "/items/fig", [["Authorization", "Bearer tok_old"]])).then(() => undefined),
    );
    const candidate = await shop();
    await replayTo(path, candidate, null, { headers: [["authorization", "Bearer new"]] });
    expect(candidate.headersSeen.map(({ authorization }) => authorization)).toEqual(["Bearer new"]);
  });

  it("drops an answer that cannot be redacted, counts it, and calls the replay invalid", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const redactor = new Redactor({ key: new Uint8Array(32), mode: "token" });
    const failing: Redaction = {
      exchange: (exchange) => redactor.exchange(exchange),
      target: (target) => redactor.target(target),
      outcome: (asked, outcome) => {
        if (asked.target.startsWith("/items")) throw new RedactionError("a rule failed");
        return redactor.outcome(asked, outcome);
      },
    };
    const { result, entries } = await replayTo(path, await shop(), await shop(), { redaction: failing });
    expect(result.facts).toMatchObject({ sent: 8, dropped: 2, valid: false });
    expect(
      entries.flatMap((entry) =>
        entry.kind === "observation" && entry.observation.candidate === null ? [entry.observation.notComparable] : [],
      ),
    ).toEqual(["interrupted", "interrupted"]);
  });

  it("lets every copy and every pass be users of their own, who are sent their own carts' ids", async () => {
    const path = await record((recorder) => recorder.sendLanes(3));
    const [candidate, control] = [await shop({ delayMs: 1 }), await shop()];
    const { result, entries, report } = await replayTo(path, candidate, control, { multiplication: { amplify: 3, loop: 2 } });
    expect(result.facts).toMatchObject({ valid: true, scheduled: 72, sent: 72, orderViolations: 0 });
    expect(reasons(entries).filter((reason) => reason !== undefined)).toEqual([]);
    expect(report.totals).toMatchObject({ compared: 72, different: 0 });
    for (const { seen } of [candidate, control]) {
      const shown = seen.filter((line) => line.startsWith("GET /carts/"));
      expect(seen.filter((line) => line === "POST /carts")).toHaveLength(18);
      expect(new Set(shown).size).toBe(18);
    }
  });

  it("shows the recorded concurrency beside the achieved one, and answer times twice", async () => {
    const path = await record((recorder) => recorder.sendLanes(4));
    const { result, report } = await replayTo(path, await shop({ delayMs: 5 }), await shop());
    const { concurrency, answerTimes } = report.run.replay ?? {};
    expect(concurrency?.recorded).toHaveLength(concurrency?.achieved.length ?? 0);
    expect(Math.max(...(concurrency?.recorded ?? []))).toBe(result.facts.maxConcurrency.recorded);
    expect(Math.max(...(concurrency?.achieved ?? []))).toBe(result.facts.maxConcurrency.achieved);
    expect(answerTimes?.candidate?.service.p50).toBeGreaterThanOrEqual(5);
    expect(answerTimes?.candidate?.response?.p50).toBeGreaterThanOrEqual(answerTimes?.candidate?.service.p50 ?? 0);
    expect(answerTimes?.control).not.toBeNull();
  });

  it("keeps a closed loop at its size", async () => {
    const path = await record((recorder) => recorder.sendLanes(4));
    const { result } = await replayTo(path, await shop({ delayMs: 2 }), null, { pace: { kind: "max", concurrency: 2 }, order: "none" });
    expect(result.facts.maxConcurrency.achieved).toBe(2);
    expect(result.facts.lateness.max).toBe(0);
  });

  it("does not call a slow target late: only what left after it was due and free to go", async () => {
    const path = await record((recorder) => recorder.sendLanes(2));
    const { result } = await replayTo(path, await shop({ delayMs: 300 }), null, { maxLateness: milliseconds(200) });
    expect(result.facts.valid).toBe(true);
    expect(result.facts.maxConcurrency.recorded).toBe(1);
  });
});
