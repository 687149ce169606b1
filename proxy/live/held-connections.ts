/** Keeps those waiting who connect before the sidecar is whole: its address is taken first, so that one in use is known before
 * anything else is made, and an observer needs a moment to start.
 *
 *    listening ──connections wait──► begin: all are served, in order
 *                                └─► refuse: all are reset; the start has failed
 *
 * Nothing bounds their number but the descriptors of the process: the wait is as short as the start. */

import type { Server, Socket } from "node:net";
import { resetSocket } from "./sockets.ts";

const event = "connection";

export class HeldConnections {
  readonly #server: Server;
  readonly #serve: readonly ((socket: Socket) => void)[];
  readonly #waiting: Socket[] = [];
  readonly #hold = (socket: Socket): void => {
    socket.on("error", ignore);
    this.#waiting.push(socket);
  };

  constructor(server: Server) {
    this.#server = server;
    this.#serve = server.listeners(event) as ((socket: Socket) => void)[];
    server.removeAllListeners(event);
    server.on(event, this.#hold);
  }

  begin(): void {
    this.#server.off(event, this.#hold);
    for (const serve of this.#serve) this.#server.on(event, serve);
    for (const socket of this.#waiting.splice(0)) {
      if (socket.destroyed) continue;
      this.#server.emit(event, socket);
      socket.off("error", ignore);
    }
  }

  refuse(): void {
    for (const socket of this.#waiting.splice(0)) resetSocket(socket);
  }
}

/** Who leaves while waiting is destroyed by Node, and looked for no more. */
function ignore(): void {}
