import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Exchange } from "../../model/exchange.ts";
import { recordingFormat } from "../../model/format.ts";
import { epochMs } from "../../model/units.ts";
import { committedSequences } from "../../recording/committed-sequences.ts";
import { openRecording } from "../../recording/open.ts";
import { createSegment } from "../../recording/segment-file.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { RecordingWriter, type RecordingWriterOptions } from "../../recording/writer.ts";
import { anyExchange } from "./arbitraries.ts";
import { plain, plainExchange, text } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

interface Told {
  readonly committed: number[];
  readonly dropped: [number, string][];
  readonly paused: string[];
  resumed: number;
}

function open(path: string, changes: Partial<RecordingWriterOptions> = {}): { writer: RecordingWriter; told: Told; clock: FakeClock } {
  const told: Told = { committed: [], dropped: [], paused: [], resumed: 0 };
  const clock = new FakeClock();
  const writer = RecordingWriter.open(path, {
    labels: { service: "shop" },
    epoch: "e1",
    clock,
    redaction: "off",
    keyId: null,
    onCommitted: (sequences) => told.committed.push(...sequences),
    onDropped: (sequences, reason) => told.dropped.push(...sequences.map((sequence): [number, string] => [sequence, reason])),
    onPaused: (reason) => told.paused.push(reason),
    onResumed: () => told.resumed++,
    ...changes,
  });
  return { writer, told, clock };
}

async function readAll(path: string): Promise<Exchange[]> {
  const recording = await openRecording(path);
  try {
    return await Array.fromAsync(recording.exchanges());
  } finally {
    recording.close();
  }
}

const numbered = (number: number, at = number): Exchange => plainExchange({ id: `x${number}`, at: epochMs(at) });

describe("a recording in segments", () => {
  it("gives back every exchange as it was written, whatever that holds", async () => {
    const samples = fc.sample(anyExchange, 300).map((exchange, index) => ({ ...exchange, id: `${exchange.id}#${index}` }));
    const path = directory();
    const { writer, told } = open(path);
    samples.forEach((exchange, index) => writer.append(index, exchange));
    writer.close();
    expect(told.dropped).toEqual([]);
    const read = await readAll(path);
    const byId = new Map(read.map((exchange) => [exchange.id, plain(exchange)]));
    for (const sample of samples) expect(byId.get(sample.id)).toEqual(plain(sample));
    expect(read.length).toBe(samples.length);
  });

  it("holds 1 MB bodies, a thousand headers and the same body only once", async () => {
    const path = directory();
    const { writer } = open(path);
    const big = { kind: "whole" as const, bytes: new Uint8Array(1024 * 1024).map((_, index) => (index * 2654435761) >>> 13) };
    const headers = Array.from({ length: 1000 }, (_, index) => [`X-${index}`, "v".repeat(100)] as const);
    const exchange = plainExchange({ request: { ...plainExchange().request, headers, body: big } });
    for (let i = 0; i < 5; i++) writer.append(i, { ...exchange, id: `big${i}` });
    writer.close();
    expect(statSync(join(path, "000001.penumbra")).size).toBeLessThan(2.2 * 1024 * 1024);
    const read = await readAll(path);
    expect(plain(read[4])).toEqual(plain({ ...exchange, id: "big4" }));
  });

  it("stores compressible bodies compressed", () => {
    const path = directory();
    const { writer } = open(path);
    writer.append(1, plainExchange({ request: { ...plainExchange().request, body: text("abc ".repeat(100_000)) } }));
    writer.close();
    expect(statSync(join(path, "000001.penumbra")).size).toBeLessThan(100_000);
  });

  it("commits a batch when it is full or 50 ms old, and tells the sequences only then", () => {
    const { writer, told, clock } = open(directory(), { limits: { batchExchanges: 3 } });
    writer.append(1, numbered(1));
    writer.append(2, numbered(2));
    expect(told.committed).toEqual([]);
    writer.append(3, numbered(3));
    expect(told.committed).toEqual([1, 2, 3]);
    writer.append(4, numbered(4));
    clock.advance(49);
    expect(told.committed).toEqual([1, 2, 3]);
    clock.advance(1);
    expect(told.committed).toEqual([1, 2, 3, 4]);
    writer.close();
  });

  it("is readable while it is written, and then is one plain file with private modes", async () => {
    const path = join(directory(), "recording");
    const { writer } = open(path);
    writer.append(1, numbered(1));
    writer.flush();
    expect((await readAll(path)).map(({ id }) => id)).toEqual(["x1"]);
    writer.append(2, numbered(2));
    writer.flush();
    for (const name of readdirSync(path)) expect((statSync(join(path, name)).mode & 0o077).toString(8), name).toBe("0");
    expect(statSync(path).mode & 0o777).toBe(0o700);
    writer.close();
    expect(readdirSync(path).filter((name) => name !== "writer.lock")).toEqual(["000001.penumbra"]);
    expect((await readAll(path)).length).toBe(2);
    expect(readdirSync(path).filter((name) => name !== "writer.lock")).toEqual(["000001.penumbra"]);
  });

  it("gets a new segment when it is opened again, by size and by age, and reads as one by request start", async () => {
    const path = directory();
    const first = open(path, { limits: { segmentMs: 1000, batchExchanges: 1 } });
    first.writer.append(1, numbered(1, 30));
    first.clock.advance(1001);
    first.writer.append(2, numbered(2, 10));
    first.writer.append(3, numbered(3, 40));
    first.writer.close();
    const second = open(path, { epoch: "e2", limits: { segmentBytes: 1, batchExchanges: 1 } });
    second.writer.append(1, numbered(4, 20));
    second.writer.append(2, numbered(5, 30));
    second.writer.close();
    expect(readdirSync(path).filter((name) => name.endsWith(".penumbra")).length).toBe(4);
    expect((await readAll(path)).map(({ id }) => id)).toEqual(["x2", "x4", "x1", "x5", "x3"]);
    const recording = await openRecording(path);
    expect(recording.count()).toBe(5);
    expect(recording.meta).toMatchObject({ form: "segments", format: recordingFormat, labels: { service: "shop" } });
    recording.close();
  });

  it("knows which sequences of an epoch are on disk, and takes each only once", async () => {
    const path = directory();
    const { writer } = open(path, { limits: { batchExchanges: 1 } });
    writer.append(7, numbered(1));
    writer.append(9, numbered(2));
    writer.append(7, numbered(1));
    expect(committedSequences(writer.directory, "e1")).toEqual([7, 9]);
    expect(committedSequences(writer.directory, "other")).toEqual([]);
    writer.close();
    expect((await readAll(path)).length).toBe(2);
  });

  it("keeps within its size by deleting whole segments, oldest first", () => {
    const path = directory();
    const { writer } = open(path, { limits: { batchExchanges: 1, segmentBytes: 1, keepBytes: 400_000 } });
    for (let i = 0; i < 20; i++) writer.append(i, numbered(i));
    writer.close();
    const names = readdirSync(path).filter((name) => name.endsWith(".penumbra"));
    expect(names.length).toBeGreaterThan(1);
    expect(names.length).toBeLessThan(15);
    expect(names).not.toContain("000001.penumbra");
    expect(names.toSorted().at(-1)).toBe("000020.penumbra");
  });

  it("drops only the exchange that has no row form", () => {
    const { writer, told } = open(directory());
    writer.append(1, numbered(1));
    writer.append(2, plainExchange({ extra: { big: 1n } }));
    writer.append(3, plainExchange({ id: "\ud800" }));
    writer.close();
    expect(told.committed).toEqual([1]);
    expect(told.dropped).toEqual([
      [2, "record_error"],
      [3, "record_error"],
    ]);
  });
});

