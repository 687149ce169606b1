/** Ends before the end, over TCP and TLS on either side: who goes away in the middle takes the other side's work along at once,
 * and a message that was cut never looks complete.
 *
 *    client ✗──► sidecar ──► primary      8 aborts, 0 requests still at work
 *    client ◄── sidecar ◄──✗ primary      the same bytes, no end that a client could take for the message's */

import { once } from "node:events";
import { createServer as createHttpServer, get as httpGet, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, get as httpsGet } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { connect as connectSecurely, createServer as createSecureServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { milliseconds } from "../../../model/units.ts";
import { conservationFaults } from "../../../proxy/live/ledger.ts";
import { collect, connectTo, loopback, startTestSidecar, type TestSidecar, until } from "./support.ts";
import { certificate, privateKey } from "./tls/loopback.ts";

/** Who speaks TLS with the sidecar. */
const ways = ["nobody", "clients", "the primary", "clients and the primary"] as const;
type Way = (typeof ways)[number];
const clientsSpeakTls = (way: Way): boolean => way.startsWith("clients");
const primarySpeaksTls = (way: Way): boolean => way.endsWith("the primary");
const identity = { cert: certificate, key: privateKey, source: "the certificate of tests" };

/** A sidecar before one primary, for all the cases of one way. */
class Setting {
  readonly way: Way;
  readonly #server: Server;
  #started: TestSidecar | null = null;

  constructor(way: Way, server: Server) {
    this.way = way;
    this.#server = server;
  }

  async start(): Promise<void> {
    this.#server.listen(0, loopback);
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    this.#started = await startTestSidecar(port, {
      primary: new URL(`${primarySpeaksTls(this.way) ? "https" : "http"}://${loopback}:${port}`),
      primaryTls: { ca: certificate, servername: "localhost" },
      ...(clientsSpeakTls(this.way) ? { tls: identity } : {}),
    });
  }

  async stop(): Promise<void> {
    await this.#started?.sidecar.drain({ bound: milliseconds(200) });
    this.#server.close();
  }

  get port(): number {
    return this.#started?.sidecar.address.port ?? 0;
  }

  /** `raw` is the TCP connection under `socket`. */
  async client(): Promise<{ readonly socket: Socket; readonly raw: Socket }> {
    const raw = await connectTo(this.port);
    if (!clientsSpeakTls(this.way)) return { socket: raw, raw };
    const socket = connectSecurely({ socket: raw, ca: certificate, servername: "localhost" });
    await once(socket, "secureConnect");
    socket.on("error", () => undefined); // the tests look at how a connection ended, not at this event
    return { socket, raw };
  }

  /** Waits until no connection is open.
   * @returns what the ledger does not account for; empty when all is well */
  async lawBroken(): Promise<string[]> {
    await until(() => this.#started?.sidecar.counters().connections.open === 0);
    const snapshot = this.#started?.sidecar.ledger.snapshot();
    if (snapshot === undefined) return ["there is no ledger"];
    return [...conservationFaults(snapshot), ...(snapshot.open === 0 ? [] : [`${snapshot.open} open`])];
  }
}

/** How far an exchange has come when the client goes: what it has sent, and what the primary does then. */
const moments = {
  "in the middle of their request": {
    sent: "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc",
    work: (request: IncomingMessage) => request.resume(),
  },
  "while they wait for the answer": { sent: "GET /think HTTP/1.1\r\nHost: x\r\n\r\n", work: () => undefined },
  "in the middle of the answer": {
    sent: "GET /pour HTTP/1.1\r\nHost: x\r\n\r\n",
    work: (_request: IncomingMessage, response: ServerResponse) => pour(response),
  },
} as const;

const piece = Buffer.alloc(64 * 1024, "x");

/** Writes as fast as it is read, for ever. */
function pour(response: ServerResponse): void {
  const on = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", on);
  on();
}

describe.each(ways)("with TLS spoken by %s, clients that go away", (way) => {
  const clients = 8;
  const atWork = new Set<ServerResponse>();
  let begun = 0;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    begun++;
    atWork.add(response);
    request.on("error", () => undefined);
    response.once("close", () => atWork.delete(response));
    for (const { sent, work } of Object.values(moments)) if (sent.includes(` ${request.url} `)) work(request, response);
  };
  const setting = new Setting(way, primarySpeaksTls(way) ? createHttpsServer(identity, serve) : createHttpServer(serve));
  beforeAll(() => setting.start());
  afterAll(() => setting.stop());

  const cases = Object.entries(moments).flatMap(([moment, { sent }]) =>
    (["close", "reset"] as const).map((how) => ({ moment, sent, how })),
  );
  it.each(cases)("$moment stop the primary's work ($how)", async ({ sent, how }) => {
    const before = begun;
    const connections = await Promise.all(Array.from({ length: clients }, () => setting.client()));
    for (const { socket } of connections) socket.write(sent);
    await until(() => begun === before + clients);
    for (const { socket, raw } of connections) {
      if (how === "close") socket.destroy();
      else raw.resetAndDestroy();
    }
    await until(() => atWork.size === 0);
    expect(await setting.lawBroken()).toEqual([]);
  });
});

/** Answers that end in the middle of their body. */
const cutAnswers = {
  "with a length": `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${"x".repeat(70_000)}`,
  "in the middle of a chunk": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n10000\r\n${"x".repeat(40_000)}`,
  "between two chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n",
} as const;

describe.each(ways)("with TLS spoken by %s, a primary that dies in the middle of a body", (way) => {
  let answer = "";
  const dying: Record<"fin" | "reset", () => void>[] = [];
  const raws = new Map<number | undefined, Socket>();
  const serve = (socket: Socket): void => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(answer));
    // Only what TLS is spoken over can be reset.
    const raw = raws.get(socket.remotePort) ?? socket;
    dying.push({ fin: () => socket.end(), reset: () => raw.resetAndDestroy() });
  };
  const server = primarySpeaksTls(way) ? createSecureServer(identity, serve) : createServer(serve);
  server.on("connection", (raw: Socket) =>
    raws
      .set(raw.remotePort, raw)
      .get(raw.remotePort)
      ?.on("error", () => undefined),
  );
  const setting = new Setting(way, server);
  beforeAll(() => setting.start());
  afterAll(() => setting.stop());

  const cases = Object.entries(cutAnswers).flatMap(([where, cut]) => (["fin", "reset"] as const).map((death) => ({ where, cut, death })));
  it.each(cases)("$where cuts the client at that byte, without an end of the message ($death)", async ({ cut, death }) => {
    answer = cut;

    // 1. Byte for byte.
    const { socket } = await setting.client();
    const received = collect(socket);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => received.length() === cut.length);
    dying.shift()?.[death]();
    expect(await received.ended).toBe(death);
    expect(received.bytes().toString()).toBe(cut);
    socket.destroy();

    // 2. As an HTTP client understands it.
    const understood = await askedByHttpClient(setting);
    const bodyBytes = cut.match(/x/g)?.length ?? 0;
    let bytes = 0;
    understood.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes === bodyBytes) dying.shift()?.[death]();
    });
    const [error] = (await once(understood, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    expect(understood.complete).toBe(false);
    expect(await setting.lawBroken()).toEqual([]);
  });
});

function askedByHttpClient({ way, port }: Setting): Promise<IncomingMessage> {
  const options = { host: loopback, port, ca: certificate, servername: "localhost", agent: false as const };
  return new Promise((resolve, reject) => {
    const request = clientsSpeakTls(way) ? httpsGet(options, resolve) : httpGet(options, resolve);
    request.on("error", reject);
  });
}
