/** Experiments find out what a planted bug depends on: through the real command line's own parts, against real servers. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Judge } from "../../../diff/judge.ts";
import { systemClock } from "../../../model/clock.ts";
import type { FindingDependence } from "../../../model/dependence.ts";
import type { Exchange } from "../../../model/exchange.ts";
import type { Finding, Report, Signature } from "../../../model/report.ts";
import { milliseconds } from "../../../model/units.ts";
import { encodeExchange } from "../../../recording/ndjson.ts";
import { openRecording } from "../../../recording/open.ts";
import { Redactor } from "../../../recording/redaction.ts";
import { openRun, type Run } from "../../../recording/run.ts";
import { experiment } from "../../../replayer/dependence/experiments.ts";
import { replay } from "../../../replayer/replay.ts";
import { recordedPace } from "../../../replayer/schedule.ts";
import { selectAll } from "../../../replayer/selection.ts";
import { Target } from "../../../target/target.ts";
import type { Service } from "../../support/service.ts";
import { type Bug, startBank } from "./bank-service.ts";
import { carts, mixed } from "./traffic.ts";

const services: Service[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "penumbra-dependence-"));
});

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()));
  rmSync(directory, { recursive: true, force: true });
});

async function judge(run: Run): Promise<{ judge: Judge; report: Report }> {
  const made = new Judge({
    meta: run.meta,
    failOn: "medium",
    failOnLatency: null,
    minCompared: 1,
    minFidelity: 0.9,
    accepted: [],
    baseline: null,
    today: systemClock.now(),
  });
  for await (const entry of run.entries()) made.learn(entry);
  for await (const entry of run.entries()) if (entry.kind === "observation") made.observe(entry.observation);
  return { judge: made, report: made.conclude() };
}

interface Circumstances {
  readonly seed?: number;
  /** Sends that experiments may make. */
  readonly limit?: number;
  /** How they end. */
  readonly ended?: "done" | "limit";
  /** What experiments are asked about, in place of the findings of the replay. */
  readonly ask?: (report: Report) => readonly Finding[];
}

/** Replays the traffic to a build with the bug, and asks what its findings depend on. */
async function classify(exchanges: readonly Exchange[], bug?: Bug, circumstances: Circumstances = {}): Promise<Report> {
  const { seed = 1, limit = 20_000, ended = "done", ask = ({ findings }: Report) => findings } = circumstances;
  const banks = await Promise.all([startBank({ ...(bug === undefined ? {} : { bug }), seed }), startBank()]);
  services.push(...banks);
  const recordingPath = join(directory, "recording.ndjson");
  writeFileSync(recordingPath, exchanges.map((exchange) => `${encodeExchange(exchange)}\n`).join(""));
  const recording = await openRecording(recordingPath);
  const [candidate, control] = banks.map(
    ({ url }, index) => new Target({ name: index === 0 ? "candidate" : "control", url, timeoutMs: 5000, clock: systemClock }),
  );
  if (candidate === undefined || control === undefined) throw new Error("there are two");
  const shared = {
    recordings: [recording],
    candidate,
    redaction: new Redactor({ key: new Uint8Array(32), mode: "token" }),
    selection: selectAll,
    writes: true,
    headers: [],
    seed,
    order: "causal",
    writeScope: "segment",
    holdMs: 5000,
    clock: systemClock,
    signal: new AbortController().signal,
  } as const;
  const out = join(directory, "run");
  const { meta } = await replay({
    ...shared,
    controls: [control],
    run: { id: "run", labels: {}, targets: { primary: "recording", candidate: candidate.url.origin, controls: [control.url.origin] } },
    out: { directory: out, force: true },
    pace: recordedPace,
    correlate: true,
    maxLateness: milliseconds(1000),
    maxProbes: 20,
  });
  const first = await judge(await openRun(out));
  const facts = await experiment({
    ...shared,
    control,
    run: { directory: out, meta },
    exchangesAreRedacted: true,
    findings: ask(first.report),
    endpoints: first.judge,
    candidateUrl: candidate.url.origin,
    limit,
    reset: async () => {
      await Promise.all(banks.map(({ url }) => fetch(`${url}/reset`, { method: "POST" }).then((answer) => answer.text())));
    },
  });
  expect(facts.ended).toBe(ended);
  expect(facts.sends).toBeLessThanOrEqual(limit);
  await Promise.all([candidate.close(), control.close()]);
  recording.close();
  return (await judge(await openRun(out))).report;
}

/** The recording that a report says shows the finding again. */
async function reproductionOf(finding: Finding | undefined): Promise<Exchange[]> {
  const recording = await openRecording(join(directory, "run", finding?.dependence?.recording ?? ""));
  const exchanges = await Array.fromAsync(recording.exchanges());
  recording.close();
  return exchanges;
}

function open(report: Report): Finding[] {
  return report.findings.filter(({ state }) => state !== "noise");
}

