/** The live path with real sockets and a real observer process. */

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { digest } from "./bodies.ts";
import { collect, connectTo, loopback, startRawPrimary, startTestSidecar, type TestSidecar, until } from "./support.ts";

const open: { close(): unknown }[] = [];
const clients: Socket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const each of open.splice(0)) await each.close();
});

async function raw(serve: (socket: Socket) => void): Promise<{ port: number; sockets: Set<Socket> }> {
  const primary = await startRawPrimary(serve);
  open.push({
    close: () => {
      for (const socket of primary.sockets) socket.destroy();
      primary.server.close();
    },
  });
  return primary;
}

async function before(port: number, options: Parameters<typeof startTestSidecar>[1] = {}): Promise<TestSidecar> {
  const started = await startTestSidecar(port, options);
  open.unshift({ close: () => started.sidecar.drain({ bound: milliseconds(200), observerBound: milliseconds(3000) }) });
  return started;
}

async function connectClient(started: TestSidecar): Promise<Socket> {
  const socket = await connectTo(started.sidecar.address.port);
  clients.push(socket);
  return socket;
}

/** Ends the sidecar and checks that nothing is missing from its ledger. */
async function settle(started: TestSidecar): Promise<ReturnType<TestSidecar["sidecar"]["ledger"]["snapshot"]>> {
  await started.sidecar.drain({ bound: milliseconds(500) });
  const snapshot = started.sidecar.ledger.snapshot();
  expect(conservationFaults(snapshot)).toEqual([]);
  expect([snapshot.open, snapshot.pendingMirror, snapshot.pendingRecord]).toEqual([0, 0, 0]);
  return snapshot;
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

describe("a sidecar", () => {
  it("passes a request and its answer on, and hands the exchange over", async () => {
    const primary = await raw((socket) => socket.once("data", () => socket.write(hello)));
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const received = collect(socket);
    socket.write("POST /a?b=1 HTTP/1.1\r\nHoSt: x\r\nX-A: 1\r\nx-a:  2 \r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n");
    await until(() => received.length() === hello.length);
    const snapshot = await settle(started);
    expect(snapshot).toMatchObject({ seen: 1, captured: 1, mirrored: 1, recorded: 1 });
    await until(() => started.exchanges().length === 1);
    const [line] = started.exchanges();
    expect(line?.exchange.request).toMatchObject({
      method: "POST",
      target: "/a?b=1",
      version: "1.1",
      headers: [
        ["HoSt", "x"],
        ["X-A", "1"],
        ["x-a", "2"],
        ["Transfer-Encoding", "chunked"],
      ],
    });
    expect(line?.requestBody).toEqual(digest(Buffer.from("abc")));
    expect(line?.answerBody).toEqual(digest(Buffer.from("hello")));
    expect(line?.exchange.outcome).toMatchObject({ kind: "answered", answer: { status: 200, reason: "OK" } });
    expect(line?.exchange.id).toBe(`${started.sidecar.ledger.epoch}-1`);
    expect(line?.exchange.lane).toMatch(/^c-[0-9a-f]{16}$/);
  });

  it("passes a half-close on in both directions", async () => {
    const primary = await raw((socket) => {
      const received = collect(socket);
      void received.ended.then(() => socket.end(`HTTP/1.0 200 OK\r\n\r\n${received.length()}`));
    });
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const received = collect(socket);
    const request = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    socket.end(request);
    expect(await received.ended).toBe("fin");
    expect(received.bytes().toString()).toBe(`HTTP/1.0 200 OK\r\n\r\n${request.length}`);
    expect(await settle(started)).toMatchObject({ captured: 1, recorded: 1 });
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome.kind).toBe("answered");
  });

  it("passes bytes and a half-close on that came before the primary was connected", async () => {
    const primary = await raw((socket) => {
      const received = collect(socket);
      void received.ended.then(() => socket.end(`HTTP/1.0 200 OK\r\n\r\n${received.length()}`));
    });
    const started = await before(primary.port);
    const request = `POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connect({ host: loopback, port: started.sidecar.address.port, allowHalfOpen: true });
        const received = collect(socket);
        socket.end(request); // leaves with the connection itself
        return [await received.ended, received.bytes().toString()];
      }),
    );
    expect(new Set(answers.flat())).toEqual(new Set(["fin", `HTTP/1.0 200 OK\r\n\r\n${request.length}`]));
  });

  it("resets the primary when the client resets, and records the exchange as aborted", async () => {
    const ends: Promise<string>[] = [];
    const primary = await raw((socket) => ends.push(collect(socket).ended));
    const started = await before(primary.port);
    const socket = await connectClient(started);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => started.sidecar.ledger.snapshot().open === 1);
    socket.resetAndDestroy();
    await until(() => ends.length === 1);
    expect(await ends[0]).toBe("reset");
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome).toMatchObject({ kind: "aborted" });
  });

  it.each(["fin", "reset"] as const)("cuts the client at the same byte when the primary dies mid-body by %s", async (way) => {
    const part = `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${"x".repeat(5000)}`;
    const primary = await raw((socket) =>
      socket.once("data", () => socket.write(part, () => setTimeout(() => (way === "fin" ? socket.end() : socket.resetAndDestroy()), 20))),
    );
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const received = collect(socket);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await received.ended).toBe(way);
    expect(received.bytes().toString()).toBe(part);
    socket.destroy();
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
    await until(() => started.exchanges().length === 1);
    expect(started.exchanges()[0]?.exchange.outcome).toMatchObject({ kind: "truncated" });
  });

  it("becomes a tunnel after 101 and passes whatever follows", async () => {
    const upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    const primary = await raw((socket) => {
      socket.once("data", () => {
        socket.write(upgrade);
        socket.on("data", (chunk) => socket.write(chunk));
      });
    });
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const received = collect(socket);
    socket.write("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    await until(() => received.length() === upgrade.length);
    const frames = Buffer.from([0x81, 0x85, 0, 0xff, 13, 10, 13, 10, 1]);
    socket.write(frames);
    await until(() => received.length() === upgrade.length + frames.length);
    expect(received.bytes()).toEqual(Buffer.concat([Buffer.from(upgrade), frames]));
    socket.end();
    expect(await settle(started)).toMatchObject({ seen: 1, captured: 1 });
    expect(started.sidecar.counters().connections.unobserved.tunnel).toBe(1);
  });

  it("passes what is no HTTP/1 untouched and counts no exchange", async () => {
    const primary = await raw((socket) => socket.pipe(socket));
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const received = collect(socket);
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00", "latin1");
    socket.write(preface);
    await until(() => received.length() === preface.length);
    expect(received.bytes()).toEqual(preface);
    expect(started.sidecar.counters().connections.unobserved.http2).toBe(1);
    socket.end();
    expect(await settle(started)).toMatchObject({ seen: 0 });
  });

  it("forwards ambiguous framing untouched and drops the copy", async () => {
    const seen: Buffer[] = [];
    const primary = await raw((socket) => socket.on("data", (chunk) => seen.push(chunk)));
    const started = await before(primary.port);
    const socket = await connectClient(started);
    const smuggled =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n";
    socket.write(smuggled);
    await until(() => Buffer.concat(seen).length === smuggled.length);
    expect(Buffer.concat(seen).toString()).toBe(smuggled);
    socket.end();
    const snapshot = await settle(started);
    expect(snapshot).toMatchObject({ seen: 1, captured: 0 });
    expect(snapshot.dropped.ambiguous_framing).toBe(1);
  });

  it("resets the client while the primary refuses, is red for it, and turns green again", async () => {
    const primary = await startRawPrimary((socket) => socket.once("data", () => socket.write(hello)));
    primary.server.close();
    await once(primary.server, "close");
    const started = await before(primary.port);
    const socket = await connectClient(started);
    expect(await collect(socket).ended).toBe("reset");
    expect(started.sidecar.notReady()).toBe("primary refuses connections");
    primary.server.listen(primary.port, "127.0.0.1");
    open.push({ close: () => primary.server.close() });
    await until(() => started.sidecar.notReady() === null);
    expect(started.events.map((event) => event.name)).toContain("primary.back");
  });

  it("answers 502 while the primary refuses, when told so", async () => {
    const primary = await startRawPrimary(() => undefined);
    primary.server.close();
    await once(primary.server, "close");
    const started = await before(primary.port, { onPrimaryDown: "502" });
    const socket = await connectClient(started);
    const received = collect(socket);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await received.ended).toBe("fin");
    expect(received.bytes().toString()).toMatch(/^HTTP\/1.1 502 /);
    socket.end();
  });

  it("keeps serving when its observer is killed, and its ledger still adds up", async () => {
    const primary = createHttpServer((request, response) => {
      request.resume();
      request.once("end", () => response.end(`answer to ${request.url}`));
    });
    primary.keepAliveTimeout = 60_000;
    primary.listen(0, "127.0.0.1");
    await once(primary, "listening");
    open.push({ close: () => primary.close() });
    const started = await before((primary.address() as AddressInfo).port);
    const concurrency = 200;
    const rounds = 10;
    let answered = 0;
    const failures: unknown[] = [];
    const lone = async (name: number): Promise<void> => {
      const socket = await connectClient(started);
      for (let round = 0; round < rounds; round++) {
        if (name === 7 && round % 4 === 1) started.children.at(-1)?.kill("SIGKILL");
        const target = `/${name}/${round}`;
        const expected = `answer to ${target}`;
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const answer = await readAnswer(socket);
        if (answer === expected) answered++;
        else failures.push([target, answer]);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, (_, name) => lone(name)));
    expect(failures).toEqual([]);
    expect(answered).toBe(concurrency * rounds);
    await until(() => started.sidecar.counters().observer.restarts > 0 && started.sidecar.counters().observer.state === "ready");
    for (const socket of clients) socket.end();
    const snapshot = await settle(started);
    expect(snapshot.seen).toBe(concurrency * rounds);
    expect(snapshot.captured).toBeGreaterThan(0);
    expect(snapshot.dropped.observer_absent + snapshot.dropped.observer_lost + snapshot.recordDropped.observer_lost).toBeGreaterThan(0);
  });
});

/** Reads one answer with Content-Length from a keep-alive socket; null when the connection ends first. */
async function readAnswer(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let text = "";
    const done = (answer: string | null): void => {
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("error", onEnd);
      resolve(answer);
    };
    const onEnd = (): void => done(null);
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (head >= 0 && length !== undefined && text.length === head + 4 + Number(length)) done(text.slice(head + 4));
    };
    socket.on("data", onData);
    socket.once("end", onEnd);
    socket.once("error", onEnd);
  });
}