describe("a full disk", () => {
  it("pauses the recording with a reason, loses nothing that was committed, and is retried", async () => {
    const path = directory();
    let full = true;
    const { writer, told, clock } = open(path, {
      limits: { batchExchanges: 1 },
      createSegment: (segment, meta) => {
        const database = createSegment(segment, meta);
        // SQLite's own bound: what it says then is what it says when the disk is full.
        if (full) database.pragma(`max_page_count = ${Number(database.pragma("page_count", { simple: true })) + 8}`);
        return database;
      },
    });
    const noise = (id: number): Exchange => {
      const bytes = new Uint8Array(8192).map((_, index) => Math.imul(index + 1, (id + 1) * 2654435761) >>> 17);
      return plainExchange({ id: `n${id}`, request: { ...plainExchange().request, body: { kind: "whole", bytes } } });
    };
    let next = 0;
    while (told.paused.length === 0 && next < 50) writer.append(next, noise(next++));
    expect(told.paused).toEqual(["disk_full"]);
    expect(writer.paused).toBe("disk_full");
    expect(told.dropped).toEqual([[next - 1, "disk_full"]]);
    writer.append(next, noise(next++));
    expect(told.dropped.at(-1)).toEqual([next - 1, "disk_full"]);
    full = false;
    clock.advance(1000);
    writer.append(next, noise(next++));
    expect(writer.paused).toBe(null);
    expect(told.committed.at(-1)).toBe(next - 1);
    writer.close();
    expect(told.committed.length + told.dropped.length).toBe(next);
    expect((await readAll(path)).length).toBe(told.committed.length);
    expect((await verifyRecording(path)).problems).toEqual([]);
    expect(told.resumed).toBe(1);
  });

  it("that is full when recording begins is no reason not to begin", async () => {
    const path = directory();
    let full = true;
    const { writer, told, clock } = open(path, {
      limits: { batchExchanges: 1 },
      createSegment: (segment, meta) => {
        if (full) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
        return createSegment(segment, meta);
      },
    });
    expect(told.paused).toEqual(["disk_full"]);
    writer.append(1, numbered(1));
    expect(told.dropped).toEqual([[1, "disk_full"]]);
    full = false;
    clock.advance(1000);
    writer.append(2, numbered(2));
    writer.close();
    expect(told.committed).toEqual([2]);
    expect(told.resumed).toBe(1);
  });
});

