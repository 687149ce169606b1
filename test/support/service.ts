/** A small real HTTP service for end-to-end tests, in builds that can be told apart. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Service {
  readonly url: string;
  readonly seen: readonly string[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export function startService(handler: Handler): Promise<Service> {
  const seen: string[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => handler(request, response, body));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${port}`,
        seen,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** GET /items/N answers the item, with the price as a string in the changed build. */
export function itemsHandler(build: "old" | "new"): Handler {
  return (request, response) => {
    const id = Number(/^\/items\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN);
    if (Number.isNaN(id)) return answerJson(response, 404, { error: "not found" });
    answerJson(response, 200, { id, name: `item ${id}`, price: build === "old" ? id * 2 : String(id * 2) });
  };
}
