/** A reset closes the socket whatever it is doing. */

import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { resetSocket } from "../../../proxy/live/sockets.ts";
import { connectTo, startRawPrimary } from "./support.ts";

it.each<[string, (socket: Socket) => void]>([
  ["at rest", () => undefined],
  ["that is sending its FIN", (socket) => socket.end()],
])("closes a socket %s", async (_, before) => {
  const { server, port, sockets } = await startRawPrimary((socket) => socket.resume());
  const socket = await connectTo(port);
  const closed = once(socket, "close");
  before(socket);
  resetSocket(socket);
  await closed;
  expect(socket.destroyed).toBe(true);
  for (const each of sockets) each.destroy();
  server.close();
});
