/** What retention takes out of a recording is counted by the recording itself; what else is missing is a problem. */

import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { epochMs } from "../../model/units.ts";
import { summarise } from "../../recording/summary.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { type RecordingLimits, RecordingWriter } from "../../recording/writer.ts";
import { plainExchange } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

interface Life {
  readonly writer: RecordingWriter;
  readonly clock: FakeClock;
  /** Records one exchange, in a segment of its own where the limits say so. */
  readonly record: (sequence: number) => void;
}

function open(path: string, limits: Partial<RecordingLimits>, { epoch = "e", clock = new FakeClock() } = {}): Life {
  const writer = RecordingWriter.open(path, {
    labels: {},
    epoch,
    clock,
    redaction: "off",
    keyId: null,
    onCommitted: () => {},
    onDropped: () => expect.unreachable(),
    onPaused: () => {},
    limits: { batchExchanges: 1, ...limits },
  });
  const record = (sequence: number): void =>
    writer.append(sequence, plainExchange({ id: `${epoch}-${sequence}`, at: epochMs(clock.now() + sequence) }));
  return { writer, clock, record };
}

const segments = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith(".penumbra"));

const ledger = (recorded: number, changes: object = {}): object => ({
  epoch: "e",
  seen: recorded,
  unsampled: 0,
  captured: recorded,
  open: 0,
  dropped: {},
  mirrored: recorded,
  mirrorDropped: {},
  pendingMirror: 0,
  recorded,
  recordDropped: {},
  pendingRecord: 0,
  ...changes,
});

