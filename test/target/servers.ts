/** Real servers on loopback for the tests of target/. */

import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { systemClock } from "../../model/clock.ts";
import { type HeaderList, type HttpRequest, noBody, type Outcome } from "../../model/exchange.ts";
import { Target, type TargetOptions } from "../../target/target.ts";

/** Answers each connection itself; returns its address. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return await listening(server);
}

export async function httpServer(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return await listening(server);
}

/** An address where nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = createServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** Answers every request on a connection with the same bytes, whatever was asked; keeps what it was sent. */
export async function scriptedServer(
  answer: string,
  afterwards: "keep" | "end" | "reset" = "keep",
): Promise<{ url: string; received: () => string }> {
  let received = "";
  const url = await rawServer((socket) => {
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (!received.includes("\r\n\r\n")) return;
      socket.write(answer, "latin1", () => {
        if (afterwards === "end") socket.end();
        if (afterwards === "reset") socket.resetAndDestroy();
      });
    });
  });
  return { url, received: () => received };
}

export function target(url: string, options: Partial<TargetOptions> = {}): Target {
  const made = new Target({ name: "candidate", url, timeoutMs: 5000, clock: systemClock, ...options });
  onTestFinished(() => made.close());
  return made;
}

export function request(method: string, path: string, headers: HeaderList = [["Host", "shop.test"]], body = ""): HttpRequest {
  return {
    method,
    target: path,
    version: "1.1",
    headers,
    body: body === "" ? noBody : { kind: "whole", bytes: Buffer.from(body, "latin1") },
  };
}

export function jsonRequest(method: string, path: string, value: unknown, headers: HeaderList = []): HttpRequest {
  return request(method, path, [["Host", "shop.test"], ["Content-Type", "application/json"], ...headers], JSON.stringify(value));
}

export function bodyText(outcome: Outcome): string {
  if (outcome.kind !== "answered") return `(${outcome.kind})`;
  return outcome.answer.body.kind === "whole" ? Buffer.from(outcome.answer.body.bytes).toString("latin1") : `(${outcome.answer.body.kind})`;
}

export function statusOf(outcome: Outcome): number | string {
  return outcome.kind === "answered" ? outcome.answer.status : outcome.kind;
}

export async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
