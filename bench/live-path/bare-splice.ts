/** The least that a proxy in Node can do: `node bare-splice.ts PORT PRIMARY_PORT` joins sockets by their `data` events. */

import { connect, createServer, type Socket } from "node:net";

const loopback = "127.0.0.1";
const [port, primaryPort = 0] = process.argv.slice(2).map(Number);

createServer({ noDelay: true }, (client) => {
  const primary = connect({ host: loopback, port: primaryPort, noDelay: true });
  join(client, primary);
  join(primary, client);
}).listen(port, loopback);

function join(from: Socket, to: Socket): void {
  from.on("data", (chunk) => to.write(chunk));
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}
