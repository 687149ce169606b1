import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEntry } from "../../model/observation.ts";
import { milliseconds } from "../../model/units.ts";
import { openRun, RunWriter } from "../../recording/run.ts";
import { anyEntry } from "./arbitraries.ts";
import { plain, plainExchange } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { runMeta } from "./run-meta.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();
const observed = (id: string): RunEntry => ({
  kind: "observation",
  observation: { exchange: plainExchange({ id }), candidate: null, controls: [] },
});
const entriesOf = async (path: string): Promise<RunEntry[]> => Array.fromAsync((await openRun(path)).entries());

const idsOf = async (path: string): Promise<string[]> =>
  (await entriesOf(path)).map((entry) => (entry.kind === "observation" ? entry.observation.exchange.id : ""));

async function finished(path: string, entries: readonly RunEntry[]): Promise<void> {
  const writer = RunWriter.create(path, runMeta(), { force: false });
  for (const entry of entries) writer.append(entry);
  await writer.finish(runMeta({ endedAt: "2026-11-22T10:01:00.000Z" }));
}

describe("a run", () => {
  it("comes back entry by entry as it was written, and as often as it is read", async () => {
    const entries = fc.sample(anyEntry, 300);
    const path = join(directory(), "run");
    await finished(path, entries);
    const run = await openRun(path);
    for (let reading = 0; reading < 2; reading++) {
      const read = await Array.fromAsync(run.entries());
      expect(read.length).toBe(entries.length);
      read.forEach((entry, index) => expect(plain(entry)).toEqual(plain(entries[index])));
    }
    expect(run.ignoredLines).toBe(0);
  });

  it("keeps the spelling of foreign numbers", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a")]);
    const log = join(path, "entries.ndjson");
    writeFileSync(log, readFileSync(log, "utf8").replace('"id":"a"', '"id":"a","theirs":{"n":1.0}'));
    const again = join(directory(), "again");
    await finished(again, await entriesOf(path));
    expect(readFileSync(join(again, "entries.ndjson"), "utf8")).toContain('"theirs":{"n":1.0}');
  });

  it("has its meta data from the start and anew at the end, and is private", async () => {
    const path = join(directory(), "deep", "run");
    const writer = RunWriter.create(path, runMeta(), { force: false });
    expect((await openRun(path)).meta).toEqual(runMeta());
    const replay = {
      valid: true,
      scheduled: 3,
      sent: 2,
      dropped: 1,
      lateness: { p50: 0.1, p95: 1, p99: 2, max: 3 },
      orderViolations: 0,
      maxConcurrency: { recorded: 2, achieved: 2 },
    };
    const experiments = { asked: 1, findings: 2, sends: 30, limit: 40, ended: "reset-failed", detail: "exit code 1" } as const;
    await writer.finish(runMeta({ replay, interrupted: true, experiments }));
    expect((await openRun(path)).meta).toEqual(runMeta({ replay, interrupted: true, experiments }));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(path).toSorted()).toEqual(["entries.ndjson", "run.json", "writer.lock"]);
    for (const name of readdirSync(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  });

  it("is on disk after 50 ms, or at once when asked", async () => {
    const path = join(directory(), "run");
    const clock = new FakeClock();
    const writer = RunWriter.create(path, runMeta(), { force: false, clock });
    writer.append(observed("a"));
    clock.advance(49);
    expect(await entriesOf(path)).toEqual([]);
    clock.advance(1);
    expect((await entriesOf(path)).length).toBe(1);
    writer.append(observed("b"));
    writer.flush();
    expect((await entriesOf(path)).length).toBe(2);
    await writer.finish(runMeta());
  });

  it("opens wherever a crash has cut its log, with the half line left out and counted", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a"), observed("b\u00e9")]);
    const log = join(path, "entries.ndjson");
    const whole = readFileSync(log);
    const firstLine = whole.indexOf("\n") + 1;
    for (let length = whole.length; length >= firstLine; length--) {
      truncateSync(log, length);
      const run = await openRun(path);
      const read = await Array.fromAsync(run.entries());
      const lastIsWhole = length >= whole.length - 1;
      const cut = !lastIsWhole && length > firstLine;
      expect([read.length, run.ignoredLines], `${length} bytes`).toEqual([lastIsWhole ? 2 : 1, cut ? 1 : 0]);
    }
  });

  it("goes on after a crash where its last whole line ended", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a")]);
    appendFileSync(join(path, "entries.ndjson"), '{"kind":"observation","half');
    const writer = RunWriter.continue(path);
    writer.append(observed("b"));
    await writer.finish(runMeta());
    expect(await idsOf(path)).toEqual(["a", "b"]);
  });

  it("goes on after a full disk where its last whole line ended, when it may try again", async () => {
    const path = join(directory(), "run");
    const clock = new FakeClock();
    let room = Number.POSITIVE_INFINITY;
    const write = (file: number, bytes: Buffer, offset: number): number => {
      if (room <= 0) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      const written = writeSync(file, bytes, offset, Math.min(room, bytes.length - offset));
      room -= written;
      return written;
    };
    const writer = RunWriter.create(path, runMeta(), { force: false, clock, retryAfter: milliseconds(1000), write });
    writer.append(observed("a"));
    writer.flush();
    room = 10;
    writer.append(observed("lost"));
    expect(() => writer.flush()).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
    expect(() => writer.append(observed("refused"))).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
    room = Number.POSITIVE_INFINITY;
    clock.advance(1000);
    writer.append(observed("b"));
    await writer.finish(runMeta());
    expect(await idsOf(path)).toEqual(["a", "b"]);
  });

  it("stays where the disk ended when it may not try again", async () => {
    const path = join(directory(), "run");
    const clock = new FakeClock();
    const write = (): number => {
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    };
    const writer = RunWriter.create(path, runMeta(), { force: false, clock, write });
    writer.append(observed("a"));
    expect(() => writer.flush()).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
    clock.advance(1_000_000);
    expect(() => writer.append(observed("b"))).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
    await expect(writer.finish(runMeta())).rejects.toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
  });

  it("with a broken line in the middle is refused, with the line's number", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a")]);
    appendFileSync(join(path, "entries.ndjson"), '{"kind":\n');
    await expect(entriesOf(path)).rejects.toMatchObject({ code: "RUN_DAMAGED", message: expect.stringContaining("line 2: not JSON") });
  });

  it.each([
    ["nothing", () => {}, "NOT_A_RUN"],
    ["no run.json", (path: string) => mkdirSync(path), "NOT_A_RUN"],
    ["a run.json that is no JSON", (path: string) => put(path, "{"), "NOT_A_RUN"],
    ["somebody else's run.json", (path: string) => put(path, '{"format":1,"kind":"jog"}'), "NOT_A_RUN"],
    ["a newer run", (path: string) => put(path, '{"format":99,"other":true}'), "RUN_NEWER"],
    ["no log", (path: string) => put(path, JSON.stringify(runMeta())), "NOT_A_RUN"],
  ])("of %s is refused in one clear line", async (_what, make, code) => {
    const path = join(directory(), "run");
    make(path);
    const error: unknown = await openRun(path).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: "PenumbraError", code, message: expect.stringContaining(path) });
    expect(error).toMatchObject({ message: expect.not.stringContaining("\n"), hint: expect.stringMatching(/\w/) });
  });
});

