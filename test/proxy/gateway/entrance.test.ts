/** The gateway's entrance: refusals, routes, tunnels, TLS, a primary that is down, and the drain. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectSecurely, createSecureContext, createServer as createSecureServer, TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { collect, connectTo, loopback, until } from "../live/support.ts";
import { answering, ask, cleanUp, client, closeAll, raw, settle, startGateway } from "./support.ts";

afterEach(closeAll);

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const cert = readFileSync("test/proxy/live/tls/loopback-cert.pem", "utf8");
const key = readFileSync("test/proxy/live/tls/loopback-key.pem", "utf8");

describe("a gateway refuses", () => {
  it.each([
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["a length beside chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
    ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400],
    ["bytes that are no HTTP", "\x16\x03\x01\x02\x00", 400],
    ["bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400],
    ["a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400],
    ["an unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501],
    ["TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\nCookie: b\r\n\r\n", 405],
    ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405],
    ["an expectation that it does not know", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417],
    ["a head without end", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, 431],
  ])("%s in words, closes, and the primary hears nothing", async (_, bytes, status) => {
    const primary = await raw(() => undefined);
    const started = await startGateway(primary.port);
    const asked = await client(started, bytes);
    await until(() => asked.text().includes("penumbra: "));
    expect(asked.text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(asked.text()).toMatch(/\r\nConnection: close\r\n/);
    await asked.ended;
    asked.socket.destroy();
    expect(primary.accepted()).toBe(0);
    const snapshot = await settle(started);
    expect(snapshot.seen).toBe(1);
    expect(snapshot.dropped.answered_here).toBe(1);
  });

  it("an answer that cannot be read without doubt", async () => {
    const primary = await answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    const started = await startGateway(primary.port);
    expect(await ask(started, get, "\n")).toMatch(/^HTTP\/1\.1 502 /);
    await until(() => primary.sockets.size === 0);
    expect((await settle(started)).dropped.ambiguous_framing).toBe(1);
  });
});

describe("a gateway's routes", () => {
  it("lead to their primaries, and only the default one's exchanges are copied", async () => {
    const main = await answering(hello);
    const api = await answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napi");
    const started = await startGateway(main.port, { others: { "/api": api.port } });
    expect(await ask(started, "GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\napi")).toContain("200");
    await ask(started, get, "hello");
    expect(api.received()).toMatch(/^GET \/api\/x /);
    const snapshot = await settle(started);
    expect(snapshot).toMatchObject({ seen: 2, captured: 1 });
    expect(snapshot.dropped.other_route).toBe(1);
  });

  it("fail on their own: a primary that is not the default one does not make the sidecar unready", async () => {
    const main = await answering(hello);
    const gone = await raw(() => undefined);
    cleanUp.pop()?.();
    const started = await startGateway(main.port, { others: { "/api": gone.port }, onPrimaryDown: "502" });
    expect(await ask(started, "GET /api HTTP/1.1\r\nHost: x\r\n\r\n", "penumbra")).toMatch(/^HTTP\/1\.1 502 /);
    expect(started.sidecar.notReady()).toBeNull();
    expect(started.events).toContainEqual({ name: "primary.refuses", code: "ECONNREFUSED", route: "/api" });
    expect(started.sidecar.counters().connections.primaryFailures).toEqual({ ECONNREFUSED: 1 });
  });
});

describe("a gateway passes", () => {
  const ask101 = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n";

  it("a WebSocket through, which becomes a tunnel", async () => {
    let head = "";
    const primary = await raw((socket) => {
      socket.once("data", (chunk) => {
        head = chunk.toString();
        socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: b\r\n\r\nfirst",
        );
        socket.on("data", (frame) => socket.write(frame));
        socket.on("end", () => socket.end());
      });
    });
    const started = await startGateway(primary.port);
    const { socket, text } = await client(started, ask101);
    await until(() => text().endsWith("first"));
    expect(head).toContain("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
    expect(text()).toContain("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: b\r\n");
    socket.write("\x81\x85\0\xff\r\n\r\n", "latin1");
    await until(() => text().endsWith("first\x81\x85\0\xff\r\n\r\n"));
    expect(started.sidecar.counters().connections.unobserved.tunnel).toBe(1);
    socket.end();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome).toMatchObject({ kind: "answered", answer: { status: 101 } });
  });

  it("on what the client of a tunnel sent too early", async () => {
    const primary = await raw((socket) => {
      socket.once("data", () => {
        socket.on("data", (frame) => socket.write(frame));
        setTimeout(() => socket.write("HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), 20);
      });
    });
    const started = await startGateway(primary.port);
    const { text } = await client(started, `${ask101}early`);
    await until(() => text().endsWith("early"));
    expect(text()).toMatch(/\r\n\r\nearly$/);
  });

  it("the answer on when the primary refuses to upgrade, and closes", async () => {
    const primary = await raw((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n")),
    );
    const started = await startGateway(primary.port);
    const asked = await client(started, ask101);
    expect(await asked.ended).toBe("fin");
    expect(asked.text()).toMatch(/^HTTP\/1\.1 403 No\r\n[^]*\r\nConnection: close\r\n[^]*\r\n\r\n2\r\nno\r\n0\r\n\r\n$/);
    asked.socket.end();
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
  });

  it("the request of a client that offers HTTP/2 on as one of HTTP/1.1", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    await ask(
      started,
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
      "hello",
    );
    expect(primary.received()).not.toMatch(/h2c|settings/i);
  });

  it("on the end of a client that waits for a tunnel", async () => {
    const primary = await raw((socket) => socket.resume());
    const started = await startGateway(primary.port);
    const { socket } = await client(started, ask101);
    await until(() => primary.sockets.size === 1);
    socket.destroy();
    await until(() => primary.sockets.size === 0);
    expect(await settle(started)).toMatchObject({ captured: 1 });
  });

  it("on heads of thousands of fields whole", async () => {
    const many = (prefix: string): string => Array.from({ length: 2500 }, (_, index) => `${prefix}${index}: 1\r\n`).join("");
    const primary = await answering(`HTTP/1.1 200 OK\r\n${many("a")}Content-Length: 5\r\n\r\nhello`);
    const started = await startGateway(primary.port);
    const text = await ask(started, `GET / HTTP/1.1\r\nHost: x\r\n${many("b")}\r\n`, "hello");
    expect(text).toContain("a2499: 1\r\n");
    expect(primary.received()).toContain("b2499: 1\r\n");
  });
});

describe("a gateway whose primary is down", () => {
  it.each(["reset", "502"] as const)("gives its clients a %s, is red for it, and turns green again", async (onPrimaryDown) => {
    const primary = createHttpServer((_, response) => response.end("hello"));
    primary.listen(0, loopback);
    await once(primary, "listening");
    const { port } = primary.address() as AddressInfo;
    primary.close();
    await once(primary, "close");
    const started = await startGateway(port, { onPrimaryDown });
    const asked = await client(started, `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc${get}`);
    // Reset at once; or two answers, since the connection goes on and the next request gets one as well.
    const answers = (): number => asked.text().split("HTTP/1.1 502 Bad Gateway").length - 1;
    await until(() => asked.socket.destroyed || answers() === 2);
    const end = asked.socket.destroyed ? await asked.ended : "open";
    expect([end, answers()]).toEqual(onPrimaryDown === "reset" ? ["reset", 0] : ["open", 2]);
    expect(started.sidecar.notReady()).toBe("primary refuses connections");
    primary.listen(port, loopback);
    cleanUp.push(() => primary.close());
    await until(() => started.sidecar.notReady() === null);
    expect(started.events.map((event) => event.name)).toEqual(expect.arrayContaining(["primary.refuses", "primary.back"]));
    const snapshot = await settle(started);
    expect([snapshot.seen, snapshot.dropped.client_abort]).toEqual([2, 0]);
  });
});

describe("a gateway with TLS", () => {
  async function secureClient(port: number): Promise<TLSSocket> {
    const socket = connectSecurely({ host: loopback, port, ca: cert, servername: "localhost", ALPNProtocols: ["h2", "http/1.1"] });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    cleanUp.push(() => socket.destroy());
    return socket;
  }

  it("ends it for clients, offers http/1.1 only, and says so to the primary", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port, {
      tls: { source: "test", cert, key },
      rewriting: { host: { kind: "client" }, forwarded: "append", stripPrefix: "", addPrefix: "" },
    });
    const socket = await secureClient(started.sidecar.address.port);
    expect(socket.alpnProtocol).toBe("http/1.1");
    const received = collect(socket);
    socket.write(get);
    await until(() => received.bytes().toString().endsWith("hello"));
    expect(primary.received()).toContain(`X-Forwarded-For: ${loopback}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: x\r\n`);
    expect(await settle(started)).toMatchObject({ captured: 1 });
  });

  it("passes the death of a primary mid-body on as an end that cannot be taken for complete", async () => {
    const sockets: Socket[] = [];
    const primary = await raw((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\npart"));
    });
    const started = await startGateway(primary.port, { tls: { source: "test", cert, key } });
    const socket = await secureClient(started.sidecar.address.port);
    const received = collect(socket);
    socket.write("GET / HTTP/1.0\r\n\r\n");
    await until(() => received.bytes().toString().endsWith("part"));
    sockets[0]?.resetAndDestroy();
    expect(await received.ended).toBe("reset");
  });

  it("does not fall over a client that speaks no TLS", async () => {
    const primary = await raw(() => undefined);
    const started = await startGateway(primary.port, { tls: { source: "test", cert, key } });
    const asked = await client(started, get);
    await asked.ended;
    asked.socket.destroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect((await settle(started)).seen).toBe(0);
  });

  it("starts it towards an https primary, once for several requests", async () => {
    let accepted = 0;
    const server = createSecureServer({ cert, key }, (socket) => {
      accepted++;
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write(hello));
    });
    server.listen(0, loopback);
    await once(server, "listening");
    cleanUp.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const started = await startGateway(port, {
      routes: [{ prefix: "", primary: new URL(`https://${loopback}:${port}`), isDefault: true }],
      primaryTls: { ca: cert },
    });
    const asked = await client(started, get + get);
    await until(() => asked.text().split("hello").length === 3);
    expect(accepted).toBe(1);
    expect(await settle(started)).toMatchObject({ captured: 2 });
  });

  it.each([
    [false, "cuts the client"],
    [true, "ends the answer"],
  ])("when its primary ends an answer without a length, with close_notify: %s, %s", async (isSaid) => {
    const primary = await raw((socket) => {
      const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
      secure.on("error", () => undefined);
      secure.once("data", () => {
        secure.write("HTTP/1.1 200 OK\r\n\r\npart");
        secure.write("", () => (isSaid ? secure : socket).end());
      });
    });
    const started = await startGateway(primary.port, {
      routes: [{ prefix: "", primary: new URL(`https://${loopback}:${primary.port}`), isDefault: true }],
      primaryTls: { ca: cert },
    });
    const asked = await client(started, get);
    const whole = async (): Promise<string> => {
      await until(() => asked.text().endsWith("\r\n0\r\n\r\n"));
      return "whole";
    };
    const end = await (isSaid ? whole() : asked.ended);
    expect([end, asked.text().split("\r\n\r\n4\r\n")[1]]).toEqual(isSaid ? ["whole", "part\r\n0\r\n\r\n"] : ["reset", "part\r\n"]);
    await settle(started);
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome.kind).toBe(isSaid ? "answered" : "truncated");
  });

  it("waits no longer than its client for a primary that accepts and says nothing", async () => {
    const primary = await raw((socket) => socket.resume());
    const started = await startGateway(primary.port, {
      routes: [{ prefix: "", primary: new URL(`https://${loopback}:${primary.port}`), isDefault: true }],
    });
    const clients = await Promise.all(Array.from({ length: 8 }, () => client(started, get)));
    await until(() => primary.sockets.size === 8);
    for (const { socket } of clients) socket.resetAndDestroy();
    await until(() => primary.sockets.size === 0);
    expect(await settle(started)).toMatchObject({ seen: 8, captured: 8 });
  });

  it("keeps the certificate that it has when another cannot be used", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port, { tls: { source: "test", cert, key } });
    expect(() => started.entrance().renewCertificate({ source: "test", cert: "", key })).toThrow(
      "test cannot be used as certificate and key",
    );
    started.entrance().renewCertificate({ source: "test", cert, key });
    const socket = await secureClient(started.sidecar.address.port);
    const received = collect(socket);
    socket.write(get);
    await until(() => received.bytes().toString().endsWith("hello"));
    expect(received.bytes().toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("does not speak to an https primary that it cannot trust", async () => {
    const server = createSecureServer({ cert, key }, () => undefined);
    server.on("tlsClientError", () => undefined);
    server.listen(0, loopback);
    await once(server, "listening");
    cleanUp.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const routes = [{ prefix: "", primary: new URL(`https://${loopback}:${port}`), isDefault: true }];
    const started = await startGateway(port, { routes });
    expect(await (await client(started, get)).ended).toBe("reset");
    expect(started.sidecar.notReady()).toBe("primary refuses connections");
  });
});

describe("a gateway's drain", () => {
  it("cuts no exchange of 100 busy keep-alive clients, and the primary sees none that is not answered", async () => {
    const reached = new Set<string>();
    const primary = createHttpServer((request, response) => {
      reached.add(request.url ?? "");
      setTimeout(() => response.end(`answer to ${request.url}`), 3);
    });
    primary.listen(0, loopback);
    await once(primary, "listening");
    cleanUp.push(() => primary.close());
    const started = await startGateway((primary.address() as AddressInfo).port);
    const answered = new Set<string>();
    const failures: string[] = [];
    let inService = 0;
    const lone = async (name: number): Promise<void> => {
      const socket = await connectTo(started.sidecar.address.port);
      cleanUp.push(() => socket.destroy());
      const received = collect(socket);
      let isOver = false;
      socket.once("close", () => {
        isOver = true;
      });
      socket.once("end", () => {
        isOver = true;
      });
      for (let round = 0; ; round++) {
        const target = `/${name}/${round}`;
        const before = received.length();
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await until(() => isOver || (received.length() > before && received.bytes().toString().endsWith(`answer to ${target}`)));
        if (!received.bytes().toString().endsWith(`answer to ${target}`)) {
          if (received.length() !== before) failures.push(target);
          socket.destroy();
          return;
        }
        answered.add(target);
        if (round === 0) inService++;
      }
    };
    const clients = Array.from({ length: 100 }, (_, name) => lone(name));
    await until(() => inService === 100);
    const result = await started.sidecar.drain();
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect([...reached].filter((target) => !answered.has(target))).toEqual([]);
    expect(result).toEqual({ cut: 0, observer: "exited" });
    // On a busy machine the observer may come late: what it was not there for is counted.
    const { captured, recorded, dropped } = await settle(started);
    const { budget, observer_absent: absent, observer_lost: lost, pending_limit: pending } = dropped;
    expect(captured + budget + absent + lost + pending).toBe(answered.size);
    expect(recorded).toBe(captured);
    expect(captured).toBeGreaterThan(0);
  });

  it("ends idle connections at once, and refuses new ones", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    const idle = await client(started, get);
    await until(() => idle.text().endsWith("hello"));
    const unused = await client(started, "");
    await until(() => started.sidecar.counters().connections.open === 2);
    const draining = started.sidecar.drain();
    expect([await idle.ended, await unused.ended]).toEqual(["fin", "fin"]);
    idle.socket.end();
    unused.socket.end();
    expect(await draining).toEqual({ cut: 0, observer: "exited" });
    await expect(connectTo(started.sidecar.address.port)).rejects.toThrow("ECONNREFUSED");
    await until(() => primary.sockets.size === 0);
  });

  it("answers what a client had sent before it could know", async () => {
    const primary = await answering(hello);
    const started = await startGateway(primary.port);
    const late = await client(started, get);
    await until(() => late.text().endsWith("hello"));
    late.socket.write(get);
    const draining = started.sidecar.drain();
    await late.ended;
    late.socket.end();
    expect(late.text().split("hello")).toHaveLength(3);
    expect(await draining).toMatchObject({ cut: 0 });
  });

  it("lets an answer in flight finish, says that it is the last, and cuts only at its bound", async () => {
    const waiting: Socket[] = [];
    const primary = await raw((socket) => socket.once("data", () => waiting.push(socket)));
    const started = await startGateway(primary.port);
    const patient = await client(started, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => waiting.length === 1);
    const unlucky = await client(started, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => waiting.length === 2);
    const draining = started.sidecar.drain({ bound: milliseconds(300) });
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    waiting[0]?.write(hello);
    await until(() => patient.text().endsWith("hello"));
    expect(patient.text()).toContain("Connection: close\r\n");
    patient.socket.end();
    expect(await draining).toMatchObject({ cut: 1 });
    expect(await unlucky.ended).toBe("reset");
    await settle(started);
  });

  it("cuts a tunnel at its bound", async () => {
    const primary = await raw((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")),
    );
    const started = await startGateway(primary.port);
    const tunnel = await client(started, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await until(() => tunnel.text().includes("101"));
    expect(await started.sidecar.drain({ bound: milliseconds(100) })).toMatchObject({ cut: 1 });
    expect(await tunnel.ended).toBe("reset");
    await until(() => primary.sockets.size === 0);
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
  });
});
