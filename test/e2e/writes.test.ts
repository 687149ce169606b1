/** Nothing but GET, HEAD and OPTIONS reaches a target unless it is asked for: counted at real servers, through the real command line. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { writeRecording } from "../support/recordings.ts";
import { type Service, startService } from "../support/service.ts";

const safe = ["GET", "HEAD", "OPTIONS"];
const unsafe = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "get"];

describe("penumbra replay and requests that write", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-writes-"));
  const recording = writeRecording(
    join(scratch, "all.ndjson"),
    [...safe, ...unsafe].map((method, index) => ({
      id: `e${index}`,
      at: 1_763_798_400_000 + index * 5,
      lane: `lane-${method}`,
      method,
      target: `/${index}`,
      body: method === "HEAD" ? "" : "candidate or control",
    })),
  );
  let builds: Service[] = [];
  let runs = 0;

  beforeAll(async () => {
    // The candidate answers otherwise, so that it is asked again about what differs.
    builds = await Promise.all(["a new build", "candidate or control"].map((said) => startService((_, response) => response.end(said))));
  });
  afterAll(async () => {
    await Promise.all(builds.map((build) => build.close()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const replay = async (...extra: string[]): Promise<Ended & { readonly run: string }> => {
    const run = join(scratch, `run-${++runs}`);
    const [candidate, control] = builds;
    const targets = ["--candidate", candidate?.url ?? "", "--control", control?.url ?? ""];
    const args = ["replay", recording, ...targets, "--out", run, "--key-file", join(scratch, "key"), "--max-lateness", "30s"];
    return { ...(await runPenumbra([...args, ...extra])), run };
  };
  const methodsSeen = (): string[] => [...new Set(builds.flatMap(({ seen }) => seen.map((line) => line.split(" ")[0] ?? "")))];

  it("sends none of them, logs nobody in for them, and counts each", async () => {
    const asked = join(scratch, "asked");
    writeFileSync(asked, "");
    const login = ["--login", `cat >> '${asked}'; echo '{"headers": {}}'`];
    const { run } = await replay(...(process.platform === "win32" ? [] : login));
    expect(methodsSeen().toSorted()).toEqual(safe);
    const { totals } = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    expect(totals.notComparable).toEqual({ write_not_allowed: unsafe.length });
    expect(totals.compared).toBe(safe.length);
    const lanes = readFileSync(asked, "utf8").match(/"lane":"lane-\w+"/g) ?? [];
    expect(new Set(lanes).size).toBe(process.platform === "win32" ? 0 : safe.length);
  });

  it("sends them with --writes", async () => {
    await replay("--writes");
    expect(methodsSeen()).toEqual(expect.arrayContaining(["POST", "PUT", "PATCH", "DELETE"]));
  });
});
