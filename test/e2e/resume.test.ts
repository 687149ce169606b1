/** A replay that was interrupted, or killed, is gone on with: at the end its run knows every exchange once. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import type { RunMeta } from "../../model/observation.ts";
import type { Report } from "../../model/report.ts";
import { openRun } from "../../recording/run.ts";
import { until } from "../support/processes.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const exchanges = 600;

describe("a replay", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-resume-"));
  const recording = itemsRecording(join(scratch, "items.ndjson"), exchanges);
  const key = ["--key-file", join(scratch, "key"), "--max-lateness", "1m"];
  let service: Service;

  beforeAll(async () => {
    service = await startService(itemsHandler("old"));
  });
  afterAll(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const replay = (...extra: string[]): string[] => [
    ...["replay", recording, "--candidate", service.url, "--control", service.url],
    ...[...key, ...extra],
  ];

  async function stopped(run: string, signal: "SIGINT" | "SIGKILL", ...extra: string[]): Promise<void> {
    const before = service.seen.length;
    const child = startPenumbra(replay("--out", run, ...extra));
    await until(() => service.seen.length > before + 100);
    child.process.kill(signal);
    await child.ended;
  }

  async function idsIn(run: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const entry of (await openRun(run)).entries()) if (entry.kind === "observation") ids.push(entry.observation.exchange.id);
    return ids;
  }

  it.each(["SIGINT", "SIGKILL"] as const)("that was stopped by %s goes on where it ended, and is judged as a whole", async (signal) => {
    const run = join(scratch, signal);
    await stopped(run, signal);
    const done = await idsIn(run);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(exchanges);
    const before = service.seen.length;

    const ended = await runPenumbra(replay("--resume", run));
    expect(ended.stderr).toBe("");
    const ids = await idsIn(run);
    expect(ids).toHaveLength(exchanges);
    expect(new Set(ids).size).toBe(exchanges);
    expect(service.seen.length - before).toBe(2 * (exchanges - done.length));
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    expect(report.totals.exchanges).toBe(exchanges);
    expect(report.run.replay?.scheduled).toBe(exchanges);
    expect(report.reasons.map(({ code }) => code)).not.toContain("interrupted");
    expect(ended.code).toBe(0);

    const again = await runPenumbra(replay("--resume", run));
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("was not interrupted: nothing is left to send");
  });

  it("that goes on leaves the targets' state as the part before has made it", async () => {
    const run = join(scratch, "not-reset");
    const resets = join(scratch, "resets");
    await stopped(run, "SIGINT");
    const { code, stderr } = await runPenumbra(replay("--resume", run, "--reset", `echo once >> '${resets}'`, "--experiments", "0"));
    expect([code, stderr]).toEqual([0, ""]);
    expect(existsSync(resets)).toBe(false);
  });

  it("that is not the same is refused, and nothing is touched", async () => {
    const run = join(scratch, "refused");
    await stopped(run, "SIGINT");
    const meta = readFileSync(join(run, "run.json"), "utf8");
    for (const [extra, complaint] of [
      [["--order", "lane"], `${run} was begun with --order "causal", not "lane"; give the options that it was begun with`],
      [["--force"], "it goes on in the directory of its run: leave out --out and --force"],
    ] as const) {
      const refused = await runPenumbra(replay("--resume", run, ...extra));
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(complaint);
    }
    expect(readFileSync(join(run, "run.json"), "utf8")).toBe(meta);
    expect((JSON.parse(meta) as RunMeta).interrupted).toBe(true);
    expect((await runPenumbra(replay("--resume", join(scratch, "nowhere")))).code).toBe(2);
  });

  it("is not gone on with when its recording has changed meanwhile, and can be when it is as it was", async () => {
    const run = join(scratch, "changed");
    await stopped(run, "SIGKILL");
    const before = service.seen.length;
    const whole = readFileSync(recording, "utf8");
    const lines = whole.trimEnd().split("\n");
    const extent = `${exchanges} exchanges (e0 to e599)`;
    for (const [changed, change] of [
      [lines.slice(0, 500), `had ${extent}, and has 500 exchanges (e0 to e499) now`],
      [lines.map((line) => line.replaceAll('"id":"e', '"id":"f')), `had ${extent}, and has ${exchanges} exchanges (f0 to f599) now`],
      [lines.map((line) => line.replace('"/items/300"', '"/items/301"')), `has other content now; it still has ${extent}`],
    ] as const) {
      writeFileSync(recording, `${changed.join("\n")}\n`);
      const refused = await runPenumbra(replay("--resume", run));
      expect(refused.stderr).toBe(
        `penumbra: ${run} was begun with another recording: ${recording} ${change}; give the recording as it was, or begin a new run\n`,
      );
      expect(refused.code).toBe(2);
    }
    expect(service.seen.length).toBe(before);
    writeFileSync(recording, whole);
    expect((await runPenumbra(replay("--resume", run))).code).toBe(0);
  });

  it("finds the state that its first part has made: --reset is for the beginning", async () => {
    const [run, resets] = [join(scratch, "reset"), join(scratch, "resets")];
    const reset = ["--reset", `echo reset >> "${resets}"`];
    await stopped(run, "SIGKILL", ...reset);
    const whenItBegan = readFileSync(resets, "utf8");
    expect(whenItBegan).toBe("reset\n");
    expect((await runPenumbra(replay("--resume", run, ...reset))).code).toBe(0);
    expect(readFileSync(resets, "utf8")).toBe(whenItBegan);
  });
});
