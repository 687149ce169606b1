import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Primary, parsePrimary } from "../../../proxy/live/primary.ts";
import { FakeClock } from "../../recording/fake-clock.ts";
import { loopback, until } from "./support.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(() => {
  for (const each of cleanUp.splice(0)) each();
});

describe("a dial", () => {
  it("is given up when the primary accepts and then says nothing of TLS", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      socket.on("error", () => undefined);
      sockets.push(socket);
    }).listen(0, loopback);
    await once(silent, "listening");
    cleanUp.push(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const clock = new FakeClock();
    const states: boolean[] = [];
    const primary = new Primary(parsePrimary(new URL(`https://${loopback}:${port}`)), clock, (refuses) => states.push(refuses));
    cleanUp.push(() => primary.close());
    const failure = new Promise<string>((resolve) => {
      primary.dial({ connected: () => resolve("connected"), failed: resolve });
    });
    await until(() => sockets.length === 1);
    clock.advance(59_999);
    expect(primary.refuses).toBe(false);
    clock.advance(1);
    expect(await failure).toBe("ETIMEDOUT");
    expect(states).toEqual([true]);
    expect(primary.failures).toEqual({ ETIMEDOUT: 1 });
    sockets[0]?.resume();
    await until(() => sockets[0]?.destroyed === true || sockets[0]?.readableEnded === true);
    sockets[0]?.destroy();
  });
});
