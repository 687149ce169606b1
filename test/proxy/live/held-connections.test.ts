/** Users who come while a sidecar starts. */

import { once } from "node:events";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../model/clock.ts";
import { milliseconds } from "../../../model/units.ts";
import { GatewayEntrance } from "../../../proxy/gateway/gateway-entrance.ts";
import { loadHttpProxy } from "../../../proxy/gateway/http-proxy-requests.ts";
import { routeTable } from "../../../proxy/gateway/routes.ts";
import type { Entrance, EntranceSurroundings } from "../../../proxy/live/entrance.ts";
import { afterPoll } from "../../../proxy/live/sockets.ts";
import { SpliceEntrance } from "../../../proxy/live/splice-entrance.ts";
import { plain } from "../gateway/support.ts";
import { collect, connectTo, loopback, startRawPrimary, startTestSidecar, until } from "./support.ts";
import { certificate as cert, privateKey as key } from "./tls/loopback.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const request = "GET /first HTTP/1.1\r\nHost: x\r\n\r\n";

/** Makes an entrance whose server can be asked for its address while the sidecar starts. */
async function entranceOf(kind: "splice" | "gateway", primaryPort: number, isTls: boolean) {
  const primary = new URL(`http://${loopback}:${primaryPort}`);
  const shared = { clock: systemClock, ...(isTls ? { tls: { source: "test", cert, key } } : {}) };
  const open = await loadHttpProxy();
  const servers: Server[] = [];
  const entrance = (surroundings: EntranceSurroundings): Entrance => {
    const made =
      kind === "splice"
        ? new SpliceEntrance({ primary, ...shared }, surroundings)
        : new GatewayEntrance({ open, routes: routeTable(primary, []), rewriting: plain, ...shared }, surroundings);
    servers.push(made.server);
    return made;
  };
  const port = (): number => {
    const address = servers[0]?.address() as AddressInfo | null | undefined;
    if (address === null || address === undefined) throw new Error("nothing listens yet");
    return address.port;
  };
  return { entrance, port };
}

async function answeringPrimary(): Promise<number> {
  const primary = await startRawPrimary((socket) => {
    socket.on("data", () => socket.write(answer));
    socket.on("end", () => socket.end());
  });
  cleanUp.push(() => {
    for (const socket of primary.sockets) socket.destroy();
    primary.server.close();
  });
  return primary.port;
}

describe("a sidecar that starts", () => {
  it.each([
    ["splice", false],
    ["splice", true],
    ["gateway", false],
    ["gateway", true],
  ] as const)("lets users wait until it is whole, then serves and copies their first request (%s, TLS %s)", async (kind, isTls) => {
    const { entrance, port } = await entranceOf(kind, await answeringPrimary(), isTls);
    const clients: { socket: Socket; received: ReturnType<typeof collect> }[] = [];
    const started = await startTestSidecar(0, {
      entrance,
      claim: async () => {
        const leaving = await connectTo(port());
        const raw = connect({ host: loopback, port: port(), noDelay: true });
        const socket = isTls ? connectSecurely({ socket: raw, ca: cert, servername: "localhost" }) : raw;
        cleanUp.push(() => raw.destroy());
        clients.push({ socket, received: collect(socket) });
        await once(raw, "connect");
        socket.write(request);
        await afterPoll();
        leaving.resetAndDestroy();
        await afterPoll();
      },
    });
    cleanUp.push(() => started.sidecar.drain({ bound: milliseconds(200) }));
    const [client] = clients;
    await until(() => client?.received.bytes().toString().endsWith("hello") === true);
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.request.target).toBe("/first");
    expect(started.sidecar.ledger.snapshot()).toMatchObject({ seen: 1, captured: 1 });
    client?.socket.end();
    await until(() => started.sidecar.counters().connections.open === 0);
  });

  it("resets those who wait, and listens no more, when it cannot have what it writes to", async () => {
    const { entrance, port } = await entranceOf("splice", 9, false);
    const ends: Promise<string>[] = [];
    let listened = 0;
    const start = startTestSidecar(0, {
      entrance,
      claim: async () => {
        listened = port();
        ends.push(collect(await connectTo(listened)).ended);
        await afterPoll();
        throw new Error("no room");
      },
    });
    await expect(start).rejects.toThrow("no room");
    expect(await ends[0]).toBe("reset");
    await expect(connectTo(listened)).rejects.toThrow("ECONNREFUSED");
  });

  it("is alive and not ready meanwhile", async () => {
    const { entrance } = await entranceOf("splice", await answeringPrimary(), false);
    const probes: string[] = [];
    const admin = { host: loopback, port: await freeAdminPort() };
    const started = await startTestSidecar(0, {
      entrance,
      admin,
      claim: async () => {
        for (const path of ["healthz", "readyz"]) probes.push(await (await fetch(`http://${loopback}:${admin.port}/${path}`)).text());
      },
    });
    cleanUp.push(() => started.sidecar.drain({ bound: milliseconds(200) }));
    expect(probes).toEqual(["ok\n", "starting\n"]);
    expect(started.sidecar.notReady()).toBe(null);
  });
});

async function freeAdminPort(): Promise<number> {
  const { server, port } = await startRawPrimary(() => {});
  server.close();
  await once(server, "close");
  return port;
}
