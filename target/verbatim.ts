/** The way out for requests that an HTTP client would refuse or tidy up: `OPTIONS *`, a space in the target, two Host
 * headers. The bytes are written here, on a connection of their own; node:http only reads the answer.
 *
 *    head + body ─────────────► socket ─────► target
 *    node:http ◄── inbound ◄────  │           (what node:http writes goes nowhere) */

import { request as httpRequest } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { HeaderList } from "../model/exchange.ts";
import { addressOf, serverNameOf } from "./address.ts";
import type { Attempt } from "./attempt.ts";
import type { Outgoing } from "./outgoing.ts";

type Sendable = Extract<Outgoing, { kind: "sendable" }>;

export function sendVerbatim(url: URL, request: Sendable, attempt: Attempt): void {
  const socket = connectTo(url);
  socket.setNoDelay(true);
  const inbound = readOnly(socket);
  const reader = httpRequest({ method: request.method, createConnection: () => inbound });
  const failed = (error: Error): void => {
    attempt.failed(error, false);
    socket.destroy();
  };

  attempt.onCancel((reason) => socket.destroy(reason));
  socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
    attempt.writing();
    socket.write(head(url, request), "latin1");
    if (request.body !== null) socket.write(request.body);
  });
  socket.once("data", () => attempt.firstByte());
  socket.once("error", failed);
  reader.once("error", failed);
  // Nobody asked for an upgrade: what follows the 101 is not an answer.
  reader.once("upgrade", () => failed(new Error("bad upgrade")));
  reader.once("response", (answer) => {
    attempt.head(answer.statusCode ?? 0, answer.statusMessage ?? "", pairs(answer.rawHeaders));
    answer.on("data", (chunk: Uint8Array) => attempt.data(chunk));
    answer.once("error", failed);
    answer.once("end", () => {
      attempt.ended(pairs(answer.rawTrailers));
      socket.destroy();
    });
  });
  reader.end();
}

function connectTo(url: URL): Socket {
  const address = addressOf(url);
  if (url.protocol !== "https:") return connectTcp(address);
  return connectTls({ ...address, servername: serverNameOf(address.host), ALPNProtocols: ["http/1.1"] });
}

function head(url: URL, { method, target, headers, body }: Sendable): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (!headers.some(([name]) => name.toLowerCase() === "host")) lines.unshift(`Host: ${url.host}`);
  lines.push("Connection: close");
  if (body !== null || expectsContent(method)) lines.push(`Content-Length: ${body?.byteLength ?? 0}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** RFC 9110 §8.6: these say so when they have no content. */
function expectsContent(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

function readOnly(socket: Socket): Duplex {
  const inbound = new Duplex({
    read: () => void socket.resume(),
    write: (_chunk, _encoding, done) => done(),
  });
  socket.on("data", (chunk) => {
    if (!inbound.push(chunk)) socket.pause();
  });
  socket.once("end", () => inbound.push(null));
  socket.once("close", () => inbound.destroy());
  return inbound;
}

/** node:http hands over name, value, name, value, … */
function pairs(raw: readonly string[]): HeaderList {
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return fields;
}
