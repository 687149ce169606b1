/** The primary learns who its client is, in one header before everything else. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { type ConnectionEnds, proxyHeader } from "../../../proxy/live/proxy-protocol.ts";
import { collect, connectTo, loopback, startRawPrimary, startTestSidecar, type TestSidecar, until } from "./support.ts";

const ends = (source: string | undefined, destination: string | undefined): ConnectionEnds => ({
  remoteAddress: source,
  remotePort: source === undefined ? undefined : 40_000,
  localAddress: destination,
  localPort: 443,
});

describe("the text header", () => {
  it.each([
    ["192.0.2.1", "198.51.100.7", "PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n"],
    ["::ffff:192.0.2.1", "::ffff:198.51.100.7", "PROXY TCP4 192.0.2.1 198.51.100.7 40000 443\r\n"],
    ["2001:db8::1", "2001:db8::2", "PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n"],
    ["fe80::1%eth0", "fe80::2%eth0", "PROXY TCP6 fe80::1 fe80::2 40000 443\r\n"],
    ["192.0.2.1", "2001:db8::2", "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 40000 443\r\n"],
    [undefined, "198.51.100.7", "PROXY UNKNOWN\r\n"],
  ])("says %s to %s", (source, destination, expected) => {
    expect(proxyHeader("v1", ends(source, destination)).toString("latin1")).toBe(expected);
  });
});

describe("the binary header", () => {
  const signature = "0d0a0d0a000d0a515549540a";
  it.each([
    ["192.0.2.1", "198.51.100.7", `${signature}2111000cc0000201c63364079c4001bb`],
    ["::ffff:192.0.2.1", "198.51.100.7", `${signature}2111000cc0000201c63364079c4001bb`],
    ["2001:db8::1", "::", `${signature}2121002420010db8000000000000000000000001${"0".repeat(32)}9c4001bb`],
    ["1:2:3:4:5:6:7:8", "::ffff:198.51.100.7", `${signature}2121002400010002000300040005000600070008${"0".repeat(20)}ffffc63364079c4001bb`],
    [undefined, undefined, `${signature}20000000`],
  ])("says %s to %s", (source, destination, expected) => {
    expect(proxyHeader("v2", ends(source, destination)).toString("hex")).toBe(expected);
  });
});

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

async function ask(started: TestSidecar): Promise<Socket> {
  cleanUp.push(() => started.sidecar.drain({ bound: milliseconds(200) }));
  const socket = await connectTo(started.sidecar.address.port);
  cleanUp.unshift(() => socket.destroy());
  const received = collect(socket);
  socket.write(request);
  await until(() => received.length() === answer.length);
  return socket;
}

describe("a sidecar", () => {
  it.each(["v1", "v2"] as const)("sends it (%s) once a connection, and copies the exchange without it", async (version) => {
    const received: ReturnType<typeof collect>[] = [];
    const primary = await startRawPrimary((socket) => {
      received.push(collect(socket));
      socket.on("data", (chunk: Buffer) => {
        if (chunk.includes("GET")) socket.write(answer);
      });
    });
    cleanUp.push(() => primary.server.close());
    const started = await startTestSidecar(primary.port, { proxyProtocol: version });
    const client = await ask(started);
    client.write(request);
    await until(() => started.exchanges().length === 2);
    const header = proxyHeader(version, {
      remoteAddress: loopback,
      remotePort: client.localPort,
      localAddress: loopback,
      localPort: started.sidecar.address.port,
    });
    expect(received[0]?.bytes().toString("latin1")).toBe(header.toString("latin1") + request + request);
    expect(started.exchanges().map(({ exchange }) => exchange.request.target)).toEqual(["/", "/"]);
  });

  it("also begins with it when it asks by itself whether the primary is back", async () => {
    const { certificate: cert, privateKey: key } = await import("./tls/loopback.ts");
    // Nothing listens there until the sidecar has found that out.
    const place = createServer().listen(0, loopback);
    await once(place, "listening");
    const { port } = place.address() as AddressInfo;
    await new Promise((resolve) => place.close(resolve));
    const started = await startTestSidecar(port, {
      primary: new URL(`https://${loopback}:${port}`),
      primaryTls: { ca: cert },
      proxyProtocol: "v1",
    });
    cleanUp.push(() => started.sidecar.drain({ bound: milliseconds(200) }));
    const client = await connectTo(started.sidecar.address.port);
    await collect(client).ended;
    expect(started.sidecar.notReady()).toBe("primary refuses connections");
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("readable", () => {
        const bytes = socket.read() as Buffer;
        const header = "PROXY UNKNOWN\r\n";
        if (bytes.toString("latin1", 0, header.length) !== header) {
          socket.resetAndDestroy();
          return;
        }
        socket.unshift(bytes.subarray(header.length));
        new TLSSocket(socket, { isServer: true, cert, key }).on("error", () => undefined);
      });
    }).listen(port, loopback);
    cleanUp.push(() => server.close());
    await until(() => started.sidecar.notReady() === null);
    expect(started.sidecar.counters().connections.primaryFailures).toMatchObject({ ECONNREFUSED: expect.any(Number) });
  });

  it("sends it before the TLS handshake with the primary", async () => {
    const place = new URL("./tls/", import.meta.url);
    const [cert, key] = ["loopback-cert.pem", "loopback-key.pem"].map((file) => readFileSync(new URL(file, place), "utf8"));
    const firstLines: string[] = [];
    // Reads the header from the connection itself, then goes on with TLS, as a server that expects it does.
    const server = createServer((socket) => {
      socket.once("readable", () => {
        const bytes = socket.read() as Buffer;
        const end = bytes.indexOf("\r\n") + 2;
        firstLines.push(bytes.subarray(0, end).toString("latin1"));
        if (end < bytes.length) socket.unshift(bytes.subarray(end));
        const secure = new TLSSocket(socket, {
          isServer: true,
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
        });
        secure.on("error", () => undefined);
        secure.once("data", () => secure.write(answer));
      });
      socket.on("error", () => undefined);
    });
    server.listen(0, loopback);
    await once(server, "listening");
    cleanUp.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const started = await startTestSidecar(port, {
      primary: new URL(`https://${loopback}:${port}`),
      primaryTls: { ca: cert ?? "" },
      proxyProtocol: "v1",
    });
    const client = await ask(started);
    expect(firstLines).toEqual([`PROXY TCP4 ${loopback} ${loopback} ${client.localPort} ${started.sidecar.address.port}\r\n`]);
  });
});
