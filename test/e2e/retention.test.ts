/** Options of `penumbra proxy` that bound a recording, and what verify and inspect say about what has gone. */

import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { type Service, startService } from "../support/service.ts";

/** Nothing that compresses, another for each path. */
function noise(path: string): Buffer {
  const blocks = Array.from({ length: 640 }, (_, index) => createHash("sha256").update(`${path} ${index}`).digest());
  return Buffer.concat(blocks);
}

describe("a recording with bounds", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-retention-"));
  const recording = join(scratch, "recording");
  let service: Service;

  beforeAll(async () => {
    service = await startService((request, response) => response.end(noise(request.url ?? "")));
  });
  afterAll(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const proxy = (...more: readonly string[]): readonly string[] => [
    ...["--listen", "127.0.0.1:0", "--primary", service.url, "--sample", "100%", "--key-file", join(scratch, "key"), ...more],
  ];

  it("stays within --keep-size, counts what has gone, and everything adds up", async () => {
    const sidecar = await startSidecarProcess(proxy("--record", recording, "--keep-size", "1MiB", "--admin", "127.0.0.1:0"));
    const recorded = async (): Promise<number> => {
      const metrics = await (await fetch(`${sidecar.adminUrl}/metrics`)).text();
      return Number(/^penumbra_recorded_total (\d+)$/m.exec(metrics)?.[1]);
    };
    for (let item = 0; item < 150; item++) {
      expect((await (await fetch(`${sidecar.url}/${item}`)).arrayBuffer()).byteLength).toBe(20_480);
      // A segment ends with a batch, and an observer that is behind makes large ones.
      if (item % 10 === 9) while ((await recorded()) <= item) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await sidecar.stop()).code).toBe(0);
    const segments = readdirSync(recording).filter((name) => name.endsWith(".penumbra"));
    const total = segments.reduce((sum, name) => sum + statSync(join(recording, name)).size, 0);
    // All of it is 3 MB; a batch that is large makes a segment larger.
    expect(total).toBeLessThan(2 * 2 ** 20);
    expect(segments.length).toBeGreaterThan(1);
    const verified = await runPenumbra(["verify", recording]);
    expect(verified.stdout).toMatch(
      /ledger .*: 150 recorded \+ 0 dropped = 150 sampled\nremoved by retention: \d+ exchanges of .*, in \d+ segments/,
    );
    expect(verified.stdout).toContain("all is well");
    expect(verified.code).toBe(0);
    expect((await runPenumbra(["inspect", recording])).stdout).toMatch(/removed by retention: \d+ exchanges/);

    // Of a newest segment that is gone no number need tell, but the ledger in the one before is not the last.
    rmSync(join(recording, segments.toSorted().at(-1) ?? ""));
    const torn = await runPenumbra(["verify", recording]);
    expect(torn.stdout).toContain("not known: the last ledger");
    expect(torn.code).not.toBe(0);
  });

  it("warns of a directory in which others may write", async () => {
    const shared = join(scratch, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const sidecar = await startSidecarProcess(proxy("--record", shared));
    expect((await sidecar.stop()).stderr).toContain(`penumbra: others may write in ${shared} (mode 777)`);
    const own = await startSidecarProcess(proxy("--record", join(scratch, "own")));
    expect((await own.stop()).stderr).not.toContain("others may write");
  });

  it("has its comparison in windows, each of which can be reported", async () => {
    const run = join(scratch, "run");
    const copies = await Promise.all([1, 2].map(() => startService((request, response) => response.end(noise(request.url ?? "")))));
    const [candidate, control] = copies.map(({ url }) => url);
    const sidecar = await startSidecarProcess(
      proxy("--candidate", candidate ?? "", "--control", control ?? "", "--run", run, "--run-window", "1s", "--keep-for", "1h"),
    );
    const windows = (): string[] => (existsSync(join(run, "windows")) ? readdirSync(join(run, "windows")) : []);
    let asked = 0;
    for (; windows().length < 2; asked++) {
      await (await fetch(`${sidecar.url}/${asked}`)).arrayBuffer();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await sidecar.stop();
    await Promise.all(copies.map((copy) => copy.close()));
    const compared = await Promise.all(
      [run, ...windows().map((name) => join(run, "windows", name))].map(async (each) => {
        const { stdout } = await runPenumbra(["report", each, "--json"]);
        return z.object({ totals: z.object({ exchanges: z.int() }) }).parse(JSON.parse(stdout)).totals.exchanges;
      }),
    );
    expect(compared.length).toBeGreaterThan(2);
    expect(Math.min(...compared.slice(1))).toBeGreaterThan(0);
    expect(compared.reduce((sum, count) => sum + count, 0)).toBe(asked);
  });

  it("begins windows beside files of others, and drains in order also when the log has gone", async () => {
    const run = join(scratch, "run-with-notes");
    const candidate = await startService((request, response) => response.end(noise(request.url ?? "")));
    const sidecar = await startSidecarProcess(
      proxy("--candidate", candidate.url, "--run", run, "--run-window", "1s", "--admin", "127.0.0.1:0"),
    );
    const windows = (): string[] => (existsSync(join(run, "windows")) ? readdirSync(join(run, "windows")) : []);
    let asked = 0;
    const untilThereAre = async (count: number): Promise<void> => {
      for (; windows().length < count; asked++) {
        await (await fetch(`${sidecar.url}/${asked}`)).arrayBuffer();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await untilThereAre(1);
    const [first = ""] = windows();
    writeFileSync(join(run, "comment.md"), "mine");
    renameSync(join(run, "windows", first, "entries.ndjson"), join(run, "windows", first, "entries.ndjson.gz"));
    await untilThereAre(3);
    const metrics = await (await fetch(`${sidecar.adminUrl}/metrics`)).text();
    expect(metrics).toContain('penumbra_mirror_dropped_total{reason="mirror_error"} 0\n');
    rmSync(join(run, "entries.ndjson"));
    const { code, stderr } = await sidecar.stop();
    await candidate.close();
    expect(code).toBe(0);
    expect(stderr).not.toContain("internal error");
    expect(stderr).toContain(`${run} has no entries.ndjson`);
    expect(readdirSync(run)).toContain("comment.md");
  });

  it.each([
    [["--keep-size", "1GiB"], "--keep-size needs a recording"],
    [["--segment-age", "1h"], "--segment-age needs a recording"],
    [["--record", "r", "--keep-size", "1MiB", "--segment-size", "2MiB"], "--segment-size is more than --keep-size"],
    [["--keep-for", "1h"], "--keep-for needs a recording"],
    [["--candidate", "http://127.0.0.1:9", "--run", "r", "--keep-for", "1h", "--keep-size", "1GiB"], "--keep-size needs a recording"],
    [
      ["--candidate", "http://127.0.0.1:9", "--run", "r", "--run-window", "10ms"],
      '--run-window cannot be "10ms"; give at least 1s and at most',
    ],
    [["--record", "r", "--keep-size", "1KiB"], '--keep-size cannot be "1KiB"; give at least 256KiB'],
    [["--record", "r", "--keep-for", "soon"], '--keep-for cannot be "soon"; give a duration such as 12h or 30d'],
    [["--record", "r", "--keep-for", "5000d"], '--keep-for cannot be "5000d"; give at least 1s and at most 3650d'],
  ])("is refused in one line: %j", async (options, problem) => {
    const { code, stderr } = await runPenumbra(["proxy", ...proxy(...options)]);
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain(problem);
  });
});
