import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkPlaces } from "../../cli/places.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();

function check(record: string, run: string, keyFile: string): () => void {
  const directories = [
    { name: "--record", path: record },
    { name: "--run", path: run },
  ];
  return () => checkPlaces(directories, { name: "--key-file", path: keyFile });
}

describe("places", () => {
  it.each([
    ["one directory for both", "a", "b/../a", "key", "--record and --run are both"],
    ["a run in the recording", "a", "a/run", "key", /--run .*a\/run lies in --record .*a$/],
    ["a recording deep in the run", "b/c/d", "b", "key", /--record .* lies in --run/],
    ["a key in the recording", "a", "b", "a/key", /--key-file .* lies in --record/],
    ["a key deep in the run", "a", "b", "b/keys/key", /--key-file .* lies in --run/],
    ["a key in the recording by another name", "a", "b", "link/a/key", /--key-file .* lies in --record/],
    ["a run in the recording by another name", "link/a", "a/run", "key", /--run .* lies in --record/],
  ])("may not lie in one another: %s", (_, record, run, keyFile, complaint) => {
    const root = directory();
    symlinkSync(root, join(root, "link"));
    if (record === "a") mkdirSync(join(root, "a"));
    expect(check(join(root, record), join(root, run), join(root, keyFile))).toThrow(complaint);
  });

  it("may lie beside one another, also with names that begin alike", () => {
    const root = directory();
    expect(check(join(root, "a"), join(root, "a-run"), join(root, "..key"))).not.toThrow();
    expect(check(join(root, "a", "recording"), join(root, "a", "run"), join(root, "a", "key"))).not.toThrow();
    expect(check(join(root, "a"), join(root, "..a"), join(root, "a.key"))).not.toThrow();
  });
});
