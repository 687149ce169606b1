/** Arguments of somebody in a hurry: each ends with exit code 2 and one line that names what is wrong. */

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { onADesk } from "../support/desk.ts";
import { itemsRecording } from "../support/recordings.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-careless-"));
const recording = itemsRecording(join(scratch, "items.ndjson"), 3);
const run = join(scratch, "run");
const folder = join(scratch, "folder");
const proxy = ["proxy", "--primary", "http://127.0.0.1:9", "--key-file", join(scratch, "key")];

beforeAll(async () => {
  mkdirSync(folder);
  await runPenumbra(["compare", recording, recording, "--out", run, "--key-file", join(scratch, "key")]);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the command line", () => {
  it.each<[string, readonly string[], string]>([
    ["an empty argument", ["verify", ""], "argument 1 of verify is empty; give penumbra verify <recording>"],
    [
      "an empty one among others",
      ["replay", recording, "", "--dry-run"],
      "argument 2 of replay is empty; give penumbra replay <recordings...>",
    ],
    ["an empty name of a file", ["report", run, "--config="], '--config cannot be ""; give a value that is not empty'],
    [
      "an empty name of the endpoints' file",
      ["report", run, "--endpoints", ""],
      '--endpoints cannot be ""; give a value that is not empty',
    ],
    [
      "a report that goes nowhere",
      ["diff", run, "--report", "html"],
      '--report cannot be "html"; give FORMAT=PATH, such as markdown=comment.md',
    ],
    ["standard output for a file", ["report", run, "--out=-"], '--out cannot be "-"; give a path; ./- is a file of that name'],
    [
      "standard output for a directory",
      ["compare", recording, recording, "--out", "-"],
      '--out cannot be "-"; give a path; ./- is a file of that name',
    ],
    [
      "a directory for a file to read",
      ["diff", run, "--accept", folder],
      `changes ${folder} cannot be read: EISDIR: illegal operation on a directory;`,
    ],
    [
      "a directory for a certificate",
      [...proxy, "--tls-cert", folder, "--tls-key", folder],
      `${folder} cannot be read: EISDIR: illegal operation on a directory;`,
    ],
    ["a file for a directory to write", ["demo", "--out", recording], `${recording} is not a directory;`],
    [
      "a file in no directory",
      ["export", "har", recording, "--out", join(scratch, "none", "x.har")],
      "x.har cannot be written: ENOENT: no such file or directory;",
    ],
    [
      "an address of no machine",
      [...proxy, "--listen", "192.0.2.1:8080"],
      "cannot be used (EADDRNOTAVAIL); give an address of this machine,",
    ],
    ["one exchange of none", ["inspect", recording, "--curl"], "--curl shows one exchange; add its id, or leave it out"],
  ])("takes %s for a mistake", async (_what, args, line) => {
    const ended = await runPenumbra(args, onADesk);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toMatch(/^penumbra: [^\n]+\n$/);
    expect(ended.stderr).toContain(line);
    expect(existsSync("-")).toBe(false);
  });

  it("takes an empty variable for none, also where it names the configuration file", async () => {
    expect(await runPenumbra(["verify", recording], { PENUMBRA_CONFIG: "" })).toMatchObject({ code: 0, stderr: "" });
  });

  it("leaves nothing behind", () => {
    expect(readdirSync(scratch).toSorted()).toEqual(["folder", "items.ndjson", "key", "run"]);
  });

  it.runIf(existsSync("/dev/full"))("says in one line that its standard output is full, which is no fault of its own", () => {
    const full = openSync("/dev/full", "w");
    const ended = spawnSync(process.execPath, ["cli/main.ts", "report", run], { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
    closeSync(full);
    expect([ended.status, ended.stderr]).toEqual([2, "penumbra: standard output cannot be written: ENOSPC; send it elsewhere\n"]);
  });
});
