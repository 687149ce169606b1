/** What becomes of a client that has said all it had to say. */

import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../model/clock.ts";
import { milliseconds } from "../../../model/units.ts";
import { collect, connectTo, startRawPrimary, startTestSidecar } from "./support.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

/** A clock on which a minute passes in a moment. */
const minuteMs = 60_000;
const hasty: Clock = {
  ...systemClock,
  after: (delay, callback, options) => systemClock.after(delay === minuteMs ? milliseconds(40) : delay, callback, options),
};

async function halfClosed(serve: (socket: Socket) => void): Promise<{ received: ReturnType<typeof collect>; client: Socket }> {
  const primary = await startRawPrimary(serve);
  const started = await startTestSidecar(primary.port, { clock: hasty });
  cleanUp.push(
    () => started.sidecar.drain({ bound: milliseconds(200) }),
    () => {
      for (const socket of primary.sockets) socket.destroy();
      primary.server.close();
    },
  );
  const client = await connectTo(started.sidecar.address.port);
  cleanUp.unshift(() => client.destroy());
  return { received: collect(client), client };
}

describe("a half-closed client", () => {
  it("gets its answer however long the primary takes", async () => {
    const asked: Socket[] = [];
    const { received, client } = await halfClosed((socket) => socket.once("end", () => asked.push(socket)).resume());
    client.end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const silences = 5;
    for (let each = 0; each < silences; each++) await new Promise((resolve) => systemClock.after(milliseconds(40), () => resolve(null)));
    expect(received.length()).toBe(0);
    asked[0]?.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect(await received.ended).toBe("fin");
    expect(received.bytes().toString()).toContain("ok");
  });

  it("is reset after a minute in which nothing is outstanding", async () => {
    const { received, client } = await halfClosed((socket) => socket.resume());
    client.end();
    expect(await received.ended).toBe("reset");
    if (!client.destroyed) await once(client, "close");
  });
});
