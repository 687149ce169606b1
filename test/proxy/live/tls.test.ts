import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectSecurely, createServer as createSecureServer, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { collect, connectTo, loopback, startRawPrimary, startTestSidecar, until } from "./support.ts";
import { certificate as cert, privateKey as key } from "./tls/loopback.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

async function secureClient(port: number): Promise<TLSSocket> {
  const socket = connectSecurely({ host: loopback, port, ca: cert, servername: "localhost", ALPNProtocols: ["h2", "http/1.1"] });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  cleanUp.push(() => socket.destroy());
  return socket;
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const answer = `HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n${"y".repeat(70_000)}`;

describe("a sidecar with TLS", () => {
  it("ends it for clients, offers http/1.1 only, and copies the plain bytes", async () => {
    const primary = await startRawPrimary((socket) => {
      socket.once("data", () => socket.write(answer));
      socket.on("end", () => socket.end());
    });
    const started = await startTestSidecar(primary.port, { tls: { source: "test", cert, key } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await secureClient(started.sidecar.address.port);
    expect(socket.alpnProtocol).toBe("http/1.1");
    const received = collect(socket);
    socket.write(request);
    await until(() => received.length() === answer.length);
    expect(received.bytes().toString()).toBe(answer);
    await until(() => started.exchanges().length === 1);
    socket.end();
    await until(() => started.sidecar.counters().connections.open === 0);
  });

  it("passes a reset of the primary on as an end that cannot be taken for complete", async () => {
    const sockets: Socket[] = [];
    const primary = await startRawPrimary((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\npart"));
    });
    const started = await startTestSidecar(primary.port, { tls: { source: "test", cert, key } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await secureClient(started.sidecar.address.port);
    const received = collect(socket);
    socket.write(request);
    await until(() => received.bytes().toString().endsWith("part"));
    sockets[0]?.resetAndDestroy();
    expect(await received.ended).toBe("reset");
    await until(() => started.sidecar.counters().connections.open === 0);
  });

  it("does not fall over a client that speaks no TLS", async () => {
    const primary = await startRawPrimary(() => undefined);
    const started = await startTestSidecar(primary.port, { tls: { source: "test", cert, key } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    const received = collect(socket);
    socket.write(request);
    await received.ended;
    socket.destroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(started.sidecar.ledger.snapshot().seen).toBe(0);
  });

  it("ends both sides when a client breaks the protocol after its handshake", async () => {
    const ends: Promise<string>[] = [];
    const primary = await startRawPrimary((socket) => ends.push(collect(socket).ended));
    const started = await startTestSidecar(primary.port, { tls: { source: "test", cert, key } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => primary.server.close(),
    );
    const raw = await connectTo(started.sidecar.address.port);
    const secure = connectSecurely({ socket: raw, ca: cert, servername: "localhost" });
    secure.on("error", () => undefined);
    await once(secure, "secureConnect");
    secure.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
    await until(() => started.sidecar.ledger.snapshot().open === 1);
    raw.write(Buffer.from("170303001000112233445566778899aabbccddeeff", "hex")); // a record that no key opens
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(await ends[0]).toBe("reset");
    expect(started.sidecar.ledger.snapshot().dropped.client_abort).toBe(1);
    raw.destroy();
  });

  it("starts it towards an https primary", async () => {
    const server = createSecureServer({ cert, key, allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write(answer));
      socket.on("end", () => socket.end());
    });
    server.listen(0, loopback);
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    const started = await startTestSidecar(port, { primary: new URL(`https://${loopback}:${port}`), primaryTls: { ca: cert } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    const received = collect(socket);
    socket.write(request);
    await until(() => received.length() === answer.length);
    expect(received.bytes().toString()).toBe(answer);
    socket.resetAndDestroy();
    await until(() => started.sidecar.counters().connections.open === 0);
  });

  it.each([
    ["is cut, and so is the client", true, "reset", "truncated"],
    ["says that it is done, and the client gets a whole answer", false, "fin", "answered"],
  ])("towards an https primary: a connection that ends an answer %s", async (_, isCut, end, outcome) => {
    const part = "HTTP/1.1 200 OK\r\n\r\nhalf of the body";
    const raws: Socket[] = [];
    const server = createSecureServer({ cert, key, allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      // A process that is killed ends its connections below TLS.
      socket.once("data", () => socket.write(part, () => (isCut ? raws[0]?.end() : socket.end())));
    });
    server.on("connection", (raw) => raws.push(raw));
    server.listen(0, loopback);
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    const started = await startTestSidecar(port, { primary: new URL(`https://${loopback}:${port}`), primaryTls: { ca: cert } });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    const received = collect(socket);
    socket.write(request);
    expect(await received.ended).toBe(end);
    expect(received.bytes().toString()).toBe(part);
    socket.destroy();
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome.kind).toBe(outcome);
  });

  it("does not speak to an https primary that it cannot trust", async () => {
    const server = createSecureServer({ cert, key }, () => undefined);
    server.on("tlsClientError", () => undefined);
    server.listen(0, loopback);
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    const started = await startTestSidecar(port, { primary: new URL(`https://${loopback}:${port}`) });
    cleanUp.push(
      () => started.sidecar.drain({ bound: milliseconds(200) }),
      () => server.close(),
    );
    const socket = await connectTo(started.sidecar.address.port);
    expect(await collect(socket).ended).toBe("reset");
    expect(started.sidecar.notReady()).toBe("primary refuses connections");
  });
});
