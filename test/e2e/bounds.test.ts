/** I3 by the real command line: the memory of the live process does not depend on the size of bodies or on idle clients. */

import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type RunningSidecar, startSidecarProcess } from "../../cli/demo/penumbra.ts";
import type { SidecarCounters } from "../../proxy/live/sidecar-counters.ts";
import { memoryOf } from "../support/processes.ts";

const mebibyte = 1024 * 1024;
const loopback = "127.0.0.1";
const scratch = mkdtempSync(join(tmpdir(), "penumbra-bounds-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

async function sidecarBefore(port: number, ...more: readonly string[]): Promise<RunningSidecar> {
  const sidecar = await startSidecarProcess([
    ...["--listen", `${loopback}:0`, "--admin", `${loopback}:0`, "--primary", `http://${loopback}:${port}`],
    ...["--key-file", join(scratch, "key"), "--drain-timeout", "200ms", ...more],
  ]);
  cleanUp.push(() => sidecar.stop());
  return sidecar;
}

async function countersOf(sidecar: RunningSidecar): Promise<SidecarCounters> {
  return (await (await fetch(`${sidecar.adminUrl}/counters`)).json()) as SidecarCounters;
}

describe("a body of gigabytes", () => {
  const bodyBytes = 2 * 1024 * mebibyte;
  /** Measured: 195 to 222 MiB at the peak, of which 60 are the program itself; the rest is budget, buffers and garbage. */
  const mostMemory = 256 * mebibyte;
  const budget = "16MiB";

  it("passes in either direction in constant memory, sampled and recorded", async () => {
    const head = (first: string): string => `${first}\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
    const server = createServer({ noDelay: true }, (socket) => {
      void swallow(socket, head("POST / HTTP/1.1")).then(() => pour(socket, head("HTTP/1.1 200 OK")));
    });
    server.listen(0, loopback);
    await once(server, "listening");
    cleanUp.push(() => server.close());
    const sidecar = await sidecarBefore(
      (server.address() as AddressInfo).port,
      ...["--sample", "100%", "--budget", budget, "--record", join(scratch, "recording")],
    );
    const client = connect({ host: loopback, port: Number(new URL(sidecar.url).port), noDelay: true });
    cleanUp.push(() => client.destroy());
    const answered = swallow(client, head("HTTP/1.1 200 OK"));
    await pour(client, head("POST / HTTP/1.1"));
    await answered;
    const { ledger } = await countersOf(sidecar);
    expect(ledger.seen).toBe(1);
    expect(memoryOf(sidecar.process.pid, "peak")).toBeLessThan(mostMemory);
  }, 120_000);

  /** One mebibyte with no shorter period, twice, so that any place in it has a mebibyte after it. */
  const pattern = Buffer.alloc(mebibyte, "0123456789\r\n\0\xff!");
  const twice = Buffer.concat([pattern, pattern]);

  /** Sends a head and the body, again and again the same buffer. */
  async function pour(socket: Socket, head: string): Promise<void> {
    socket.write(head);
    for (let sent = 0; sent < bodyBytes; sent += pattern.length) if (!socket.write(pattern)) await once(socket, "drain");
  }

  /** Resolves when head and body have come, each byte as it was sent. */
  function swallow(socket: Socket, head: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let received = -head.length;
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => {
        const body = received < 0 ? chunk.subarray(head.length) : chunk;
        if (received < 0 && chunk.toString("latin1", 0, head.length) !== head) reject(new Error("another head came"));
        const at = Math.max(0, received) % pattern.length;
        if (!body.equals(twice.subarray(at, at + body.length))) reject(new Error(`other bytes came after ${received}`));
        received += chunk.length;
        if (received === bodyBytes) resolve();
      });
    });
  }
});

describe("idle connections", () => {
  const wanted = 10_000;
  /** Descriptors of the sidecar that are no client's and no primary's. */
  const ownDescriptors = 100;
  /** Measured: 199 MiB for 9950 connections, of which 60 are the program itself; 260 to 312 while V8 was left to itself. */
  const mostMemory = 250 * mebibyte;

  it("ten thousand of them, or as many as this machine grants descriptors for, stay open in bounded memory", async () => {
    const count = Math.min(wanted, Math.floor((descriptorLimit() - ownDescriptors) / 2));
    const [primary, primaryPort] = await startPeer("primary");
    const sidecar = await sidecarBefore(primaryPort, "--sample", "0");
    const [client, answered] = await startPeer("client", new URL(sidecar.url).port, String(count));
    expect(answered).toBe(count);
    const { connections } = await countersOf(sidecar);
    expect(connections.open).toBe(count);
    const again = 500;
    client.send(again);
    expect(await once(client, "message")).toEqual([again, undefined]);
    expect((await countersOf(sidecar)).ledger.seen).toBe(count + again);
    expect(memoryOf(sidecar.process.pid, "now")).toBeLessThan(mostMemory);
    expect([client.exitCode, primary.exitCode]).toEqual([null, null]);
  }, 120_000);

  async function startPeer(...args: readonly string[]): Promise<[ChildProcess, number]> {
    const peer = fork(fileURLToPath(new URL("./idle-peer.ts", import.meta.url)), args);
    cleanUp.push(() => peer.kill());
    const [told] = (await once(peer, "message")) as [number];
    return [peer, told];
  }

  /** Node raises its own soft limit to this. */
  function descriptorLimit(): number {
    const told = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    return told === "unlimited" ? Number.POSITIVE_INFINITY : Number(told);
  }
});
