/** Exit codes are what CI reads: each of them is reached by the real command line. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra } from "../../cli/demo/penumbra.ts";
import { freePort } from "../../cli/demo/program.ts";
import type { Report } from "../../model/report.ts";
import { onADesk } from "../support/desk.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const exchanges = 30;

describe("exit codes", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-exit-"));
  const recording = itemsRecording(join(scratch, "items.ndjson"), exchanges);
  const key = ["--key-file", join(scratch, "key")];
  let old: Service;
  let control: Service;
  let changed: Service;
  let runs = 0;

  beforeAll(async () => {
    [old, control, changed] = await Promise.all([
      startService(itemsHandler("old")),
      startService(itemsHandler("old")),
      startService(itemsHandler("new")),
    ]);
  });
  afterAll(async () => {
    await Promise.all([old.close(), control.close(), changed.close()]);
    rmSync(scratch, { recursive: true, force: true });
  });

  const out = (): string => join(scratch, `run-${++runs}`);
  const replay = (candidate: string, ...extra: string[]): ReturnType<typeof runPenumbra> =>
    runPenumbra(["replay", recording, "--candidate", candidate, "--control", control.url, "--max-lateness", "5s", ...key, ...extra]);

  it("0 for equal builds", async () => {
    const ended = await replay(old.url, "--out", out());
    expect(ended.stderr).toBe("");
    expect(ended.code).toBe(0);
  });

  it("1 for a changed build, with the change in report.json", async () => {
    const run = out();
    const ended = await replay(changed.url, "--out", run);
    expect(ended.code).toBe(1);
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    const findings = report.findings.filter((finding) => finding.state === "new");
    expect(findings.map((finding) => [finding.endpoint, finding.path, finding.kind, finding.transition])).toEqual([
      ["GET /items/{id}", "/price", "json.type", "number→string"],
    ]);
    expect(report.totals).toMatchObject({ exchanges: 30, compared: 30, different: 30, same: 0 });
  });

  it("1 stays 1 when the run is judged again, and 0 once the change is accepted", async () => {
    const run = out();
    await replay(changed.url, "--out", run);
    expect((await runPenumbra(["diff", run])).code).toBe(1);
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    const id = report.findings.find((finding) => finding.state === "new")?.id ?? "";
    const file = join(scratch, "accepted.yaml");
    const late = await runPenumbra(["accept", run, id, "--reason", "now", "--expires", "2026-11-01", "--file", file], onADesk);
    expect([late.code, late.stderr, existsSync(file)]).toEqual([2, expect.stringMatching(/--expires 2026-11-01 has passed/), false]);
    const accepted = await runPenumbra(["accept", run, id, "--reason", "prices are strings now", "--file", file], onADesk);
    expect(accepted.stderr).toBe("");
    expect((await runPenumbra(["diff", run, "--accept", file])).code).toBe(0);
  });

  it("0 once its place is ignored, by a rule that joins those that are there", async () => {
    const run = out();
    await replay(changed.url, "--out", run);
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    const id = report.findings.find((finding) => finding.state === "new")?.id ?? "";
    const file = join(scratch, "ignoring.yaml");
    writeFileSync(file, "# ours\nrules:\n  - at: header etag # changes with every build\n    ignore: true\n    reason: builds\n");
    const ignore = async (ci: string): Promise<Awaited<ReturnType<typeof runPenumbra>>> =>
      runPenumbra(["ignore", run, id, "--reason", "prices: whatever", "--file", file], { ...onADesk, CI: ci });
    const before = readFileSync(file, "utf8");
    for (const ci of ["true", "1"]) expect(await ignore(ci)).toMatchObject({ code: 2, stderr: expect.stringMatching(/refused in CI/) });
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(await ignore("")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/1 rule added/) });
    expect(await ignore("")).toMatchObject({ code: 0, stdout: expect.stringMatching(/ignores all of it already/) });
    expect(readFileSync(file, "utf8")).toBe(
      `${before}  - endpoint: GET /items/{id}\n    at: body /price\n    ignore: true\n    reason: "prices: whatever"\n`,
    );
    expect((await runPenumbra(["diff", run, "--config", file])).code).toBe(0);
  });

  it.each([
    ["an unknown flag", ["replay", recording, "--candidat", "http://127.0.0.1:1"], /--candidate/],
    ["a bad value", ["replay", recording, "--candidate", "ftp://x"], /--candidate cannot be "ftp:\/\/x"/],
    ["a missing candidate", ["replay", recording], /--candidate/],
    ["a recording that is not there", ["replay", join(scratch, "none"), "--candidate", "http://127.0.0.1:1"], /none/],
    [
      "a heap that is too small for the observer",
      ["proxy", "--primary", "http://127.0.0.1:1", "--observer-heap", "1MiB"],
      /--observer-heap cannot be "1MiB"; give at least 32MiB/,
    ],
    ["an unknown command", ["repaly"], /replay/],
    ["no command", [], /Usage/],
    [
      "a candidate that is the primary",
      ["proxy", "--primary", "http://127.0.0.1:9", "--candidate", "http://localhost:9"],
      /--candidate http:\/\/localhost:9 is the primary/,
    ],
    [
      "a control that is the sidecar",
      ["proxy", "--listen", "8080", "--primary", "http://p", "--candidate", "http://c", "--control", "http://[::1]:8080"],
      /--control .* is the sidecar's own address/,
    ],
    ["a denied path without a slash", ["proxy", "--primary", "http://p", "--mirror-deny", "logout"], /--mirror-deny cannot be "logout"/],
    [
      "credentials to replace and none to send",
      ["proxy", "--primary", "http://p", "--candidate", "http://c", "--mirror-credentials", "replace"],
      /--mirror-credentials replace has nothing to send/,
    ],
  ])("2 for %s, in one clear line", async (_, args, complaint) => {
    const ended = await runPenumbra(args);
    expect(ended.code).toBe(2);
    expect(ended.stderr + ended.stdout).toMatch(complaint);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it("3 for a candidate that cannot be reached", async () => {
    const run = out();
    const ended = await replay(`http://127.0.0.1:${await freePort()}`, "--out", run);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/INCONCLUSIVE/i);
    // All that were planned, though nothing was sent.
    const { totals, run: facts } = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    expect(totals).toMatchObject({ exchanges, compared: 0, notComparable: { breaker_open: exchanges } });
    expect(facts.replay).toMatchObject({ scheduled: exchanges, sent: 0 });
  });

  it("3 for an empty recording", async () => {
    const empty = join(scratch, "empty.ndjson");
    writeFileSync(empty, "");
    const ended = await runPenumbra(["replay", empty, "--candidate", old.url, "--control", control.url, "--out", out(), ...key]);
    expect(ended.code).toBe(3);
  });
});
