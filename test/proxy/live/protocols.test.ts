/** Real clients and servers of other protocols, and of HTTP/1.1's rarer turns, joined by a sidecar. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect as connectSecurely, createServer as createSecureServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { loopback, startTestSidecar, type TestSidecar, until } from "./support.ts";
import { createEchoServer } from "./websocket-echo.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

async function sidecarBefore(server: Server): Promise<TestSidecar> {
  server.listen(0, loopback);
  await once(server, "listening");
  const started = await startTestSidecar((server.address() as AddressInfo).port);
  cleanUp.push(
    () => started.sidecar.drain({ bound: milliseconds(200) }),
    () => server.close(),
  );
  return started;
}

/** Ends the sidecar and gives what its counters and copies say. */
async function settled(started: TestSidecar): Promise<{
  readonly unobserved: Readonly<Record<string, number>>;
  readonly statuses: readonly (number | string)[];
}> {
  const { sidecar } = started;
  await sidecar.drain({ bound: milliseconds(500) });
  const { ledger, connections } = sidecar.counters();
  expect(conservationFaults(ledger)).toEqual([]);
  expect(ledger).toMatchObject({ open: 0, recorded: ledger.captured });
  await until(() => started.exchanges().length === ledger.captured);
  const outcomes = started.exchanges().map(({ exchange }) => exchange.outcome);
  const statuses = outcomes.map((outcome) => (outcome.kind === "answered" ? outcome.answer.status : outcome.kind));
  return { unobserved: Object.fromEntries(Object.entries(connections.unobserved).filter(([, count]) => count > 0)), statuses };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of message.setEncoding("utf8")) text += part;
  return text;
}

const big = 300_000;

