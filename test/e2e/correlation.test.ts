/** A stateful service whose every answer names things anew, recorded, replayed and mirrored by the real command line: what the
 * targets name is followed, so that equal builds show nothing, and what a build breaks is told from what follows of it. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import { until } from "../support/processes.ts";
import type { Build } from "./correlation/state.ts";
import { type Studio, startStudio } from "./correlation/studio.ts";
import { visit } from "./correlation/visitor.ts";

const sessions = 50;
const scratch = mkdtempSync(join(tmpdir(), "penumbra-correlation-"));
const recording = join(scratch, "recording");
/** Every exchange is taken, however busy the machine is. */
const wholly = ["--sample", "100%", "--max-loop-delay", "0ms"];
/** Until most sessions have created and changed a project. */
const beginning = ["--limit", "900"];
const key = ["--key-file", join(scratch, "key")];
let studios: Studio[] = [];
let recorded: Studio;

async function studio(seed: number, build: Build = "equal"): Promise<Studio> {
  const started = await startStudio(seed, build);
  studios.push(started);
  return started;
}

/** All sessions side by side, from their first request to the last. */
async function visitAll(url: string, pause?: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: sessions }, (_, index) => visit(url, `user ${index}`, pause)));
}

function reportOf(run: string): Report {
  return JSON.parse(readFileSync(join(scratch, run, "report.json"), "utf8")) as Report;
}

beforeAll(async () => {
  recorded = await startStudio(1);
  const sidecar = await startSidecarProcess([
    ...["--listen", "127.0.0.1:0", "--primary", recorded.url, "--record", recording, ...wholly, ...key],
  ]);
  await visitAll(sidecar.url);
  await sidecar.stop();
  await recorded.close();
});
afterEach(async () => {
  await Promise.all(studios.map((each) => each.close()));
  studios = [];
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What a target may refuse: what production refused. */
function expectNoOtherRefusals(targets: readonly Studio[]): void {
  for (const { refusals } of targets) expect(new Map(refusals)).toEqual(new Map(recorded.refusals));
}

function findingsOf({ findings }: Report): Report["findings"] {
  return findings.filter(({ state }) => state !== "noise");
}

describe("a replay of 50 interleaved sessions", { timeout: 90_000 }, () => {
  async function replayed(run: string, targets: readonly Studio[], more: readonly string[] = []): Promise<Ended> {
    const [candidate, control] = targets;
    const urls = ["--candidate", candidate?.url ?? "", "--control", control?.url ?? ""];
    return await runPenumbra([
      ...["replay", recording, "--writes", ...urls, "--out", join(scratch, run), ...key],
      // How late it is depends on the machine that tests run on.
      ...["--max-lateness", "60s", ...more],
    ]);
  }

  it("has no correlation miss and no finding with an equal build", async () => {
    const targets = [await studio(2), await studio(3)];
    const { code } = await replayed("equal", targets);
    const report = reportOf("equal");
    expect(report.totals.notComparable).toEqual({});
    expect(findingsOf(report)).toEqual([]);
    expectNoOtherRefusals(targets);
    expect(report.totals.compared).toBe(recorded.answers());
    expect(code).toBe(0);
  });

  it("dies at the entrance without correlation, and says so", async () => {
    const targets = [await studio(2), await studio(3)];
    const { code } = await replayed("uncorrelated", targets, ["--correlate", "off", ...beginning]);
    const { verdict, reasons, totals } = reportOf("uncorrelated");
    expect([verdict, code]).toEqual(["inconclusive", 3]);
    expect(reasons.map((reason) => reason.code)).toContain("too-much-skipped");
    expect(totals.notComparable["no_credentials"]).toBeGreaterThan(totals.exchanges / 2);
    for (const { refusals } of targets) expect(refusals.get("403 POST /login")).toBe(sessions);
  });

  it("shows an id that the candidate does not give, and what follows of it as misses only", async () => {
    const targets = [await studio(2, "loses-ids"), await studio(3)];
    const { code } = await replayed("loses-ids", targets, beginning);
    const report = reportOf("loses-ids");
    expect(code).toBe(1);
    expect([...new Set(findingsOf(report).map(({ endpoint }) => endpoint))]).toEqual(["POST /projects"]);
    expect(findingsOf(report).map(({ path }) => path)).toContain("/id");
    expect(Object.keys(report.totals.notComparable)).toEqual(["correlation_miss"]);
    expect(report.totals.notComparable["correlation_miss"]).toBeGreaterThan(sessions);
  });

  it("shows a refusal without such a reason as a finding, and no misses", async () => {
    const targets = [await studio(2, "cannot-update"), await studio(3)];
    const { code } = await replayed("cannot-update", targets, beginning);
    const report = reportOf("cannot-update");
    expect(code).toBe(1);
    const statuses = findingsOf(report).filter(({ location }) => location === "status");
    expect(statuses.map(({ endpoint, title }) => [endpoint, title])).toContainEqual([
      "PUT /projects/{id}",
      "PUT /projects/{id}: status 200→404",
    ]);
    expect(report.totals.notComparable).toEqual({});
  });
});

describe("a mirror of 50 interleaved sessions", { timeout: 90_000 }, () => {
  it("has no correlation miss and no finding with an equal build", async () => {
    const [primary, candidate, control] = [await studio(4), await studio(5), await studio(6)];
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", primary.url, "--candidate", candidate.url, "--control", control.url],
      ...["--mirror-writes", "--mirror-timeout", "60s", ...wholly, "--run", join(scratch, "live"), ...key],
    ]);
    // Copies that come too late are not sent: on a busy machine people are as slow as it is.
    const behind = (): number => primary.answers() - Math.min(candidate.answers(), control.answers());
    await visitAll(sidecar.url, () => until(() => behind() < 2 * sessions));
    await until(() => behind() <= 0);
    expect((await sidecar.stop()).code).toBe(0);
    const report = reportOf("live");
    expect(report.totals.notComparable).toEqual({});
    expect(findingsOf(report)).toEqual([]);
    expect(report.totals.compared).toBe(primary.answers());
    expectNoOtherRefusals([candidate, control]);
  });
});
