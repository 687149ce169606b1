/** Ctrl-C anywhere leaves no process and no half-written file, and says what was saved. */

import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningSidecar, runPenumbra, startPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import { segmentFacts } from "../../recording/segment-reader.ts";
import { childrenOf, isRunning, until } from "../support/processes.ts";
import { itemsRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

describe("an interrupted", () => {
  const scratch = mkdtempSync(join(tmpdir(), "penumbra-interrupt-"));
  const key = ["--key-file", join(scratch, "key")];
  let service: Service;

  beforeAll(async () => {
    service = await startService(itemsHandler("old"));
  });
  afterAll(async () => {
    await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const startRecording = (recording: string): Promise<RunningSidecar> =>
    startSidecarProcess(["--listen", "127.0.0.1:0", "--primary", service.url, "--record", recording, "--sample", "100%", ...key]);

  it("replay keeps the part that was done, says where, and ends with 130", async () => {
    const recording = itemsRecording(join(scratch, "long.ndjson"), 4000);
    const run = join(scratch, "run");
    const child = startPenumbra(["replay", recording, "--candidate", service.url, "--control", service.url, "--out", run, ...key]);
    await until(() => service.seen.length > 50);
    child.process.kill("SIGINT");
    const ended = await child.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain(run);
    expect(halfWritten(run)).toEqual([]);
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as {
      totals: { exchanges: number };
      reasons: { code: string }[];
    };
    expect(report.totals.exchanges).toBeGreaterThan(0);
    expect(report.totals.exchanges).toBeLessThan(4000);
    expect(report.reasons.map((reason) => reason.code)).toContain("interrupted");
    expect((await runPenumbra(["diff", run])).code).toBe(3);
  });

  it("compare says what it kept, whenever it was interrupted", async () => {
    const recording = itemsRecording(join(scratch, "compared.ndjson"), 20_000);
    const run = join(scratch, "compared");
    const child = startPenumbra(["compare", recording, recording, "--control", recording, "--out", run]);
    await until(() => existsSync(join(run, "entries.ndjson")));
    child.process.kill("SIGINT");
    const ended = await child.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain(`kept in ${run}`);
    expect(halfWritten(run)).toEqual([]);
    expect(existsSync(join(run, "report.json"))).toBe(true);
  });

  it("export leaves nothing, and says so", async () => {
    const recording = itemsRecording(join(scratch, "exported.ndjson"), 60_000);
    const out = join(scratch, "out.ndjson");
    const child = startPenumbra(["export", "ndjson", recording, "--out", out]);
    await until(() => existsSync(`${out}.partial`));
    child.process.kill("SIGINT");
    const ended = await child.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(/nothing was written/);
    expect(existsSync(out) || existsSync(`${out}.partial`)).toBe(false);
  });

  it("sidecar drains: the observer ends, the recording is whole, exit 0", async () => {
    const recording = join(scratch, "recording");
    const sidecar = await startRecording(recording);
    for (let item = 1; item <= 20; item++) await (await fetch(`${sidecar.url}/items/${item}`)).text();
    const observers = childrenOf(sidecar.process.pid);
    expect(observers.length).toBe(1);
    sidecar.process.kill("SIGINT");
    const ended = await sidecar.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(recording);
    expect(observers.filter(isRunning)).toEqual([]);
    expect(halfWritten(recording)).toEqual([]);
    const verified = await runPenumbra(["verify", recording]);
    expect(verified.stdout).toMatch(/20 exchanges/);
    expect(verified.code).toBe(0);
  });

  it("sidecar that hears a second signal cuts what is under way: nobody takes a part for the whole", async () => {
    const primary = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhalf of a body that ends with the connection"));
    }).listen(0, "127.0.0.1");
    await once(primary, "listening");
    const url = `http://127.0.0.1:${(primary.address() as AddressInfo).port}`;
    const sidecar = await startSidecarProcess(["--listen", "127.0.0.1:0", "--primary", url, "--sample", "0", ...key]);
    const client = connect(Number(new URL(sidecar.url).port), "127.0.0.1");
    const ended = new Promise<string>((resolve) => {
      client.once("error", ({ message }) => resolve(message));
      client.once("end", () => resolve("a clean end"));
    });
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(client, "data");
    sidecar.process.kill("SIGTERM");
    await new Promise((resolve) => sidecar.process.stderr?.once("data", resolve)); // it drains
    sidecar.process.kill("SIGTERM");
    expect(await ended).toContain("ECONNRESET");
    expect((await sidecar.ended).code).toBe(143);
    primary.close();
  });

  it("sidecar that is killed outright takes its observer with it", async () => {
    const recording = join(scratch, "killed");
    const sidecar = await startRecording(recording);
    for (let item = 1; item <= 5; item++) await (await fetch(`${sidecar.url}/items/${item}`)).text();
    const observers = childrenOf(sidecar.process.pid);
    // The last one may still be on its way to the observer.
    await until(() => storedIn(recording) >= 4);
    sidecar.process.kill("SIGKILL");
    await sidecar.ended;
    await until(() => !observers.some(isRunning));
    const verified = await runPenumbra(["verify", recording]);
    expect(verified.stdout).toMatch(/[45] exchanges/);
    expect(verified.stdout).toMatch(/not known: the last ledger of .* not of its end .*: [45] exchanges here were stored after it/);
    expect(verified.stdout).not.toContain("all is well");
    expect(verified.code).toBe(3);
    expect((await runPenumbra(["inspect", recording])).stdout).toContain("it may be more: the last counters are not of the end");
  });
});

/** Exchanges in the first segment of a recording that is being written. */
function storedIn(directory: string): number {
  const path = join(directory, "000001.penumbra");
  return existsSync(path) ? segmentFacts(path).exchanges : 0;
}

/** Files that only exist while something is being written. */
function halfWritten(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((name) => /\.(tmp|partial)$|-wal$|-shm$|-journal$/.test(name)) : [];
}
