/** The windows of a live run: a log has an end, is put aside whole, and no moment at which the process ends or the disk fails loses or
 * hides one. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunEntry } from "../../../model/observation.ts";
import { type LiveRun, type LiveRunOptions, openLiveRun } from "../../../proxy/observer/live-run.ts";
import { openRun } from "../../../recording/run.ts";
import { countObserved } from "../../../recording/run-tail.ts";
import { canMount } from "../../e2e/reliability/full-disk.ts";
import { plainExchange } from "../../recording/examples.ts";
import { FakeClock } from "../../recording/fake-clock.ts";
import { temporaryDirectories } from "../../recording/temporary-directory.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const cannotWrite: unknown = expect.objectContaining({ code: "CANNOT_WRITE", hint: expect.stringMatching(/\w/) });
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

/** What a run and its windows hold, oldest first, but for logs that are not there. */
async function allIdsIn(path: string): Promise<string[]> {
  const logs = [...windowsIn(path), path].filter((each) => existsSync(join(each, "entries.ndjson")));
  return (await Promise.all(logs.map(idsOf))).flat();
}

/** Appends until the clock says so, as copies would come.
 * @returns which were refused */
function appendEach(run: LiveRun, ids: readonly string[]): string[] {
  return ids.filter((id) => {
    try {
      run.append(observed(id));
      return false;
    } catch (error) {
      if (!isOf(error, "CANNOT_WRITE")) throw error;
      return true;
    }
  });
}