describe("the directory of a run", () => {
  it("that holds a run is replaced with force only, and then by our files only", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a")]);
    writeFileSync(join(path, "report.json"), "{}");
    expect(() => RunWriter.create(path, runMeta(), { force: false })).toThrow(expect.objectContaining({ code: "RUN_EXISTS" }));
    expect((await entriesOf(path)).length).toBe(1);
    await RunWriter.create(path, runMeta(), { force: true }).finish(runMeta());
    expect(await entriesOf(path)).toEqual([]);
    expect(readdirSync(path)).not.toContain("report.json");
  });

  it("may hold reproductions, which go with it, and nothing else among them", async () => {
    const path = join(directory(), "run");
    await finished(path, [observed("a")]);
    mkdirSync(join(path, "reproductions"));
    writeFileSync(join(path, "reproductions", "0123456789ab.ndjson"), "");
    await RunWriter.create(path, runMeta(), { force: true }).finish(runMeta());
    expect(readdirSync(path)).not.toContain("reproductions");
    mkdirSync(join(path, "reproductions"));
    writeFileSync(join(path, "reproductions", "mine.txt"), "mine");
    expect(() => RunWriter.create(path, runMeta(), { force: true })).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    expect(readFileSync(join(path, "reproductions", "mine.txt"), "utf8")).toBe("mine");
  });

  it("that somebody writes is refused, with force too, and left alone until that one has finished", async () => {
    const path = join(directory(), "run");
    const writer = RunWriter.create(path, runMeta(), { force: false });
    writer.append(observed("a"));
    writer.flush();
    const busy: unknown = expect.objectContaining({ code: "RUN_BUSY" });
    expect(() => RunWriter.create(path, runMeta(), { force: true })).toThrow(busy);
    expect(() => RunWriter.continue(path)).toThrow(busy);
    expect(await idsOf(path)).toEqual(["a"]);
    await writer.finish(runMeta());
    const next = RunWriter.continue(path);
    next.append(observed("b"));
    await next.finish(runMeta());
    expect(await idsOf(path)).toEqual(["a", "b"]);
    await RunWriter.create(path, runMeta(), { force: true }).finish(runMeta());
    expect(await idsOf(path)).toEqual([]);
  });

  it("that holds anything else is refused, with force too, and left alone", () => {
    const path = directory();
    writeFileSync(join(path, "thesis.txt"), "mine");
    for (const force of [true, false]) {
      expect(() => RunWriter.create(path, runMeta(), { force })).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    }
    const foreign = join(directory(), "npm");
    put(foreign, '{"scripts":{}}');
    expect(() => RunWriter.create(foreign, runMeta(), { force: true })).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    expect(readFileSync(join(path, "thesis.txt"), "utf8")).toBe("mine");
    expect(() => RunWriter.create(join(path, "thesis.txt"), runMeta(), { force: true })).toThrow(
      expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }),
    );
  });

  it("that is empty is used", async () => {
    const path = directory();
    await finished(path, [observed("a")]);
    expect((await entriesOf(path)).length).toBe(1);
  });
});

function put(path: string, meta: string): void {
  mkdirSync(path);
  writeFileSync(join(path, "run.json"), meta);
}
