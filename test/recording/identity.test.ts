import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RecordingIdentity } from "../../model/observation.ts";
import { epochMs } from "../../model/units.ts";
import { openRecording } from "../../recording/open.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { plainExchange } from "./examples.ts";
import { FakeClock } from "./fake-clock.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

/** Adds a segment with these exchanges, a millisecond apart. */
function record(path: string, epoch: string, ids: readonly string[]): void {
  const writer = RecordingWriter.open(path, {
    ...{ labels: {}, epoch, clock: new FakeClock(), redaction: "off", keyId: null },
    ...{ onCommitted: () => {}, onDropped: () => expect.unreachable(), onPaused: () => {} },
  });
  for (const [index, id] of ids.entries()) writer.append(index, plainExchange({ id, at: epochMs(index) }));
  writer.close();
}

async function identityOf(path: string): Promise<RecordingIdentity> {
  const recording = await openRecording(path);
  recording.close();
  return recording.identity;
}

describe("the identity of a recording in segments", () => {
  it("is the same whenever it is opened, and that of its copy under another path", async () => {
    const [path, copy] = [directory(), directory()];
    record(path, "one", ["a", "b", "c"]);
    copyFileSync(join(path, "000001.penumbra"), join(copy, "000001.penumbra"));
    const identity = await identityOf(path);
    expect(identity).toEqual({ path, exchanges: 3, first: "a", last: "c", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await identityOf(path)).toEqual(identity);
    expect(await identityOf(copy)).toEqual({ ...identity, path: copy });
  });

  it.each([
    ["another life of the recorder", "two", ["a", "b", "c"]],
    ["fewer exchanges", "one", ["a", "b"]],
    ["another first exchange", "one", ["z", "b", "c"]],
    ["another last exchange", "one", ["a", "b", "z"]],
  ] as const)("is another with %s", async (_, epoch, ids) => {
    const [path, other] = [directory(), directory()];
    record(path, "one", ["a", "b", "c"]);
    record(other, epoch, ids);
    expect((await identityOf(other)).sha256).not.toBe((await identityOf(path)).sha256);
  });

  it("is another when a segment has come, and has none for ends when it is empty", async () => {
    const path = directory();
    record(path, "one", []);
    const empty = await identityOf(path);
    expect(empty).toMatchObject({ exchanges: 0, first: null, last: null });
    record(path, "two", ["a"]);
    const grown = await identityOf(path);
    expect(grown).toMatchObject({ exchanges: 1, first: "a", last: "a" });
    expect(grown.sha256).not.toBe(empty.sha256);
  });
});