const isOf = (error: unknown, code: string): boolean => error instanceof Error && "code" in error && error.code === code;

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
    writeFileSync(join(path, "report.json"), "{}");
    const { meta } = await openRun(path);
    const window = join(path, "windows", meta.startedAt.replaceAll(":", "-"));
    mkdirSync(window, { recursive: true });
    renameSync(join(path, "run.json"), join(window, "run.json"));
    if (moment === "before another was begun")
      for (const name of ["report.json", "entries.ndjson"]) renameSync(join(path, name), join(window, name));
    // Somebody's note does not keep a sidecar from starting that had begun without it.
    writeFileSync(join(path, "comment.md"), "mine");
    const next = await openLiveRun(optionsIn(path, { id: "another life" }), clock);
    next.append(observed("b"));
    next.finish();
    expect(await Promise.all([window, path].map(idsOf))).toEqual([["a"], ["b"]]);
    expect([existsSync(join(window, "report.json")), existsSync(join(path, "report.json"))]).toEqual([true, false]);
  });

  it("survives a crash before the log of another was there", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    (await openLiveRun(optionsIn(path), clock)).release();
    rmSync(join(path, "entries.ndjson"));
    const next = await openLiveRun(optionsIn(path), clock);
    next.append(observed("a"));
    next.finish();
    expect(await idsOf(path)).toEqual(["a"]);
  });

  it("begins windows whatever others have put into its directory and its windows, and leaves that where it is", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    clock.advance(25 * hour);
    run.append(observed("b"));
    const [first = ""] = windowsIn(path);
    renameSync(join(first, "entries.ndjson"), join(first, "entries.ndjson.gz"));
    const foreign = ["comment.md", join("windows", "README"), join("windows", basename(first), "notes.txt")];
    for (const name of foreign) writeFileSync(join(path, name), "mine");
    for (const id of ["c", "d"]) {
      clock.advance(25 * hour);
      run.append(observed(id));
    }
    run.finish();
    expect(await allIdsIn(path)).toEqual(["b", "c", "d"]);
    expect(readdirSync(join(path, "windows")).filter((name) => name !== "README")).toHaveLength(3);
    expect(foreign.map((name) => readFileSync(join(path, name), "utf8"))).toEqual(["mine", "mine", "mine"]);
    expect(readdirSync(first).toSorted()).toEqual(["entries.ndjson.gz", "notes.txt", "run.json"]);
    // The next sidecar with --force begins too: what is in a window is none of its business.
    rmSync(join(path, "comment.md"));
    rmSync(join(path, "windows", "README"));
    (await openLiveRun(optionsIn(path, { id: "another life", force: true }), clock)).finish();
    expect(readdirSync(first).toSorted()).toEqual(["entries.ndjson.gz", "notes.txt", "run.json"]);
  });

  it("goes on with the run that is there when it cannot be put aside, and puts it aside when it can", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    writeFileSync(join(path, "windows"), "in the way");
    clock.advance(25 * hour);
    expect(appendEach(run, ["lost 1", "lost 2"])).toEqual(["lost 1", "lost 2"]);
    clock.advance(second);
    expect(appendEach(run, ["b", "c"])).toEqual([]);
    clock.advance(minute);
    expect(appendEach(run, ["lost 3"])).toEqual(["lost 3"]);
    rmSync(join(path, "windows"));
    clock.advance(second);
    run.append(observed("d"));
    clock.advance(minute);
    run.append(observed("e"));
    run.finish();
    expect(await Promise.all([...windowsIn(path), path].map(idsOf))).toEqual([["a", "b", "c", "d"], ["e"]]);
    const [window = ""] = windowsIn(path);
    expect((await openRun(path)).meta.id).not.toBe((await openRun(window)).meta.id);
  });

  it("is finished although its last window could not be put aside", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    writeFileSync(join(path, "windows"), "in the way");
    clock.advance(25 * hour);
    expect(appendEach(run, ["lost"])).toEqual(["lost"]);
    run.finish();
    expect(await idsOf(path)).toEqual(["a"]);
    expect(Date.parse((await openRun(path)).meta.endedAt ?? "")).toBe(clock.now());
  });

  it("begins anew where somebody has taken all of it away", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    rmSync(path, { recursive: true });
    clock.advance(25 * hour);
    expect(appendEach(run, ["lost"])).toEqual(["lost"]);
    clock.advance(second);
    run.append(observed("b"));
    run.finish();
    expect(await allIdsIn(path)).toEqual(["b"]);
  });

  it("does not go on with the run of another that took its place while it could not write", async () => {
    const [path, clock] = [join(directory(), "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path, { force: true }), clock);
    run.append(observed("a"));
    writeFileSync(join(path, "windows"), "in the way");
    clock.advance(25 * hour);
    expect(appendEach(run, ["lost 1"])).toEqual(["lost 1"]);
    rmSync(join(path, "windows"));
    const targets = { primary: "http://p", candidate: "http://other", controls: [] };
    const other = await openLiveRun(optionsIn(path, { id: "another life", force: true, targets }), clock);
    other.append(observed("b"));
    other.finish();
    clock.advance(second);
    expect(appendEach(run, ["lost 2"])).toEqual(["lost 2"]);
    expect(() => run.finish()).toThrow(cannotWrite);
    expect(await idsOf(path)).toEqual(["b"]);
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

const diskBytes = 2 ** 20;
const scratch = mkdtempSync(join(tmpdir(), "penumbra-mount-"));
const mountable = canMount(scratch);
rmSync(scratch, { recursive: true });

describe.skipIf(!mountable)("a live run on a small disk", () => {
  let disk: string;
  beforeEach(() => {
    disk = directory();
    mount(disk);
  });
  afterEach(() => {
    // Lazily: a test that failed may have left a file open.
    spawnSync("umount", ["-l", disk]);
  });

  // Each file more lets one step more succeed: run.json, windows/, the window's own directory, the next run.json, the next log.
  it.each([0, 1, 2, 3])("that has room for %i files when a window is over goes on when there is more", async (files) => {
    const [path, clock] = [join(disk, "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    clock.advance(50);
    const ballast = fillWithFiles(disk);
    for (const each of ballast.splice(0, files)) rmSync(each);
    clock.advance(25 * hour);
    expect(appendEach(run, ["lost 1", "lost 2"])).toEqual(["lost 1", "lost 2"]);
    for (const each of ballast) rmSync(each);
    expect(appendEach(run, ["lost 3"])).toEqual(["lost 3"]);
    clock.advance(second);
    expect(appendEach(run, ["b", "c"])).toEqual([]);
    clock.advance(minute);
    expect(appendEach(run, ["d"])).toEqual([]);
    run.finish();
    expect(await allIdsIn(path)).toEqual(["a", "b", "c", "d"]);
    expect(windowsIn(path)).toHaveLength(1);
    const metas = await Promise.all([...windowsIn(path), path].map(async (each) => (await openRun(each)).meta));
    expect([new Set(metas.map(({ id }) => id)).size, metas.every(({ endedAt }) => endedAt !== null)]).toEqual([2, true]);
  });

  it("that is full when a window is over, and for a while after, goes on when there is room", async () => {
    const [path, clock] = [join(disk, "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path), clock);
    run.append(observed("a"));
    clock.advance(50);
    const ballast = join(disk, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(2 * diskBytes))).toThrow(/ENOSPC/);
    clock.advance(25 * hour);
    // It needs a page of its own, and is still to be written when the window ends.
    run.append(probed("x".repeat(8192)));
    for (let time = 0; time < 3 * minute; time += 30 * second) {
      // Some find the log open, and are lost with the disk's refusal.
      appendEach(run, [`lost at ${time}`]);
      clock.advance(30 * second);
    }
    rmSync(ballast);
    clock.advance(2 * minute);
    expect(appendEach(run, ["b", "c"])).toEqual([]);
    run.finish();
    expect((await allIdsIn(path)).filter((id) => !id.startsWith("lost"))).toEqual(["a", "b", "c"]);
    expect(windowsIn(path)).toHaveLength(1);
  });

  it("removes the windows that it can when one cannot be removed", async () => {
    const [path, clock] = [join(disk, "run"), new FakeClock()];
    const run = await openLiveRun(optionsIn(path, { keepMs: 24 * hour }), clock);
    run.append(observed("a"));
    clock.advance(25 * hour);
    run.append(observed("b"));
    const [stuck = ""] = windowsIn(path);
    mount(stuck);
    for (const [lost, kept] of [
      ["lost 1", "c"],
      ["lost 2", "d"],
    ] as const) {
      clock.advance(25 * hour);
      expect(appendEach(run, [lost, kept])).toEqual([lost]);
    }
    expect(spawnSync("umount", [stuck]).status).toBe(0);
    run.finish();
    // When d began, b had ended 25 hours before.
    expect(await allIdsIn(path)).toEqual(["a", "c", "d"]);
  });
});

function mount(place: string): void {
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskBytes},nr_inodes=64`, "tmpfs", place], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`no tmpfs can be mounted at ${place}: ${stderr}`);
}

/** @returns empty files, until no more can be made */
function fillWithFiles(disk: string): string[] {
  const made: string[] = [];
  for (;;) {
    const path = join(disk, `ballast-${made.length}`);
    try {
      writeFileSync(path, "");
    } catch (error) {
      if (!isOf(error, "ENOSPC")) throw error;
      return made;
    }
    made.push(path);
  }
}
