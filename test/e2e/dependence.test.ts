/** By the real command line: `--reset` and what differences depend on, through to the reproduction that is replayed. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra, startPenumbra } from "../../cli/demo/penumbra.ts";
import type { Finding, Report } from "../../model/report.ts";
import { encodeExchange } from "../../recording/ndjson.ts";
import { type Bug, startBank } from "../replayer/dependence/bank-service.ts";
import { mixed } from "../replayer/dependence/traffic.ts";
import { childrenOf, until } from "../support/processes.ts";
import type { Service } from "../support/service.ts";

/** A command as a user would write it. */
const post = "require('http').request(process.env['PENUMBRA_' + name] + '/reset', { method: 'POST' }).end()";
const resetBoth = `node -e "for (const name of ['CANDIDATE', 'CONTROL']) ${post}"`;

describe("replay --reset", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-reset-"));
  const recording = join(scratch, "recording.ndjson");
  const services: Service[] = [];

  beforeAll(() => writeFileSync(recording, linesOf(mixed(3))));
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  async function replayArguments(bug: Bug, source: string, run: string, reset: string): Promise<string[]> {
    const [candidate, control] = await Promise.all([startBank({ bug }), startBank()]);
    services.push(candidate, control);
    const targets = ["--candidate", candidate.url, "--control", control.url, "--writes"];
    return ["replay", source, ...targets, "--reset", reset, "--out", run, "--key-file", join(scratch, "key"), "--max-lateness", "1s"];
  }

  it("finds the one request that shows it, says it in words, and its reproduction shows it again", async () => {
    const run = join(scratch, "found");
    const { stdout } = await runPenumbra(await replayArguments("wrong-field", recording, run, resetBoth));
    const finding = onlyFinding(run);
    expect(finding).toMatchObject({ state: "new", class: "deterministic", dependence: { shown: 8, runs: 8, minimal: true } });
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
      /shows every time: GET \/items\/1: 8 of 8 runs penumbra replay \S+ --candidate \S+ --control \S+ --writes --order serial --reset CMD/,
    );
    expect(finding.dependence?.curl).toHaveLength(1);
    const again = await runPenumbra(["diff", run, "--json"]);
    expect((JSON.parse(again.stdout) as Report).findings).toEqual(reportOf(run).findings);

    const reproduction = join(run, finding.dependence?.recording ?? "");
    const reproduced = join(scratch, "reproduced");
    const { code } = await runPenumbra(await replayArguments("wrong-field", reproduction, reproduced, resetBoth));
    expect(code).toBe(1);
    expect(onlyFinding(reproduced)).toMatchObject({ id: finding.id, class: "deterministic", dependence: { minimal: true } });
    expect(
      readFileSync(join(reproduced, onlyFinding(reproduced).dependence?.recording ?? ""), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(1);
    // A run with reproductions is a run still, and may be replaced.
    const overwritten = await replayArguments("wrong-field", recording, run, resetBoth);
    expect((await runPenumbra([...overwritten, "--experiments", "0", "--force"])).code).toBe(1);
    expect(existsSync(reproduction)).toBe(false);
  });

  it("that fails is one line, before anything is sent or written", async () => {
    const run = join(scratch, "failed");
    const { code, stderr } = await runPenumbra(await replayArguments("wrong-field", recording, run, "echo no such database >&2; exit 3"));
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      "penumbra: --reset failed: exit code 3 (no such database); run the command by hand; it has to end with exit code 0",
    ]);
    expect(existsSync(run)).toBe(false);
    expect(services.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it("that fails during experiments ends these and not the replay", async () => {
    const run = join(scratch, "given-up");
    const times = join(scratch, "times");
    const failingLater = `echo x >> '${times}'; test $(wc -l < '${times}') -le 3`;
    const { code, stderr } = await runPenumbra(await replayArguments("wrong-field", recording, run, failingLater));
    expect(stderr).toContain("experiments were given up: --reset failed: exit code 1");
    expect(reportOf(run).run.experiments).toMatchObject({ ended: "reset-failed", findings: 1 });
    expect(onlyFinding(run).path).toBe("/price");
    expect(onlyFinding(run).dependence).toBeUndefined();
    expect(code).toBe(1);
  });

  it("can be interrupted before anything was sent", async () => {
    const run = join(scratch, "not-begun");
    const begun = join(scratch, "begun");
    const child = startPenumbra(await replayArguments("wrong-field", recording, run, `touch '${begun}'; sleep 50`));
    await until(() => existsSync(begun));
    child.process.kill("SIGINT");
    const { code, stderr } = await child.ended;
    expect([code, stderr.trim()]).toEqual([130, "penumbra: interrupted during --reset; nothing was sent"]);
    expect(existsSync(run)).toBe(false);
    expect(services.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it("keeps the replay when it is interrupted during an experiment, and leaves no process", async () => {
    const run = join(scratch, "interrupted");
    const marker = join(scratch, "marker");
    const second = join(scratch, "second");
    const hanging = `if test -e '${marker}'; then touch '${second}'; sleep 50; else touch '${marker}'; fi`;
    const child = startPenumbra(await replayArguments("wrong-field", recording, run, hanging));
    await until(() => existsSync(second));
    const resetting = childrenOf(child.process.pid);
    expect(resetting).toHaveLength(1);
    child.process.kill("SIGINT");
    const ended = await child.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain(`kept in ${run}`);
    await until(() => resetting.every((pid) => childrenOf(pid).length === 0));
    expect(reportOf(run).run.experiments).toMatchObject({ ended: "interrupted" });
    expect(onlyFinding(run).path).toBe("/price");
    expect(readdirSync(run).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

function linesOf(exchanges: ReturnType<typeof mixed>): string {
  return exchanges.map((exchange) => `${encodeExchange(exchange)}\n`).join("");
}

function reportOf(run: string): Report {
  return JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
}

function onlyFinding(run: string): Finding {
  const [finding, ...others] = reportOf(run).findings.filter(({ state }) => state !== "noise");
  expect(others).toEqual([]);
  if (finding === undefined) throw new Error("there is no finding");
  return finding;
}