describe("a directory", () => {
  it("that is not ours is refused and left alone", () => {
    const foreign = directory();
    writeFileSync(join(foreign, "notes.txt"), "mine");
    expect(() => open(foreign)).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    expect(readdirSync(foreign)).toEqual(["notes.txt"]);
    const database = directory();
    new Database(join(database, "000001.penumbra")).exec("CREATE TABLE t (a)").close();
    expect(() => open(database)).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
    const file = join(directory(), "file");
    writeFileSync(file, "");
    expect(() => open(file)).toThrow(expect.objectContaining({ code: "DIRECTORY_NOT_OURS" }));
  });

  it("in which somebody has put a link in the place of the lock is refused, and where that leads stays as it is", () => {
    const path = directory();
    const elsewhere = join(directory(), "precious");
    symlinkSync(elsewhere, join(path, "writer.lock"));
    expect(() => open(path)).toThrow(/writer\.lock is a symbolic link, which is not followed/);
    expect(existsSync(elsewhere)).toBe(false);
    writeFileSync(elsewhere, "");
    expect(() => open(path)).toThrow(expect.objectContaining({ code: "CANNOT_WRITE" }));
  });

  it("takes one writer at a time", () => {
    const path = directory();
    const { writer } = open(path);
    expect(() => open(path)).toThrow(expect.objectContaining({ code: "RECORDING_BUSY" }));
    writer.close();
    open(path).writer.close();
  });
});

describe("a writer that is killed", () => {
  const child = fileURLToPath(new URL("./recording-child.ts", import.meta.url));

  it("leaves a recording that opens, checks and holds every exchange that was told as committed", { timeout: 60_000 }, async () => {
    const path = join(directory(), "recording");
    for (const after of [1, 40, 700, 1500]) {
      const run = spawn(process.execPath, [child, path, `epoch${after}`], { stdio: ["ignore", "pipe", "inherit"] });
      let told = 0;
      for await (const chunk of run.stdout) {
        const lines = String(chunk).split("\n");
        // The last whole line is the newest number told.
        told = Math.max(told, ...lines.slice(0, -1).map(Number));
        if (told >= after) run.kill("SIGKILL");
      }
      if (run.exitCode === null && run.signalCode === null) await once(run, "exit");
      expect(told).toBeGreaterThanOrEqual(after);
      const kept = (await readAll(path)).filter(({ id }) => id.startsWith(`epoch${after}-`)).map(({ id }) => Number(id.split("-")[1]));
      expect(new Set(kept).size).toBe(kept.length);
      expect(kept.toSorted((a, b) => a - b).slice(0, told)).toEqual(Array.from({ length: told }, (_, index) => index + 1));
      expect((await verifyRecording(path)).problems).toEqual([]);
    }
    // The next writer heals what the killed ones left.
    open(path).writer.close();
    expect(readdirSync(path).filter((name) => name.endsWith("-wal"))).toEqual([]);
    expect((await verifyRecording(path)).problems).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "leaves a recording that somebody without write permission can read",
    { timeout: 30_000 },
    async () => {
      const root = directory();
      const path = join(root, "recording");
      const run = spawn(process.execPath, [child, path, "e"], { stdio: ["ignore", "pipe", "inherit"] });
      run.stdout.once("data", () => run.kill("SIGKILL"));
      await once(run, "close");
      for (const place of [root, path]) chmodSync(place, 0o755);
      for (const name of readdirSync(path)) chmodSync(join(path, name), 0o644);
      const reader = fileURLToPath(new URL("./reading-child.ts", import.meta.url));
      for (const without of ["", "-shm"]) {
        if (without !== "") for (const name of readdirSync(path).filter((file) => file.endsWith(without))) rmSync(join(path, name));
        const reading = spawn(process.execPath, [reader, path], { uid: 65534, gid: 65534, stdio: ["ignore", "pipe", "inherit"] });
        const output = (await Array.fromAsync(reading.stdout)).join("");
        expect(Number(output)).toBeGreaterThan(0);
      }
    },
  );
});

describe("a closed segment", () => {
  it("is not touched by reading it", async () => {
    const path = directory();
    const { writer } = open(path);
    writer.append(1, numbered(1));
    writer.close();
    const file = join(path, "000001.penumbra");
    const before = readFileSync(file);
    await readAll(file);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(`${file}-shm`)).toBe(false);
    mkdirSync(join(path, "unrelated"));
    expect((await readAll(path)).length).toBe(1);
  });
});
