import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { epochMs, milliseconds } from "../../model/units.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { openRecording } from "../../recording/open.ts";
import { summarise } from "../../recording/summary.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange, text } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

const ledger = {
  epoch: "e",
  seen: 10,
  unsampled: 4,
  captured: 4,
  open: 0,
  dropped: { budget: 2, client_abort: 0 },
  mirrored: 4,
  mirrorDropped: {},
  pendingMirror: 0,
  recorded: 3,
  recordDropped: { redaction_error: 1 },
  pendingRecord: 0,
  recovered: 0,
};

function record(path: string, counters: object): string {
  const writer = RecordingWriter.open(path, {
    labels: { service: "shop" },
    epoch: "e",
    clock: new FakeClock(),
    redaction: "off",
    keyId: null,
    onCommitted: () => {},
    onDropped: () => expect.unreachable(),
    onPaused: () => {},
  });
  const request = { ...plainExchange().request, method: "POST", body: text("12345") };
  writer.append(1, plainExchange({ id: "a", at: epochMs(10), lane: "l1" }));
  writer.append(2, plainExchange({ id: "b", at: epochMs(30), lane: "l1", request }));
  writer.append(3, plainExchange({ id: "c", at: epochMs(20), outcome: { kind: "timed-out", tookMs: milliseconds(9) } }));
  writer.counters({ ...ledger, seen: 0 });
  writer.counters(counters);
  writer.close();
  return path;
}

function change(path: string, sql: string): void {
  const database = new Database(join(path, "000001.penumbra"));
  database.exec(sql);
  database.close();
}

async function exchangesIn(path: string): Promise<readonly string[]> {
  const recording = await openRecording(path);
  return (await Array.fromAsync(recording.exchanges())).map(encodeExchange);
}

/** Where the rows of exchanges stand, which are few and fill a part of one page: its header, the places of its cells, and the cells
 * (https://www.sqlite.org/fileformat.html §1.6). */
function bytesOfRows(path: string, file: Buffer): readonly number[] {
  const database = new Database(path, { readonly: true });
  const root = database.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'exchange'").pluck().get() ?? 0;
  const size = Number(database.pragma("page_size", { simple: true }));
  database.close();
  const start = (root - 1) * size;
  const headerBytes = 8 + 2 * file.readUInt16BE(start + 3);
  const cells = file.readUInt16BE(start + 5);
  return [
    ...Array.from({ length: headerBytes }, (_, index) => start + index),
    ...Array.from({ length: size - cells }, (_, index) => start + cells + index),
  ];
}

