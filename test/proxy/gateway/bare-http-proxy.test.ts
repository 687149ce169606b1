/** The faults of http-proxy as it comes, each of which the gateway closes. When one of these tests fails, a newer
 * version has mended the fault, and what the gateway does against it can go. */

import { once } from "node:events";
import { Agent, createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { loadHttpProxy } from "../../../proxy/gateway/http-proxy-requests.ts";
import { collect, connectTo, loopback, until } from "../live/support.ts";
import { answering, cleanUp, closeAll, raw } from "./support.ts";

afterEach(closeAll);

interface BareProxy {
  web(request: IncomingMessage, response: object, options: object, failed: () => void): void;
}

/** http-proxy as its documentation shows it. */
async function bare(primaryPort: number, options: object = {}): Promise<number> {
  await loadHttpProxy(); // so that its deprecation warning is not printed here either
  const { default: httpProxy } = (await import("http-proxy")) as unknown as { default: { createProxyServer(options: object): BareProxy } };
  const proxy = httpProxy.createProxyServer({});
  const server = createServer((request, response) =>
    proxy.web(request, response, { target: `http://${loopback}:${primaryPort}`, ...options }, () => response.destroy()),
  );
  server.listen(0, loopback);
  await once(server, "listening");
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function send(port: number, bytes: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = await connectTo(port);
  cleanUp.push(() => socket.destroy());
  const received = collect(socket);
  socket.write(bytes);
  return { socket, text: () => received.bytes().toString("latin1") };
}

const empty = "HTTP/1.1 204 No Content\r\n\r\n";

describe("http-proxy as it comes", () => {
  it("sends the body of a chunked DELETE behind a length of 0, as a request of its own", async () => {
    const primary = await answering(empty);
    const smuggled = "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
    await send(
      await bare(primary.port),
      `DELETE / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    );
    await until(() => primary.received().includes("/admin"));
    expect(primary.received()).toContain("content-length: 0");
    expect(primary.received()).toContain(`\r\n\r\n${smuggled}`);
  });

  it("sends heads in lower case and merged, and joins slashes", async () => {
    const primary = await answering(empty);
    await send(await bare(primary.port), "GET //a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nB: 2\r\nx-a: 3\r\n\r\n");
    await until(() => primary.received().includes("\r\n\r\n"));
    expect(primary.received()).toMatch(/^GET \/a HTTP/);
    expect(primary.received()).toContain("x-a: 1, 3\r\n");
  });

  it("joins two WWW-Authenticate and loses trailers and early hints", async () => {
    const primary = await answering(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 401 No\r\nWWW-Authenticate: A\r\nWWW-Authenticate: B\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nSum: 1\r\n\r\n",
    );
    const { text } = await send(await bare(primary.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => text().endsWith("0\r\n\r\n"));
    expect(text()).toMatch(/www-authenticate: A, B/i);
    expect(text()).not.toContain("103");
    expect(text()).not.toContain("Sum");
  });

  it("leaves the client waiting for the rest of an answer whose primary is gone", async () => {
    const primary = await raw((socket) =>
      socket.once("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", () => setTimeout(() => socket.destroy(), 20)),
      ),
    );
    const { socket, text } = await send(await bare(primary.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => text().endsWith("part") && primary.sockets.size === 0);
    let isOver = false;
    socket.once("end", () => {
      isOver = true;
    });
    // Long after the primary is gone: another exchange has come and gone meanwhile.
    const other = await answering(empty);
    const second = await send(await bare(other.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => second.text().includes("204"));
    expect(isOver || socket.destroyed).toBe(false);
  });

  it("goes on with the requests of clients that are gone", async () => {
    const primary = await raw((socket) => socket.on("end", () => socket.end()).resume());
    const port = await bare(primary.port, { agent: new Agent({ keepAlive: true }) });
    const sockets = await Promise.all(
      Array.from({ length: 8 }, async () => (await send(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).socket),
    );
    await until(() => primary.sockets.size === 8);
    for (const socket of sockets) socket.resetAndDestroy();
    const other = await answering(empty);
    const second = await send(await bare(other.port), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => second.text().includes("204"));
    expect(primary.sockets.size).toBe(8);
  });

  it("opens a connection for every request", async () => {
    const primary = await answering(empty);
    const port = await bare(primary.port);
    for (let count = 0; count < 2; count++) {
      const { text } = await send(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await until(() => text().includes("204"));
    }
    expect(primary.accepted()).toBe(2);
  });
});
