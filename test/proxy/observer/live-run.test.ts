/** The windows of a live run: a log has an end, is put aside whole, and no moment at which the process ends loses or hides one. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEntry } from "../../../model/observation.ts";
import { type LiveRunOptions, openLiveRun } from "../../../proxy/observer/live-run.ts";
import { openRun } from "../../../recording/run.ts";
import { countObserved } from "../../../recording/run-tail.ts";
import { plainExchange } from "../../recording/examples.ts";
import { FakeClock } from "../../recording/fake-clock.ts";
import { temporaryDirectories } from "../../recording/temporary-directory.ts";

const hour = 3_600_000;
const directory = temporaryDirectories();
const observed = (id: string): RunEntry => ({
  kind: "observation",
  observation: { exchange: plainExchange({ id }), candidate: null, controls: [] },
});
const probed = (exchangeId: string): RunEntry => ({
  kind: "probe",
  probe: { exchangeId, control: [], candidate: [], freshState: false },
});

function optionsIn(path: string, changes: Partial<LiveRunOptions> = {}): LiveRunOptions {
  const targets = { primary: "http://p", candidate: "http://c", controls: [] };
  return { directory: path, id: "life", force: false, seed: 1, targets, labels: {}, windowMs: 24 * hour, keepMs: null, ...changes };
}

async function idsOf(path: string): Promise<string[]> {
  const entries = await Array.fromAsync((await openRun(path)).entries());
  return entries.map((entry) => (entry.kind === "observation" ? entry.observation.exchange.id : entry.kind));
}

const windowsIn = (path: string): string[] =>
  existsSync(join(path, "windows"))
    ? readdirSync(join(path, "windows"))
        .toSorted()
        .map((name) => join(path, "windows", name))
    : [];

describe("a live run", () => {
  it("is put aside when its window is over, each window a run of its own with an id of its own", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    clock.advance(25 * hour);
    // What is known of an earlier exchange begins no window.
    run.append(probed("a"));
    expect(windowsIn(path)).toEqual([]);
    run.append(observed("b"));
    run.append(observed("c"));
    clock.advance(25 * hour);
    run.append(observed("d"));
    run.finish();
    const windows = windowsIn(path);
    expect(await Promise.all([...windows, path].map(idsOf))).toEqual([["a", "probe"], ["b", "c"], ["d"]]);
    const metas = await Promise.all([...windows, path].map(async (each) => (await openRun(each)).meta));
    expect(new Set(metas.map(({ id }) => id)).size).toBe(3);
    for (const { kind, endedAt, startedAt } of metas)
      expect([kind, Date.parse(endedAt ?? "") >= Date.parse(startedAt)]).toEqual(["live", true]);
  });

  it("is gone on with by the next observer of the same life, also with --force, and by the next sidecar of the same targets", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const first = await openLiveRun(optionsIn(path, { force: true }), clock);
    first.append(observed("a"));
    clock.advance(25 * hour);
    first.append(observed("b"));
    first.release();
    const again = await openLiveRun(optionsIn(path, { force: true }), clock);
    again.append(observed("c"));
    again.finish();
    const other = await openLiveRun(optionsIn(path, { id: "another life" }), clock);
    other.append(observed("d"));
    other.finish();
    expect(await idsOf(path)).toEqual(["b", "c", "d"]);
    expect(windowsIn(path)).toHaveLength(1);
  });

  it.each([
    ["the same targets", {}],
    ["other targets", { targets: { primary: "http://p", candidate: "http://other", controls: [] } }],
  ])("is replaced with --force by a sidecar of %s, its windows never", async (_whose, changes) => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const first = await openLiveRun(optionsIn(path), clock);
    first.append(observed("a"));
    clock.advance(25 * hour);
    first.append(observed("b"));
    first.finish();
    const [window = ""] = windowsIn(path);
    renameSync(join(window, "run.json"), join(window, "run.json.bak"));
    const replaced = await openLiveRun(optionsIn(path, { ...changes, id: "another life", force: true }), clock);
    replaced.append(observed("c"));
    replaced.finish();
    expect([await idsOf(path), windowsIn(path)]).toEqual([["c"], [window]]);
    expect(readdirSync(window).toSorted()).toEqual(["entries.ndjson", "run.json.bak"]);
  });

  it.each(["before the log was moved", "before another was begun"])("survives a crash %s", async (moment) => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const first = await openLiveRun(optionsIn(path), clock);
    first.append(observed("a"));
    first.finish();
    const { meta } = await openRun(path);
    const window = join(path, "windows", meta.startedAt.replaceAll(":", "-"));
    mkdirSync(window, { recursive: true });
    renameSync(join(path, "run.json"), join(window, "run.json"));
    if (moment === "before another was begun") renameSync(join(path, "entries.ndjson"), join(window, "entries.ndjson"));
    const next = await openLiveRun(optionsIn(path, { id: "another life" }), clock);
    next.append(observed("b"));
    next.finish();
    expect(await Promise.all([window, path].map(idsOf))).toEqual([["a"], ["b"]]);
  });

  it("counts what was observed, as far as there are logs", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    for (const id of ["life-1", "life-2", "life-3"]) {
      run.append(observed(id));
      clock.advance(25 * hour);
    }
    run.finish();
    const [, middle = ""] = windowsIn(path);
    renameSync(join(middle, "entries.ndjson"), join(middle, "entries.ndjson.gz"));
    expect(await countObserved(path, "life-")).toBe(2);
    rmSync(join(path, "entries.ndjson"));
    expect(await countObserved(path, "life-")).toBe(1);
  });

  it("removes windows that ended longer ago than they are kept", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path, { keepMs: 48 * hour }), clock);
    for (const id of ["a", "b", "c", "d", "e"]) {
      run.append(observed(id));
      clock.advance(25 * hour);
    }
    run.finish();
    // When e began, c had ended 25 hours before, and b 50.
    expect(await Promise.all([...windowsIn(path), path].map(idsOf))).toEqual([["c"], ["d"], ["e"]]);
  });

  it("begins its first window with what comes first", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    clock.advance(25 * hour);
    run.append(observed("a"));
    clock.advance(23 * hour);
    run.append(observed("b"));
    run.finish();
    expect([windowsIn(path), await idsOf(path)]).toEqual([[], ["a", "b"]]);
    const { startedAt, endedAt } = (await openRun(path)).meta;
    expect(Date.parse(endedAt ?? "") - Date.parse(startedAt)).toBe(23 * hour);
  });

  it("does not take for its own what stands beside its windows", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    mkdirSync(join(path, "windows"), { recursive: true });
    writeFileSync(join(path, "windows", "holiday.jpg"), "x");
    await expect(openLiveRun(optionsIn(path), clock)).rejects.toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    await expect(openLiveRun(optionsIn(path, { force: true }), clock)).rejects.toThrow(
      expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }),
    );
  });
});
