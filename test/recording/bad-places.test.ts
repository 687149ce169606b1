/** Paths at which nothing can be read or made: everything that takes a path from the user says so in one line. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { openLiveRun } from "../../proxy/observer/live-run.ts";
import { committedSequences } from "../../recording/committed-sequences.ts";
import { storeFinalCounters } from "../../recording/final-counters.ts";
import { loadOrCreateKey } from "../../recording/key.ts";
import { openRecording } from "../../recording/open.ts";
import { claimDirectory } from "../../recording/recording-directory.ts";
import { openRun, RunWriter } from "../../recording/run.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { runMeta } from "./run-meta.ts";
import { temporaryDirectories } from "./temporary-directory.ts";

const directory = temporaryDirectories();

const places: Readonly<Record<string, () => string>> = {
  "below a file": () => {
    const file = join(directory(), "file");
    writeFileSync(file, "");
    return join(file, "place");
  },
  "two below a file": () => {
    const file = join(directory(), "file");
    writeFileSync(file, "");
    return join(file, "inner", "place");
  },
  "with a name that is too long": () => join(directory(), "n".repeat(300)),
  ...(existsSync("/proc/self") ? { "where the system lets nobody make one": () => "/proc/penumbra/place" } : {}),
};
const live = {
  id: "1",
  force: false,
  seed: 1,
  windowMs: 86_400_000,
  keepMs: null,
  targets: { primary: "http://p", candidate: "http://c", controls: [] },
  labels: {},
};
const users: Readonly<Record<string, (path: string) => unknown>> = {
  "a recording to write": claimDirectory,
  "a key": (path) => loadOrCreateKey(path),
  "a run to write": (path) => RunWriter.create(path, runMeta(), { force: false }),
  "a live run": (path) => openLiveRun({ ...live, directory: path }, systemClock),
  "a recording to read": openRecording,
  "a recording to verify": verifyRecording,
  "a run to read": openRun,
};
const all = Object.keys(places).flatMap((place) => Object.keys(users).map((user) => [user, place] as const));

describe("a place that cannot be", () => {
  it.each(all)("is told in one line for %s %s", async (user, place) => {
    const path = places[place]?.() ?? "";
    const failed = await Promise.resolve()
      .then(() => users[user]?.(path))
      .then(
        () => null,
        (error: unknown) => error,
      );
    expect(failed).toBeInstanceOf(PenumbraError);
    expect((failed as PenumbraError).message).not.toContain("\n");
  });
});

describe("a recording that is gone", () => {
  it("takes no last counters and remembers nothing", () => {
    const gone = join(directory(), "gone");
    expect(storeFinalCounters(gone, systemClock.now(), {})).toBe(false);
    expect(committedSequences(gone, "epoch")).toEqual([]);
  });
});
