/** Real sockets for tests of the live path: a raw primary, a raw client, a sidecar with a real observer process. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../model/clock.ts";
import { seededRandom } from "../../../model/random.ts";
import { ratio } from "../../../model/units.ts";
import { type Sidecar, type SidecarEvent, type SidecarOptions, startSidecar } from "../../../proxy/live/sidecar.ts";
import { SpliceEntrance, type SpliceEntranceOptions } from "../../../proxy/live/splice-entrance.ts";
import type { ChildLine } from "./intake-child.ts";

const childScript = fileURLToPath(new URL("./intake-child.ts", import.meta.url));

export const loopback = "127.0.0.1";
export const testKey: Uint8Array = Uint8Array.from({ length: 16 }, (_, index) => index);

export interface TestSidecar {
  readonly sidecar: Sidecar;
  readonly events: SidecarEvent[];
  /** What the observers have printed; complete once `sidecar.drain` has resolved and `finished` too. */
  readonly lines: ChildLine[];
  readonly children: ChildProcess[];
  exchanges(): (ChildLine & { kind: "exchange" })[];
}

interface Spawning {
  /** Changes how observers are started. */
  readonly wrapSpawn: (spawnObserver: () => ChildProcess) => () => ChildProcess;
}

/** A sidecar in front of `primaryPort` with everything sampled. */
export async function startTestSidecar(
  primaryPort: number,
  { wrapSpawn, ...options }: Partial<SidecarOptions & SpliceEntranceOptions & Spawning> = {},
): Promise<TestSidecar> {
  const events: SidecarEvent[] = [];
  const lines: ChildLine[] = [];
  const children: ChildProcess[] = [];
  const spawnObserver = (): ChildProcess => {
    const child = spawn(process.execPath, [childScript], { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    children.push(child);
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) lines.push(JSON.parse(part) as ChildLine);
    });
    return child;
  };
  const sidecar = await startSidecar({
    listen: { host: loopback, port: 0 },
    entrance: (surroundings) =>
      new SpliceEntrance({ primary: new URL(`http://${loopback}:${primaryPort}`), clock: systemClock, ...options }, surroundings),
    sampling: { rate: ratio(1), enabled: true },
    key: testKey,
    admin: { host: loopback, port: 0 },
    clock: systemClock,
    random: seededRandom(1),
    spawnObserver: wrapSpawn?.(spawnObserver) ?? spawnObserver,
    log: (event) => events.push(event),
    ...options,
  });
  return { sidecar, events, lines, children, exchanges: () => lines.filter((line) => line.kind === "exchange") };
}

/** A TCP server that hands every connection to `serve`. */
export async function startRawPrimary(serve: (socket: Socket) => void): Promise<{ server: Server; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, loopback);
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ host: loopback, port, noDelay: true, allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => undefined); // the tests look at how a connection ended, not at this event
  return socket;
}

/** Everything that a socket receives, and how it ended. */
export function collect(socket: Socket): { bytes(): Buffer; ended: Promise<"fin" | "reset">; length(): number } {
  const parts: Buffer[] = [];
  let size = 0;
  socket.on("data", (part: Buffer) => {
    parts.push(part);
    size += part.length;
  });
  const ended = new Promise<"fin" | "reset">((resolve) => {
    socket.once("end", () => resolve("fin"));
    socket.once("error", () => resolve("reset"));
    socket.once("close", () => resolve("fin"));
  });
  return { bytes: () => Buffer.concat(parts), ended, length: () => size };
}

/** Resolves when `holds` does, looked at on every turn; fails the test through its time limit otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