function lines(finding: Finding | undefined): string[] {
  return finding?.dependence?.requests.map(({ method, target }) => `${method} ${target}`) ?? [];
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

describe("what a difference depends on", () => {
  it("is deterministic for a field that is always wrong: one request shows it", async () => {
    const report = await classify(mixed(12), "wrong-field");
    const [finding, ...others] = open(report);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      path: "/price",
      class: "deterministic",
      state: "new",
      dependence: { shown: 8, runs: 8, control: 0, minimal: true },
    });
    expect(lines(finding)).toEqual([expect.stringMatching(/^GET \/items\/\d+$/)]);
  });

  it("is a sequence for a cache that is stale after write, read, write", async () => {
    const report = await classify(mixed(12), "stale-cache");
    const [finding, ...others] = open(report);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ path: "/note", class: "sequence", dependence: { shown: 8, runs: 8, control: 0, minimal: true } });
    expect(lines(finding).map((line) => line.split(" ")[0])).toEqual(["PUT", "GET", "PUT", "GET"]);
    const [again] = open(await classify(await reproductionOf(finding), "stale-cache"));
    expect(again).toMatchObject({ id: finding?.id, class: "sequence", dependence: { minimal: true } });
  });

  it("is concurrency for a lost update: two requests that overlap", async () => {
    const report = await classify(mixed(12), "lost-update");
    const [finding, ...others] = open(report);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ path: "/sum", class: "concurrency", dependence: { control: 0, minimal: true } });
    expect(lines(finding)).toEqual([expect.stringMatching(/^POST \/transfers\/\d+$/), lines(finding)[0]]);
    // The recording makes them overlap by itself: no experiment is needed for that, but on a busy machine more than one try.
    const reproduction = await reproductionOf(finding);
    const seen = new Set<string>();
    for (let tries = 0; tries < 5 && seen.size === 0; tries++) {
      for (const { id } of open(await classify(reproduction, "lost-update", { ask: () => [] }))) seen.add(id);
    }
    expect([...seen]).toEqual([finding?.id]);
  });

  it("is flaky for a failure of one request in twenty", async () => {
    const report = await classify(mixed(12), "random-failure");
    const [finding, ...others] = open(report);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ location: "status", class: "flaky", dependence: { control: 0 } });
    const { shown = 0, runs = 1 } = finding?.dependence ?? {};
    expect(shown / runs).toBeGreaterThan(0.005);
    expect(shown / runs).toBeLessThan(0.2);
    // Often enough for one replay of it to show it.
    expect((await reproductionOf(finding)).length * (shown / runs)).toBeGreaterThan(1);
  });

  it("is deterministic where all that is needed besides is what the request names, each build in its own words", async () => {
    const report = await classify(carts(6), "wrong-currency");
    const findings = open(report);
    expect(findings.map(({ class: found }) => found)).toEqual(["deterministic"]);
    const [, id = ""] = /^GET \/carts\/([0-9a-f-]+)$/.exec(lines(findings[0])[1] ?? "") ?? [];
    expect(lines(findings[0])).toEqual(["POST /carts", `GET /carts/${id}`]);
  });

  it("is a sequence where the request is answered without it, only not so", async () => {
    const report = await classify(carts(6), "wrong-total");
    const findings = open(report);
    expect(findings.map(({ class: found }) => found)).toEqual(["sequence"]);
    expect(lines(findings[0]).map((line) => line.replace(/[0-9a-f-]{36}/, "ID"))).toEqual([
      "POST /carts",
      "POST /carts/ID/items",
      "POST /carts/ID/items",
      "GET /carts/ID",
    ]);
  });

  it("is not said when the sends that are allowed do not suffice to find out", async () => {
    const report = await classify(mixed(4), "stale-cache", { limit: 100, ended: "limit" });
    expect(open(report).map(({ dependence }) => dependence)).toEqual([undefined]);
    expect(report.run.experiments).toMatchObject({ asked: 0, findings: 1, ended: "limit" });
  });

  it("is never claimed of builds that are equal, whatever is asked", async () => {
    const exchanges = mixed(2);
    const about = (endpoint: string, place: Pick<Signature, "location" | "path" | "kind">): readonly [Signature, Exchange] => {
      const [method, prefix = ""] = endpoint.replace("{id}", "").split(" ");
      const exchange = exchanges.findLast(({ request }) => request.method === method && request.target.startsWith(prefix));
      if (exchange === undefined) throw new Error(`nobody asked for ${endpoint}`);
      return [{ endpoint, ...place }, exchange];
    };
    const places = [
      about("POST /transfers/{id}", { location: "body", path: "/sum", kind: "json.value" }),
      about("GET /notes/{id}", { location: "body", path: "/note", kind: "json.value" }),
      about("GET /quotes/{id}", { location: "status", path: "", kind: "status.class" }),
    ];
    const invented = ({ findings: [like] }: Report): Finding[] =>
      places.flatMap(([signature, { id }], index) =>
        like === undefined
          ? []
          : { ...like, ...signature, id: `00000000000${index}`, state: "new", signatures: [signature], exemplars: [id] },
      );
    await classify(exchanges, undefined, { ask: invented });
    const found: FindingDependence[] = [];
    for await (const entry of (await openRun(join(directory, "run"))).entries())
      if (entry.kind === "dependence") found.push(entry.dependence);
    expect(found.map(({ class: each, shown, control, recording }) => [each, shown, control, recording])).toEqual(
      places.map(() => ["unclassified", 0, 0, null]),
    );
    for (const { runs } of found) expect(runs).toBeGreaterThan(8);
  });

  it.each(seeds)("is nothing between equal builds (seed %i)", async (seed) => {
    const report = await classify(mixed(4, seed), undefined, { seed });
    expect(open(report)).toEqual([]);
    expect(report.verdict).toBe("pass");
  });
});