describe("verifyRecording", () => {
  it("counts, checks bodies, and recounts the last ledger", async () => {
    expect(await verifyRecording(record(directory(), ledger))).toMatchObject({
      exchanges: 3,
      segments: 1,
      bodies: 1,
      problems: [],
      ledgers: [{ epoch: "e", recorded: 3, drops: { budget: 2, redaction_error: 1 }, problems: [] }],
    });
  });

  it.each([
    [{ ...ledger, unsampled: 5 }, "10 exchanges were seen, but 11 are accounted for"],
    [{ ...ledger, pendingMirror: 1 }, "4 exchanges were captured, but the mirror accounts for 5"],
    [{ ...ledger, recordDropped: {} }, "4 exchanges were captured, but the recording accounts for 3"],
    [{ ...ledger, recorded: 4, recordDropped: {} }, "the ledger says that 4 exchanges were recorded, but 3 are here"],
    [{ seen: "many" }, "a counters snapshot cannot be read"],
  ])("finds a ledger that does not add up: %#", async (counters, problem) => {
    const { problems } = await verifyRecording(record(directory(), counters));
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it.each<[string, string]>([
    ["UPDATE body SET packed = 'raw', bytes = x'3132333436'", "body 1 is not what its hash says"],
    ["UPDATE body SET packed = 'raw', bytes = x'31'", "body 1 has 1 bytes instead of 5"],
    ["UPDATE body SET packed = 'zstd', bytes = x'31'", "body 1 cannot be decompressed"],
    ["UPDATE body SET packed = 'zstd'", "body 1 has no bytes"],
    ["UPDATE body SET pack_at = 9", "pack 1 ends before its part at 9"],
    ["UPDATE pack SET bytes = x'31'", "cannot be decompressed"],
    ["UPDATE pack SET length = length + 1", "bytes instead of"],
    ["DELETE FROM pack WHERE id = 2", "exchange b: pack 2 is missing"],
    ["UPDATE exchange SET head_at = head_at + 1 WHERE exchange_id = 'a'", "exchange a: its checksum is wrong"],
    ...[
      ...["epoch = 'f'", "sequence = 9", "exchange_id = 'z'", "lane = 'l2'", "lane = NULL", "connection = ''", "at_ms = at_ms + 1"],
      ...["first_byte_ms = 3.3", "took_ms = 5", "method = 'PUT'", "target = '/other'", "status = 201", "outcome = 'refused'"],
      ...["request_size = NULL", "answer_size = 1", "request_body = NULL", "flags = 1", "inclusion = 0.5", "head_length = head_length - 1"],
    ].map((columns): [string, string] => [`UPDATE exchange SET ${columns} WHERE exchange_id = 'b'`, "its checksum is wrong"]),
  ])("finds damage: %s", async (sql, problem) => {
    const path = record(directory(), ledger);
    change(path, sql);
    const { problems } = await verifyRecording(path);
    expect(problems.join("\n")).toContain(problem);
  });

  it("finds, or SQLite's own check does, every byte of a row that reads otherwise when it is flipped", async () => {
    const path = record(directory(), ledger);
    const segment = join(path, "000001.penumbra");
    const whole = readFileSync(segment);
    const unharmed = await exchangesIn(path);
    const read = new Map<number, readonly string[]>();
    const bytes = bytesOfRows(segment, whole);
    for (const at of bytes) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(at) ^ (1 << (at % 8)), at);
      writeFileSync(segment, flipped);
      const { problems } = await verifyRecording(path);
      if (problems.length === 0) read.set(at, await exchangesIn(path));
    }
    // SQLite does not look at some, such as what a row has in place of its id.
    expect([...read].filter(([, exchanges]) => exchanges.join("\n") !== unharmed.join("\n"))).toEqual([]);
    expect(read.size).toBeLessThan(bytes.length / 50);
  });

  it("finds two exchanges with one id", async () => {
    const path = directory();
    record(path, ledger);
    record(path, ledger);
    expect((await verifyRecording(path)).problems).toContain('two exchanges have the id "a"');
  });

  it("checks the other segments when one cannot be read", async () => {
    const path = record(directory(), ledger);
    record(path, { ...ledger, recorded: 6, captured: 7, seen: 13, mirrored: 7 });
    writeFileSync(join(path, "000001.penumbra"), "garbage");
    const verification = await verifyRecording(path);
    expect(verification).toMatchObject({ exchanges: 3, segments: 2 });
    expect(verification.problems[0]).toContain("is not a recording segment");
  });

  it("reads NDJSON too", async () => {
    const path = join(directory(), "a.ndjson");
    const line = encodeExchange(plainExchange({ id: "a" }));
    writeFileSync(path, `${line}\n${line}\n`);
    expect(await verifyRecording(path)).toMatchObject({ exchanges: 2, problems: ['two exchanges have the id "a"'], ledgers: [] });
  });
});

describe("summarise", () => {
  it("says what is in a recording and what is missing", async () => {
    expect(await summarise(record(directory(), ledger))).toMatchObject({
      exchanges: 3,
      first: 10,
      last: 30,
      methods: { GET: 2, POST: 1 },
      statusClasses: { "2xx": 2 },
      outcomes: { answered: 2, "timed-out": 1 },
      lanes: 1,
      withoutLane: 1,
      bytes: { requests: 5, answers: 0 },
      capped: 0,
      drops: { budget: 2, redaction_error: 1 },
    });
  });

  it("of an empty recording has no times", async () => {
    const path = join(directory(), "a.ndjson");
    writeFileSync(path, "");
    expect(await summarise(path)).toMatchObject({ exchanges: 0, first: null, last: null, methods: {}, drops: {} });
  });
});
