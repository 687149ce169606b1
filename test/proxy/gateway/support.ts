/** A gateway in front of real servers, for its tests. */

import type { Socket } from "node:net";
import { expect } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import { milliseconds } from "../../../model/units.ts";
import { GatewayEntrance, type GatewayEntranceOptions } from "../../../proxy/gateway/gateway-entrance.ts";
import { loadHttpProxy } from "../../../proxy/gateway/http-proxy-requests.ts";
import type { Rewriting } from "../../../proxy/gateway/rewriting.ts";
import { routeTable } from "../../../proxy/gateway/routes.ts";
import { conservationFaults, type LedgerSnapshot } from "../../../proxy/live/ledger.ts";
import type { SidecarOptions } from "../../../proxy/live/sidecar.ts";
import { collect, connectTo, loopback, startRawPrimary, startTestSidecar, type TestSidecar, until } from "../live/support.ts";

/** Rewrites nothing but what an intermediary must. */
export const plain: Rewriting = { host: { kind: "client" }, forwarded: "off", stripPrefix: "", addPrefix: "" };

export type GatewayOptions = Partial<GatewayEntranceOptions & Pick<SidecarOptions, "sampling" | "laneKey">> & {
  /** Prefix → port of another primary. */
  readonly others?: Readonly<Record<string, number>>;
};

/** What a test has started, to be closed after it. */
export const cleanUp: (() => unknown)[] = [];

export async function closeAll(): Promise<void> {
  for (const each of cleanUp.splice(0).reverse()) await each();
}

export interface TestGateway extends TestSidecar {
  entrance(): GatewayEntrance;
}

export async function startGateway(primaryPort: number, options: GatewayOptions = {}): Promise<TestGateway> {
  const open = await loadHttpProxy();
  const url = (port: number): URL => new URL(`http://${loopback}:${port}`);
  const others = Object.entries(options.others ?? {}).map(([prefix, port]) => ({ prefix, primary: url(port) }));
  let entrance: GatewayEntrance | null = null;
  const started = await startTestSidecar(primaryPort, {
    ...options,
    entrance(surroundings) {
      const routes = routeTable(url(primaryPort), others);
      entrance = new GatewayEntrance({ open, routes, rewriting: plain, clock: systemClock, ...options }, surroundings);
      return entrance;
    },
  });
  cleanUp.push(() => started.sidecar.drain({ bound: milliseconds(200), observerBound: milliseconds(3000) }));
  return {
    ...started,
    entrance() {
      if (entrance === null) throw new Error("the sidecar made no entrance");
      return entrance;
    },
  };
}

/** A primary that is handed every connection. */
export async function raw(serve: (socket: Socket) => void): Promise<{ port: number; sockets: Set<Socket>; accepted(): number }> {
  let accepted = 0;
  const primary = await startRawPrimary((socket) => {
    accepted++;
    serve(socket);
  });
  cleanUp.push(() => {
    for (const socket of primary.sockets) socket.destroy();
    primary.server.close();
  });
  return { port: primary.port, sockets: primary.sockets, accepted: () => accepted };
}

/** A primary that keeps what it was sent, connection by connection, and answers each head with the same bytes. */
export async function answering(answer: string): Promise<{ port: number; sockets: Set<Socket>; received(): string; accepted(): number }> {
  const parts: Buffer[] = [];
  const primary = await raw((socket) => {
    socket.on("end", () => socket.end());
    socket.on("data", (chunk) => {
      parts.push(chunk);
      if (chunk.includes("\r\n\r\n") && !/^[0-9a-f]+\r\n/.test(chunk.toString("latin1"))) socket.write(answer, "latin1");
    });
  });
  return { ...primary, received: () => Buffer.concat(parts).toString("latin1") };
}

export interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  readonly ended: Promise<"fin" | "reset">;
}

/** A client that has sent these bytes. */
export async function client(started: TestSidecar, bytes: string): Promise<Client> {
  const socket = await connectTo(started.sidecar.address.port);
  cleanUp.push(() => socket.destroy());
  const received = collect(socket);
  socket.write(bytes, "latin1");
  return { socket, text: () => received.bytes().toString("latin1"), ended: received.ended };
}

/** The answer to these bytes, once it holds `last`. */
export async function ask(started: TestSidecar, bytes: string, last: string): Promise<string> {
  const asked = await client(started, bytes);
  await until(() => asked.text().includes(last));
  return asked.text();
}

/** Ends the sidecar and checks that nothing is missing from its ledger. */
export async function settle(started: TestSidecar): Promise<LedgerSnapshot> {
  await started.sidecar.drain({ bound: milliseconds(500) });
  const snapshot = started.sidecar.ledger.snapshot();
  expect(conservationFaults(snapshot)).toEqual([]);
  expect([snapshot.open, snapshot.pendingMirror, snapshot.pendingRecord]).toEqual([0, 0, 0]);
  return snapshot;
}
