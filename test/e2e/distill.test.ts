/** A tenth of the demo's traffic finds what all of it finds: the same shoppers, many more of them, recorded by the sidecar. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runPenumbra, startPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { startShop } from "../../cli/demo/shop.ts";
import { shopHost, shoppersTraffic } from "../../cli/demo/shoppers.ts";
import { drive } from "../../cli/demo/traffic.ts";
import { sleep, systemClock } from "../../model/clock.ts";
import type { Distilled } from "../../model/distilled.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { openRecording } from "../../recording/open.ts";
import { verifyRecording } from "../../recording/verify.ts";
import { until } from "../support/processes.ts";
import { itemsRecording } from "../support/recordings.ts";
import { realFindings } from "../zoo/harness.ts";

const shoppers = 560;
const longestPauseMs = 300;
/** Some thirty seconds on an idle machine with two cores. */
const limitMs = 240_000;

describe("penumbra distill", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-distill-"));
  const at = (name: string): string => join(scratch, name);
  let ended: Ended;
  let told: Distilled;

  beforeAll(async () => {
    await record(at("large"), at("key"));
    ended = await runPenumbra(["distill", at("large"), "--out", at("small"), "--json"]);
    told = JSON.parse(ended.stdout) as Distilled;
  }, limitMs);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("keeps everything that it looks for in at most a tenth of the requests", async () => {
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    expect(told.covered.map(({ kind, all, kept }) => [kind, all - kept])).toEqual(told.covered.map(({ kind }) => [kind, 0]));
    expect(told.covered.find(({ kind }) => kind === "data shapes")?.all).toBeGreaterThan(25);
    expect(told.exchanges.kept).toBeLessThanOrEqual(told.exchanges.all / 10);
    expect((await openRecording(at("small"))).count()).toBe(told.exchanges.kept);
  });

  it("makes a recording that is whole, and says of production what the large one says", async () => {
    expect((await verifyRecording(at("small"))).problems).toEqual([]);
    const [large, small] = [await openRecording(at("large")), await openRecording(at("small"))];
    expect(small.meta.primaries).toEqual(large.meta.primaries);
    expect(small.meta.segments[0]?.keyId).toBe(large.meta.segments[0]?.keyId);
    const originals = new Map<string, unknown>();
    for await (const exchange of large.exchanges()) originals.set(exchange.id, exchange);
    for await (const exchange of small.exchanges()) expect(exchange).toEqual(originals.get(exchange.id));
  });

  it(
    "finds in a replay what the large one finds",
    async () => {
      const large = await replay("large", ["--probes", "100"]);
      const small = await replay("small", []);
      // How long answers take on a busy machine is no property of the recording.
      const idsOf = (report: Report): string[] =>
        realFindings(report)
          .filter(({ location }) => location !== "latency")
          .map(({ id, state, title }) => `${id} ${state} ${title}`);
      expect(idsOf(large).length).toBeGreaterThan(20);
      expect(idsOf(small).sort()).toEqual(idsOf(large).sort());
      expect(small.totals.compared).toBe(told.exchanges.kept);
    },
    limitMs,
  );

  it("replaces a recording only when told to, leaves other files alone, and says so in one line", async () => {
    writeFileSync(at("file"), "");
    const into = (out: string, ...more: string[]): Promise<Ended> => runPenumbra(["distill", at("small"), "--out", at(out), ...more]);
    const there = await into("large");
    expect([there.code, there.stderr]).toEqual([2, `penumbra: ${at("large")} is already there; add --force to replace it\n`]);
    const inside = await into("small/part");
    expect([inside.code, inside.stderr.split("\n").length]).toEqual([2, 2]);
    const file = await into("file");
    expect([file.code, file.stderr]).toEqual([
      2,
      `penumbra: ${at("file")} is a file, not a directory; name a new directory, an empty one, or an existing recording\n`,
    ]);
    expect((await into("twice")).code).toBe(0);
    expect((await into("twice", "--force", "--copies", "1")).code).toBe(0);
    expect(existsSync(at("twice.partial"))).toBe(false);
    const [small, twice] = [await openRecording(at("small")), await openRecording(at("twice"))];
    expect(twice.count()).toBeLessThan(small.count() ?? 0);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const recording = itemsRecording(at("long.ndjson"), 20_000);
    const child = startPenumbra(["distill", recording, "--out", at("cut"), "--key-file", at("own key")]);
    // It is made when all is chosen, before anything is written.
    await until(() => existsSync(at("own key")));
    child.process.kill("SIGINT");
    const { code, stderr } = await child.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "penumbra: interrupted; nothing was written\n" });
    expect([existsSync(at("cut")), existsSync(at("cut.partial"))]).toEqual([false, false]);
  });

  async function replay(name: string, extra: readonly string[]): Promise<Report> {
    const [candidate, control] = await Promise.all([startShop("new"), startShop("old")]);
    try {
      const run = at(`run of ${name}`);
      await runPenumbra([
        ...["replay", at(name), "--candidate", candidate.url, "--control", control.url, "--writes", "--out", run],
        ...["--key-file", at("key"), "--pace", "max", "--concurrency", "32", "--max-lateness", "60s", ...extra],
      ]);
      return JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    } finally {
      await Promise.all([candidate.stop(), control.stop()]);
    }
  }
});

async function record(recording: string, keyFile: string): Promise<void> {
  const shop = await startShop("old");
  try {
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--primary", shop.url, "--record", recording, "--sample", "100%", "--key-file", keyFile],
    ]);
    const random = seededRandom(1);
    const think = (): Promise<void> => sleep(systemClock, milliseconds(random.next() * longestPauseMs));
    const driven = await drive({ url: sidecar.url, host: shopHost, requests: shoppersTraffic(1, shoppers), think });
    await sidecar.stop();
    expect(driven.failures).toEqual([]);
  } finally {
    await shop.stop();
  }
}