describe("retention by size", () => {
  it("counts what has gone, over many segments, and the ledger still adds up", async () => {
    const path = directory();
    const keepBytes = 400_000;
    const { writer, record } = open(path, { segmentBytes: 1, keepBytes });
    for (let sequence = 1; sequence <= 20; sequence++) {
      record(sequence);
      const total = segments(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
      expect(total).toBeLessThan(keepBytes * 1.2);
    }
    writer.counters(ledger(20, { final: true }));
    writer.close();
    const verified = await verifyRecording(path);
    expect(verified.removed?.exchanges).toBeGreaterThan(5);
    expect(verified).toMatchObject({ problems: [], unknowns: [] });
    expect(verified.exchanges + (verified.removed?.exchanges ?? 0)).toBe(20);
    expect(verified.removed?.segments).toBe(verified.removed?.through);
    expect((await summarise(path)).removed).toEqual(verified.removed);
  });

  it("counts each segment once, also when one could not be deleted at first", async () => {
    const path = directory();
    const first = open(path, { segmentBytes: 1, keepBytes: 1 });
    for (let sequence = 1; sequence <= 3; sequence++) first.record(sequence);
    first.writer.close();
    expect(segments(path)).toEqual(["000003.penumbra"]);
    copyFileSync(join(path, "000003.penumbra"), join(path, "000001.penumbra"));
    const second = open(path, { segmentBytes: 1, keepBytes: 1 });
    second.record(4);
    second.writer.close();
    const { removed, problems } = await verifyRecording(path);
    expect({ removed, problems }).toMatchObject({ removed: { through: 3, segments: 3, exchanges: 3 }, problems: [] });
    expect(existsSync(join(path, "000001.penumbra"))).toBe(false);
  });

  it("forgets the counts of epochs of which nothing is left", async () => {
    const path = directory();
    for (const epoch of ["one", "two", "three"]) {
      const { writer, record } = open(path, { segmentBytes: 1, keepBytes: 1 }, { epoch });
      record(1);
      record(2);
      writer.close();
    }
    expect((await verifyRecording(path)).removed).toMatchObject({ exchanges: 5, byEpoch: { three: 1 } });
  });

  it("also takes a segment that cannot be read", async () => {
    const path = directory();
    const { writer, record } = open(path, { segmentBytes: 1 });
    record(1);
    record(2);
    writer.close();
    writeFileSync(join(path, "000001.penumbra"), "SQLite format 3\0 and no more");
    const next = open(path, { segmentBytes: 1, keepBytes: 1 });
    next.record(3);
    next.writer.close();
    expect((await verifyRecording(path)).removed).toMatchObject({ through: 2, segments: 2, exchanges: 1 });
  });
});

describe("retention by age", () => {
  it("takes segments all of which is older, also when nobody comes any more", async () => {
    const path = directory();
    const { writer, clock, record } = open(path, { segmentMs: 1000, keepMs: 5000 });
    record(1);
    clock.advance(1500);
    writer.counters(ledger(1));
    clock.advance(1500);
    record(2);
    expect((await verifyRecording(path)).exchanges).toBe(2);
    for (let beat = 0; beat < 3; beat++) {
      clock.advance(1400);
      writer.counters(ledger(2));
    }
    expect(await verifyRecording(path)).toMatchObject({ exchanges: 1, removed: { exchanges: 1 }, problems: [], isBeingWritten: true });
    writer.close();
  });
});

describe("a recording that is not all there", () => {
  const threeSegments = (last: object): string => {
    const path = directory();
    const { writer, record } = open(path, { segmentBytes: 1 });
    for (let sequence = 1; sequence <= 3; sequence++) record(sequence);
    writer.counters(last);
    writer.close();
    return path;
  };

  it("without a ledger says that a segment is missing, and which", async () => {
    const path = directory();
    const { writer, record } = open(path, { segmentBytes: 1 });
    for (let sequence = 1; sequence <= 5; sequence++) record(sequence);
    writer.close();
    for (const name of ["000001", "000003", "000004"]) rmSync(join(path, `${name}.penumbra`));
    expect((await verifyRecording(path)).problems).toEqual([
      expect.stringMatching(/^000001\.penumbra is missing/),
      expect.stringMatching(/^000003\.penumbra to 000004\.penumbra are missing/),
    ]);
  });

  it("misses the rows of the first segment too", async () => {
    const path = threeSegments(ledger(3, { final: true }));
    rmSync(join(path, "000001.penumbra"));
    const { problems } = await verifyRecording(path);
    expect(problems.join("\n")).toContain("3 exchanges were recorded, but 2 are here");
  });

  it("of which the newest is missing does not say that all is well", async () => {
    const path = directory();
    const { writer, record } = open(path, { segmentBytes: 1 });
    writer.counters(ledger(0));
    for (let sequence = 1; sequence <= 9; sequence++) record(sequence);
    writer.close();
    rmSync(join(path, segments(path).toSorted().at(-1) ?? ""));
    const { problems, unknowns } = await verifyRecording(path);
    expect({ problems, unknowns }).toEqual({ problems: [], unknowns: [expect.stringContaining("8 exchanges here were stored after it")] });
  });

  it("whose process was killed tells what is not known", async () => {
    const path = threeSegments(ledger(1));
    const { problems, unknowns } = await verifyRecording(path);
    expect(problems).toEqual([]);
    expect(unknowns).toEqual([expect.stringContaining("2 exchanges here were stored after it")]);
    expect((await summarise(path)).dropsAreLeast).toBe(true);
  });

  it("of which one segment is looked at by itself is not told that the others are missing", async () => {
    const path = threeSegments(ledger(3, { final: true }));
    expect(await verifyRecording(join(path, "000002.penumbra"))).toMatchObject({ exchanges: 1, problems: [] });
  });

  it("whose write-ahead log was taken away says so", async () => {
    const [path, taken] = [directory(), directory()];
    const { writer, record } = open(path, {});
    writer.counters(ledger(0));
    record(1);
    // As a kill would leave it.
    for (const suffix of ["", "-wal"]) copyFileSync(join(path, `000001.penumbra${suffix}`), join(taken, `000001.penumbra${suffix}`));
    writer.close();
    expect((await verifyRecording(taken)).unknowns.join("\n")).not.toContain("write-ahead log");
    const alone = directory();
    renameSync(join(taken, "000001.penumbra"), join(alone, "000001.penumbra"));
    const { unknowns } = await verifyRecording(alone);
    expect(unknowns).toEqual([expect.stringMatching(/^000001\.penumbra was not closed and its write-ahead log is not there/)]);
  });
});
