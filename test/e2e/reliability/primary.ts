/** The production build of the trials. It answers only what it would have been sent without a sidecar: a request that was
 * changed on the way gets an answer that no client expects. */

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { readRequests } from "./request-reader.ts";
import { answerBytes, requestBytes } from "./traffic.ts";

export interface Primary {
  readonly url: string;
  close(): void;
}

const loopback = "127.0.0.1";
const changed = Buffer.from("HTTP/1.1 400 The Request Was Changed\r\nContent-Length: 0\r\n\r\n");

export async function startPrimary(): Promise<Primary> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    readRequests(socket, (request) => {
      if (request === null) return socket.write(changed);
      const session = /sid=(\S+)/.exec(request.bytes.toString("latin1", 0, 200))?.[1] ?? "";
      const isUnchanged = request.bytes.equals(requestBytes(request.number, request.form, session));
      return socket.write(isUnchanged ? answerBytes(request.number, request.form) : changed);
    });
  });
  server.listen(0, loopback);
  await once(server, "listening");
  return { url: `http://${loopback}:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
