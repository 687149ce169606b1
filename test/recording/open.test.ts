import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeAll, describe, expect, it } from "vitest";
import { PenumbraError } from "../../model/errors.ts";
import type { Exchange } from "../../model/exchange.ts";
import { epochMs } from "../../model/units.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { openRecording } from "../../recording/open.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange, text } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

const lineOf = (id: string, at: number): string => encodeExchange(plainExchange({ id, at: epochMs(at) }));

/** Out of order, and often the same, also where a page of rows ends. */
const startOf = (index: number): number => (index * 7919) % 7;

/** A closed segment of 300 exchanges that every test may copy. */
let segment: Buffer;
beforeAll(() => {
  const path = directory();
  const writer = RecordingWriter.open(path, {
    labels: {},
    epoch: "e",
    clock: new FakeClock(),
    redaction: "off",
    keyId: null,
    onCommitted: () => {},
    onDropped: () => expect.unreachable(),
    onPaused: () => {},
  });
  for (let i = 0; i < 300; i++) {
    const headers = [["X-Number", `number ${i}`]] as const;
    const request = { ...plainExchange().request, headers, body: text(`body ${i} `.repeat(30)) };
    writer.append(i, plainExchange({ id: `s${i}`, at: epochMs(startOf(i)), request }));
  }
  writer.close();
  segment = readFileSync(join(path, "000001.penumbra"));
});

function segmentFile(): string {
  const path = join(directory(), "000001.penumbra");
  writeFileSync(path, segment);
  return path;
}

async function ids(path: string): Promise<string[]> {
  const recording = await openRecording(path);
  try {
    return (await Array.fromAsync(recording.exchanges())).map(({ id }) => id);
  } finally {
    recording.close();
  }
}

async function readFailure(path: string): Promise<unknown> {
  return ids(path).catch((error: unknown) => error);
}

