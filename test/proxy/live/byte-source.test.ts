/** Every way to read a socket gives the same bytes, also those that came before anybody listened. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ByteSource } from "../../../proxy/live/byte-source.ts";
import { loopback, until } from "./support.ts";

const sockets: Socket[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a fresh connection; the accepted one has not been read from. */
async function pair(): Promise<{ client: Socket; accepted: Socket; port: number }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, loopback);
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: loopback, port, allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [[Socket], unknown];
  sockets.push(client, accepted);
  return { client, accepted, port };
}

const ways: Record<string, (accepted: Socket) => ByteSource> = {
  "an accepted connection": (accepted) => ByteSource.accepted(accepted),
  "a socket of any kind": (accepted) => ByteSource.of(accepted),
};

function listenTo(source: ByteSource): { chunks: Buffer[]; size(): number; hasEnded(): boolean } {
  const chunks: Buffer[] = [];
  let ended = false;
  source.deliver({
    bytes: (chunk) => chunks.push(chunk),
    ended: () => {
      ended = true;
    },
  });
  return { chunks, size: () => chunks.reduce((sum, chunk) => sum + chunk.length, 0), hasEnded: () => ended };
}

describe.each(Object.entries(ways))("%s", (_, sourceOf) => {
  it("gives the bytes and the end that came before anybody listened", async () => {
    const { client, accepted } = await pair();
    const source = sourceOf(accepted);
    sockets.push(source.socket);
    client.end("abc");
    await once(source.socket, "end");
    const heard = listenTo(source);
    expect(Buffer.concat(heard.chunks).toString()).toBe("abc");
    expect(heard.hasEnded()).toBe(true);
  });

  it("holds a client back that sends much before anybody listens, and loses nothing", async () => {
    const { client, accepted } = await pair();
    const source = sourceOf(accepted);
    sockets.push(source.socket);
    const sent = Buffer.alloc(20_000_000, "0123456789abcdef");
    client.end(sent);
    await until(() => source.socket.isPaused());
    expect(client.writableLength).toBeGreaterThan(0);
    const heard = listenTo(source);
    await until(() => heard.hasEnded());
    expect(Buffer.concat(heard.chunks).equals(sent)).toBe(true);
  });

  it("gives chunks that stay as they are while others are read", async () => {
    const { client, accepted } = await pair();
    const source = sourceOf(accepted);
    sockets.push(source.socket);
    const heard = listenTo(source);
    client.write("first");
    await until(() => heard.size() === 5);
    client.write("other");
    await until(() => heard.size() === 10);
    expect(heard.chunks.map(String)).toEqual(["first", "other"]);
  });
});

describe("a connecting source", () => {
  it("reads what the other end sends first", async () => {
    const { port } = await pair();
    servers[0]?.on("connection", (socket: Socket) => {
      sockets.push(socket);
      socket.end("hello");
    });
    const source = ByteSource.connecting({ host: loopback, port });
    sockets.push(source.socket);
    const heard = listenTo(source);
    await until(() => heard.hasEnded());
    expect(Buffer.concat(heard.chunks).toString()).toBe("hello");
  });
});
