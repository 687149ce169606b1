/** What hostile users and strict reviewers once broke; each stays mended. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPenumbra, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { Report } from "../../model/report.ts";
import type { SidecarCounters } from "../../proxy/live/sidecar-counters.ts";
import { openRecording } from "../../recording/open.ts";
import { onADesk } from "../support/desk.ts";
import { childrenOf, until } from "../support/processes.ts";
import { itemsRecording, type PlainExchange, writeRecording } from "../support/recordings.ts";
import { itemsHandler, type Service, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-hostile-"));
const key = ["--key-file", join(scratch, "key")];
let service: Service;

beforeAll(async () => {
  service = await startService(itemsHandler("old"));
});
afterAll(async () => {
  await service.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function get(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

describe("a sidecar", () => {
  it("goes on serving when nobody reads its log any more", async () => {
    const sidecar = await startSidecarProcess(["--listen", "127.0.0.1:0", "--primary", service.url, "--sample", "100%", ...key]);
    sidecar.process.stderr?.destroy();
    for (let kills = 0; kills < 3; kills++) {
      const [observer] = childrenOf(sidecar.process.pid);
      if (observer !== undefined) process.kill(observer, "SIGKILL");
      await until(() => childrenOf(sidecar.process.pid).some((pid) => pid !== observer));
      expect(await get(`${sidecar.url}/items/1`)).toBe(200);
    }
    expect((await sidecar.stop()).code).toBe(0);
  });

  it("remembers a bounded number of requests of a client that pipelines to a primary that does not answer", async () => {
    const sockets: Socket[] = [];
    const silent: Server = createServer((socket) => sockets.push(socket.resume().on("error", () => {})));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address() as { port: number };
    const sidecar = await startSidecarProcess([
      ...["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--primary", `http://127.0.0.1:${address.port}`, "--sample", "0%", ...key],
    ]);
    const client = connect(Number(new URL(sidecar.url).port), "127.0.0.1");
    client.on("error", () => {});
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20_000));
    const counters = async (): Promise<SidecarCounters> =>
      (await (await fetch(`${sidecar.adminUrl ?? ""}/counters`)).json()) as SidecarCounters;
    let now = await counters();
    for (let look = 0; look < 100 && now.connections.unobserved.unanswered_limit === 0; look++) now = await counters();
    expect(now.connections.unobserved.unanswered_limit).toBe(1);
    expect(now.ledger.seen).toBe(1001);
    client.destroy();
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect((await sidecar.stop()).code).toBe(0);
  });

  it("makes no new key when the file is gone and its observer dies", async () => {
    const [recording, keyFile] = [join(scratch, "keyed"), join(scratch, "passing-key")];
    const args = ["--listen", "127.0.0.1:0", "--primary", service.url, "--record", recording, "--sample", "100%"];
    const sidecar = await startSidecarProcess([...args, "--key-file", keyFile]);
    expect(await get(`${sidecar.url}/items/1`)).toBe(200);
    rmSync(keyFile);
    const [observer = 0] = childrenOf(sidecar.process.pid);
    process.kill(observer, "SIGKILL");
    await until(() => readdirSync(recording).includes("000002.penumbra"));
    expect((await sidecar.stop()).code).toBe(0);
    expect(existsSync(keyFile)).toBe(false);
    const { meta } = await openRecording(recording);
    expect(meta.segments.length).toBe(2);
    expect(new Set(meta.segments.map((segment) => segment.keyId)).size).toBe(1);
  });

  it("knows after its drain that all was stored, and refuses a second one beside it", async () => {
    const recording = join(scratch, "recording");
    const args = ["--listen", "127.0.0.1:0", "--primary", service.url, "--record", recording, "--sample", "100%", ...key];
    const sidecar = await startSidecarProcess(args);
    for (let item = 1; item <= 5; item++) expect(await get(`${sidecar.url}/items/${item}`)).toBe(200);
    const second = await runPenumbra(["proxy", ...args]);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/another penumbra is recording/);
    expect((await sidecar.stop()).code).toBe(0);
    expect((await runPenumbra(["inspect", recording])).stdout).toMatch(/missing: nothing known/);
    expect((await runPenumbra(["verify", recording])).stdout).toMatch(
      /5 exchanges.*\nledger .*: 5 recorded \+ 0 dropped = 5 sampled\nall is well/,
    );
  });
});

describe("a verdict", () => {
  const items = (count: number, body: (item: number) => object, path = "/items"): PlainExchange[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `${path}-${index}`,
      at: 1_763_798_400_000 + index,
      lane: `lane-${index % 40}`,
      target: `${path}/${index}`,
      body: JSON.stringify(body(index)),
    }));
  const whole = (index: number): object => ({ name: `item ${index}`, rating: index % 5 });
  const without = (index: number): object => ({ name: `item ${index}` });
  const file = (name: string, exchanges: readonly PlainExchange[]): string => writeRecording(join(scratch, `${name}.ndjson`), exchanges);

  it("is no pass while most exchanges could not be compared", async () => {
    const primary = itemsRecording(join(scratch, "whole.ndjson"), 100);
    const candidate = itemsRecording(join(scratch, "part.ndjson"), 20);
    const ended = await runPenumbra(["compare", primary, candidate, "--control", primary, "--out", join(scratch, "part")]);
    expect(ended.stdout).toMatch(/too-much-skipped/);
    expect(ended.code).toBe(3);
  });

  it("is no pass on a run that never came to its end", async () => {
    const primary = itemsRecording(join(scratch, "cut.ndjson"), 60);
    const run = join(scratch, "cut");
    expect((await runPenumbra(["compare", primary, primary, "--control", primary, "--out", run])).code).toBe(0);
    const meta = join(run, "run.json");
    writeFileSync(meta, readFileSync(meta, "utf8").replace(/"endedAt": "[^"]*"/, '"endedAt": null'));
    expect((await runPenumbra(["diff", run])).code).toBe(3);
  });

  it("does not take a change for accepted or known where it was never seen", async () => {
    const primary = file("p", [...items(120, whole, "/a"), ...items(120, whole, "/b")]);
    const once = file("c1", [...items(120, without, "/a"), ...items(120, whole, "/b")]);
    const twice = file("c2", [...items(120, without, "/a"), ...items(120, without, "/b")]);
    const compare = (candidate: string, out: string, ...more: string[]): ReturnType<typeof runPenumbra> =>
      runPenumbra(["compare", primary, candidate, "--control", primary, "--out", join(scratch, out), ...more]);
    expect((await compare(once, "once")).code).toBe(1);
    const report = JSON.parse(readFileSync(join(scratch, "once", "report.json"), "utf8")) as Report;
    const id = report.findings.find((finding) => finding.state === "new")?.id ?? "";
    const accepted = join(scratch, "accepted.yaml");
    expect((await runPenumbra(["accept", join(scratch, "once"), id, "--reason", "not needed", "--file", accepted], onADesk)).code).toBe(0);
    expect((await compare(once, "once-accepted", "--accept", accepted)).code).toBe(0);
    expect((await compare(once, "once-known", "--baseline", join(scratch, "once"))).code).toBe(0);
    const spread = await compare(twice, "twice-accepted", "--accept", accepted);
    expect(spread.stdout).toMatch(/accepted-widened/);
    expect(spread.code).toBe(1);
    expect((await compare(twice, "twice-known", "--baseline", join(scratch, "once"))).code).toBe(1);
  });
});