describe("openRecording", () => {
  it("reads NDJSON in order of request start, whatever the order of its lines", async () => {
    const path = join(directory(), "a.ndjson");
    writeFileSync(path, [lineOf("c", 3), "", lineOf("a\u2028é", 1), "\r", `${lineOf("b", 2)}\r`, lineOf("b2", 2)].join("\n"));
    expect(await ids(path)).toEqual(["a\u2028é", "b", "b2", "c"]);
    const recording = await openRecording(path);
    expect([recording.count(), recording.meta.form]).toEqual([4, "ndjson"]);
    recording.close();
  });

  it("reads NDJSON that is in order, with and without the last newline, and an empty file", async () => {
    const path = join(directory(), "a.ndjson");
    for (const [content, expected] of [
      [`${lineOf("a", 1)}\n${lineOf("b", 1)}\n`, ["a", "b"]],
      [`${lineOf("a", 1)}\n${lineOf("b", 2)}`, ["a", "b"]],
      ["", []],
      ["\n", []],
    ] as const) {
      writeFileSync(path, content);
      expect(await ids(path)).toEqual(expected);
    }
  });

  it("reads a segment, and a directory of segments, by request start", async () => {
    const path = segmentFile();
    const read = await ids(path);
    expect(read.length).toBe(300);
    expect(new Set(read).size).toBe(300);
    const starts = read.map((id) => startOf(Number(id.slice(1))));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(await ids(join(path, ".."))).toEqual(read);
  });

  it("can be left in the middle, and read again", async () => {
    const recording = await openRecording(segmentFile());
    for await (const exchange of recording.exchanges()) if (exchange.id !== "") break;
    expect((await Array.fromAsync(recording.exchanges())).length).toBe(300);
    recording.close();
  });

  it("finds a bad NDJSON line before giving out the first exchange, and names file and line", async () => {
    const path = join(directory(), "a.ndjson");
    writeFileSync(path, `${lineOf("a", 1)}\n{"id":"b"\n`);
    await expect(openRecording(path)).rejects.toMatchObject({
      code: "NDJSON_INVALID",
      message: expect.stringMatching(/a\.ndjson line 2: not JSON/),
    });
    writeFileSync(path, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]));
    await expect(openRecording(path)).rejects.toMatchObject({
      code: "NDJSON_INVALID",
      message: expect.stringContaining("line 1: not UTF-8"),
    });
  });

  it.each<readonly [string, (path: string) => string, string]>([
    ["nothing there", (path) => join(path, "no"), "RECORDING_NOT_FOUND"],
    ["an empty directory", (path) => path, "NOT_A_RECORDING"],
    ["a run", (path) => given(path, "run.json", "{}", path), "NOT_A_RECORDING"],
    ["a HAR file that is none", (path) => given(path, "x.har", "{}"), "HAR_INVALID"],
    ["a form of later", (path) => given(path, "x.pcap", "{}"), "NOT_A_RECORDING"],
    ["an empty segment", (path) => given(path, "000001.penumbra", ""), "NOT_A_RECORDING"],
    ["garbage with a segment's name", (path) => given(path, "000001.penumbra", "garbage".repeat(1000), path), "NOT_A_RECORDING"],
    ["a directory with a segment's name", (path) => (mkdirSync(join(path, "000001.penumbra")), path), "CANNOT_READ"],
    ["a text file", (path) => given(path, "notes.txt", "hello"), "NOT_A_RECORDING"],
    ["another program's database", (path) => database(path, "CREATE TABLE t (a)"), "NOT_A_RECORDING"],
    ["a newer recording", (path) => changed(path, "PRAGMA user_version = 99"), "RECORDING_NEWER"],
    [
      "a recording without its tables",
      (path) => changed(path, "DROP TABLE counters; DROP INDEX exchange_by_start; DROP TABLE exchange"),
      "RECORDING_DAMAGED",
    ],
  ])("refuses %s in one clear line", async (_what, make, code) => {
    const path = make(directory());
    const error = await readFailure(path);
    expect(error).toMatchObject({
      name: "PenumbraError",
      code,
      message: expect.not.stringContaining("\n"),
      hint: expect.stringMatching(/\w/),
    });
    expect(String(error)).toContain(path);
  });

  it("refuses a segment that is cut off before giving out the first exchange, wherever that is", async () => {
    const path = segmentFile();
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      writeFileSync(path, segment);
      truncateSync(path, Math.floor(segment.length * share));
      await expect(openRecording(path), String(share)).rejects.toMatchObject({ name: "PenumbraError", code: "RECORDING_DAMAGED" });
    }
  });

  it("never gives out a row with a flipped bit", async () => {
    const whole = (await Array.fromAsync(readAll(segmentFile()))).map(encodeExchange);
    const packs = packsOf(segmentFile());
    let noticed = 0;
    for (let flip = 0; flip < flips; flip++) {
      const path = segmentFile();
      const [id, pack] = packs[flip % packs.length] ?? [0, Buffer.alloc(1)];
      const bytes = Buffer.from(pack);
      const at = (flip * 7919) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (flip % 8));
      const opened = new Database(path);
      opened.prepare("UPDATE pack SET bytes = ? WHERE id = ?").run(bytes, id);
      opened.close();
      const read = await readOrDamage(path);
      // Some bits say nothing, e.g. which window a decoder needs.
      if (read === "RECORDING_DAMAGED") noticed++;
      expect([whole, "RECORDING_DAMAGED"], `bit ${flip % 8} of byte ${at} of pack ${id}`).toContainEqual(read);
    }
    expect(noticed).toBeGreaterThan(flips / 2);
  });
});

/** Each reads the segment anew. */
const flips = 40;

async function* readAll(path: string): AsyncGenerator<Exchange> {
  const recording = await openRecording(path);
  try {
    yield* recording.exchanges();
  } finally {
    recording.close();
  }
}

async function readOrDamage(path: string): Promise<readonly string[] | string> {
  try {
    return (await Array.fromAsync(readAll(path))).map(encodeExchange);
  } catch (error) {
    if (error instanceof PenumbraError) return error.code;
    throw error;
  }
}

function packsOf(path: string): readonly (readonly [number, Buffer])[] {
  const opened = new Database(path, { readonly: true });
  const rows = opened.prepare<[], { id: number; bytes: Buffer }>("SELECT id, bytes FROM pack").all();
  opened.close();
  return rows.map(({ id, bytes }) => [id, bytes] as const);
}

function given(path: string, name: string, content: string, result?: string): string {
  writeFileSync(join(path, name), content);
  return result ?? join(path, name);
}

function database(path: string, sql: string): string {
  new Database(join(path, "000001.penumbra")).exec(sql).close();
  return path;
}

function changed(path: string, sql: string): string {
  const file = given(path, "000001.penumbra", "");
  writeFileSync(file, segment);
  const opened = new Database(file);
  opened.pragma("foreign_keys = OFF");
  opened.exec(sql).close();
  return path;
}