describe("through a sidecar", () => {
  it("a WebSocket echoes text and binary messages, answers a ping and closes in order", async () => {
    const echo = createEchoServer("are you there?");
    const started = await sidecarBefore(echo.server);
    const socket = new WebSocket(`ws://${loopback}:${started.sidecar.address.port}/echo`);
    socket.binaryType = "arraybuffer";
    await once(socket, "open");
    const messages: (string | ArrayBuffer)[] = [
      "hello",
      "GET / HTTP/1.1\r\n\r\n",
      "",
      Uint8Array.from([0, 13, 10, 255]).buffer,
      new ArrayBuffer(big),
    ];
    for (const message of messages) {
      socket.send(message);
      const [event] = (await once(socket, "message")) as [MessageEvent];
      expect(event.data).toEqual(message);
    }
    await until(() => echo.pongs.length === 1);
    expect(echo.pongs).toEqual(["are you there?"]);
    socket.close(4000, "enough");
    const [closed] = (await once(socket, "close")) as [CloseEvent];
    expect([closed.code, closed.reason, closed.wasClean]).toEqual([4000, "enough", true]);
    expect(echo.closeCodes).toEqual([4000]);
    expect(await settled(started)).toEqual({ unobserved: { tunnel: 1 }, statuses: [101] });
  });

  it("CONNECT opens a tunnel in which even TLS passes", async () => {
    const cert = readFileSync(new URL("./tls/loopback-cert.pem", import.meta.url), "utf8");
    const key = readFileSync(new URL("./tls/loopback-key.pem", import.meta.url), "utf8");
    const inner = createSecureServer({ cert, key }, (socket) => socket.pipe(socket));
    const server = createHttpServer();
    server.on("connect", (_request, socket, first: Buffer) => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.unshift(first);
      inner.emit("connection", socket);
    });
    const started = await sidecarBefore(server);
    const asked = httpRequest({ host: loopback, port: started.sidecar.address.port, method: "CONNECT", path: "inner.example:443" });
    asked.end();
    const [answer, socket] = (await once(asked, "connect")) as [IncomingMessage, Socket];
    expect(answer.statusCode).toBe(200);
    const secure = connectSecurely({ socket, ca: cert, servername: "localhost" });
    await once(secure, "secureConnect");
    secure.write("POST / HTTP/1.1\r\n\r\n");
    const [echoed] = (await once(secure, "data")) as [Buffer];
    expect(echoed.toString()).toBe("POST / HTTP/1.1\r\n\r\n");
    secure.end();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(await settled(started)).toEqual({ unobserved: { tunnel: 1 }, statuses: [200] });
  });

  it("a session of HTTP/2 with prior knowledge passes, uncopied", async () => {
    const server = createHttp2Server();
    server.on("stream", (stream, headers) => {
      stream.respond({ ":status": 200, "x-path": headers[":path"] });
      stream.pipe(stream);
    });
    const started = await sidecarBefore(server);
    const session = connectHttp2(`http://${loopback}:${started.sidecar.address.port}`);
    const ask = async (path: string): Promise<[unknown, string]> => {
      const stream = session.request({ ":method": "POST", ":path": path });
      stream.setEncoding("utf8").end(path.repeat(big / path.length));
      const [headers] = (await once(stream, "response")) as [Record<string, string>];
      let text = "";
      for await (const part of stream) text += part as string;
      return [headers["x-path"], text];
    };
    const paths = ["/a", "/bc", "/def0"];
    expect(await Promise.all(paths.map(ask))).toEqual(paths.map((path) => [path, path.repeat(big / path.length)]));
    session.close();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(started.sidecar.ledger.snapshot().seen).toBe(0);
    expect(await settled(started)).toEqual({ unobserved: { http2: 1 }, statuses: [] });
  });

  it("a client that expects 100 gets it before it sends its body, and the answer after", async () => {
    const order: string[] = [];
    const server = createHttpServer();
    server.on("checkContinue", (request: IncomingMessage, response) => {
      order.push("asked");
      response.writeContinue();
      void bodyOf(request).then((body) => response.end(`${body.length} bytes`));
    });
    const started = await sidecarBefore(server);
    const sent = httpRequest({
      host: loopback,
      port: started.sidecar.address.port,
      method: "POST",
      headers: { expect: "100-continue", "content-length": big },
    });
    sent.flushHeaders();
    await once(sent, "continue");
    order.push("told to go on");
    sent.end("x".repeat(big));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(await bodyOf(response)).toBe(`${big} bytes`);
    expect(order).toEqual(["asked", "told to go on"]);
    expect(await settled(started)).toEqual({ unobserved: {}, statuses: [200] });
  });

  it("a client that expects 100 may be refused instead, and the request that it never ends is no copy", async () => {
    const server = createHttpServer((request, response) => response.end(`hello ${request.url}`));
    server.on("checkContinue", (_request, response) => {
      response.writeHead(417, { "content-length": 0 });
      response.end();
    });
    const started = await sidecarBefore(server);
    const sent = httpRequest({
      host: loopback,
      port: started.sidecar.address.port,
      method: "POST",
      headers: { expect: "100-continue", "content-length": big },
    });
    sent.on("error", () => undefined); // the body that was announced is never sent
    sent.flushHeaders();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(417);
    sent.destroy();
    await until(() => started.sidecar.counters().connections.open === 0);
    expect(await settled(started)).toEqual({ unobserved: {}, statuses: [] });
    // Whichever side gives the connection up first.
    const { client_abort, primary_abort } = started.sidecar.ledger.snapshot().dropped;
    expect(client_abort + primary_abort).toBe(1);
  });

  it("an answer that comes before its request has ended reaches the client, who may go on or stop", async () => {
    const server = createHttpServer((request, response) => {
      response.writeHead(413, { "content-length": 9 });
      response.end("too large");
      request.resume();
    });
    const started = await sidecarBefore(server);
    const sent = httpRequest({ host: loopback, port: started.sidecar.address.port, method: "POST", headers: { "content-length": big } });
    sent.write("x".repeat(big / 2));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect([response.statusCode, await bodyOf(response)]).toEqual([413, "too large"]);
    expect(started.sidecar.ledger.snapshot()).toMatchObject({ captured: 0, open: 1 });
    sent.end("x".repeat(big / 2));
    await until(() => started.sidecar.ledger.snapshot().captured === 1);
    expect(await settled(started)).toEqual({ unobserved: {}, statuses: [413] });
  });
});
