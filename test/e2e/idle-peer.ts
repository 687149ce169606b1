/** One end of many idle connections, in a process of its own, so that each process needs descriptors for one end only.
 *    idle-peer.ts primary            tells its port; answers whatever comes
 *    idle-peer.ts client PORT COUNT  opens the connections with one exchange each and tells how many; after that every
 *                                    message with a number sends another request on so many of them */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const loopback = "127.0.0.1";
const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
/** Connections that are opened at the same time: less than any listen backlog. */
const batch = 200;

const [role, port, count] = process.argv.slice(2);
const tell = (value: number): void => {
  process.send?.(value);
};

async function ask(socket: Socket): Promise<boolean> {
  socket.write(request);
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString() === answer;
}

async function openOne(): Promise<Socket> {
  const socket = connect({ host: loopback, port: Number(port), noDelay: true });
  await once(socket, "connect");
  socket.once("close", () => process.exit(1)); // none may be lost
  return socket;
}

async function askAll(sockets: readonly Socket[]): Promise<number> {
  let answered = 0;
  for (let at = 0; at < sockets.length; at += batch) {
    const right = await Promise.all(sockets.slice(at, at + batch).map(ask));
    answered += right.filter(Boolean).length;
  }
  return answered;
}

if (role === "primary") {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", () => socket.write(answer));
    socket.on("error", () => undefined);
  });
  server.listen(0, loopback, () => tell((server.address() as AddressInfo).port));
} else {
  const sockets: Socket[] = [];
  while (sockets.length < Number(count)) {
    const more = Math.min(batch, Number(count) - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: more }, openOne))));
  }
  process.on("message", (wanted: number) => {
    void askAll(sockets.slice(-wanted)).then(tell);
  });
  tell(await askAll(sockets));
}
process.on("disconnect", () => process.exit(0));
