/** Draining under load: an exchange that has begun is answered in full, one that has not never reaches the primary. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { collect, connectTo, startRawPrimary, startTestSidecar, until } from "./support.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

/** One request on a keep-alive connection: its answer, or how the connection ended without one. */
async function exchange(socket: Socket, target: string): Promise<{ kind: "answered"; text: string } | { kind: "ended"; partial: string }> {
  return new Promise((resolve) => {
    let text = "";
    const finish = (kind: "answered" | "ended"): void => {
      socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
      resolve(kind === "answered" ? { kind, text } : { kind, partial: text });
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (head >= 0 && length !== undefined && text.length === head + 4 + Number(length)) finish("answered");
    });
    socket.once("end", () => finish("ended"));
    socket.once("close", () => finish("ended"));
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  });
}

describe("a drain", () => {
  it("cuts no exchange of 200 busy keep-alive clients, and the primary sees none that is not answered", async () => {
    const reached = new Set<string>();
    const primary = createServer((request, response) => {
      reached.add(request.url ?? "");
      setTimeout(() => response.end(`answer to ${request.url}`), 3);
    });
    primary.keepAliveTimeout = 60_000;
    primary.listen(0, "127.0.0.1");
    await once(primary, "listening");
    cleanUp.push(() => primary.close());
    const started = await startTestSidecar((primary.address() as AddressInfo).port);
    let answered = 0;
    let inService = 0;
    const failures: unknown[] = [];
    const unanswered: string[] = [];
    const lone = async (name: number): Promise<void> => {
      const socket = await connectTo(started.sidecar.address.port);
      cleanUp.push(() => socket.destroy());
      for (let round = 0; ; round++) {
        const target = `/${name}/${round}`;
        const result = await exchange(socket, target);
        if (result.kind === "ended") {
          // The connection was closed between exchanges: a client sends this request again elsewhere (RFC 9112 §9.3.1).
          if (result.partial !== "") failures.push([target, result.partial]);
          unanswered.push(target);
          socket.destroy();
          return;
        }
        if (!result.text.endsWith(`answer to ${target}`)) failures.push([target, result.text]);
        if (round === 0) inService++;
        answered++;
      }
    };
    const clients = Array.from({ length: 200 }, (_, name) => lone(name));
    await until(() => inService === 200);
    const result = await started.sidecar.drain();
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(result).toEqual({ cut: 0, observer: "exited" });
    expect(unanswered.filter((target) => reached.has(target))).toEqual([]);
    const snapshot = started.sidecar.ledger.snapshot();
    expect(conservationFaults(snapshot)).toEqual([]);
    expect(snapshot).toMatchObject({
      captured: answered,
      recorded: answered,
      mirrored: answered,
      open: 0,
      pendingRecord: 0,
      pendingMirror: 0,
    });
  });

  it("ends idle connections at once, refuses new ones and is not ready", async () => {
    const primary = await startRawPrimary((socket) => socket.once("data", () => socket.write("HTTP/1.1 204 No\r\n\r\n")));
    cleanUp.push(() => primary.server.close());
    const started = await startTestSidecar(primary.port);
    const idle = await connectTo(started.sidecar.address.port);
    const received = collect(idle);
    await until(() => started.sidecar.counters().connections.open === 1 && primary.sockets.size === 1);
    const draining = started.sidecar.drain();
    expect(started.sidecar.notReady()).toBe("draining");
    expect(await received.ended).toBe("fin");
    idle.end();
    expect(await draining).toEqual({ cut: 0, observer: "exited" });
    await expect(connectTo(started.sidecar.address.port)).rejects.toThrow("ECONNREFUSED");
    for (const socket of primary.sockets) socket.destroy();
  });

  it("does not wait for a client that has not noticed yet that its primary has closed", async () => {
    const primary = await startRawPrimary((socket) => socket.end());
    cleanUp.push(() => primary.server.close());
    const started = await startTestSidecar(primary.port);
    const pooled = await connectTo(started.sidecar.address.port);
    await collect(pooled).ended; // and it stays half open, as in a client's pool
    expect(await started.sidecar.drain({ bound: milliseconds(20_000) })).toMatchObject({ cut: 0 });
    pooled.destroy();
  });

  it("waits for an answer in flight and cuts only at its bound", async () => {
    const waiting: Socket[] = [];
    const primary = await startRawPrimary((socket) => socket.once("data", () => waiting.push(socket)));
    cleanUp.push(() => primary.server.close());
    const started = await startTestSidecar(primary.port);
    const [patient, unlucky] = [await connectTo(started.sidecar.address.port), await connectTo(started.sidecar.address.port)];
    const [first, second] = [collect(patient), collect(unlucky)];
    patient.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => waiting.length === 1);
    unlucky.write("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => waiting.length === 2);
    const draining = started.sidecar.drain({ bound: milliseconds(300) });
    waiting[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    await until(() => first.length() > 0);
    waiting[0]?.write("ok");
    expect(await first.ended).toBe("fin");
    expect(first.bytes().toString()).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    patient.end();
    expect(await draining).toMatchObject({ cut: 1 });
    expect(await second.ended).toBe("reset");
    expect(conservationFaults(started.sidecar.ledger.snapshot())).toEqual([]);
    for (const socket of primary.sockets) socket.destroy();
  });
});
