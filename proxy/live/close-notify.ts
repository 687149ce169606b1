/** Whether a TLS peer has said that it was done (close_notify), or its connection just ended: anybody on the way, and any
 * process that is killed, can cause the latter, so that what lasts until the end of the connection is then not whole
 * (RFC 9112 §9.8). Node reports the same `end` for both.
 *
 *    raw ══► transport ══► TLS socket     a close_notify ends the TLS socket before its transport has ended,
 *                                         a bare FIN ends it because its transport has ended */

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

const cutShort = new WeakSet<TLSSocket>();

/** Asked when the socket has ended. False for TCP, where a FIN is all that can be said. */
export function endedWithoutCloseNotify(socket: Socket): boolean {
  return socket instanceof TLSSocket && cutShort.has(socket);
}

/** Does TLS over a connection such that the way it ends can be told.
 * @param secured does it over the stream that it is handed */
export function watchingItsEnd(raw: Socket, secured: (transport: Duplex) => TLSSocket): TLSSocket {
  const transport = new Transport(raw);
  const secure = secured(transport);
  const push = secure.push.bind(secure);
  // Its `end` would be too late to ask: a socket that is not being read ends later than its transport.
  secure.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && transport.readableEnded) cutShort.add(secure);
    return push(chunk, encoding);
  };
  return secure;
}

/** A socket's bytes as a stream of their own: over a socket itself, Node's TLS reads unseen. */
class Transport extends Duplex {
  readonly #raw: Socket;

  constructor(raw: Socket) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    raw.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) raw.pause();
    });
    raw.once("end", () => this.push(null));
    raw.once("close", () => this.destroy()); // an error of it is told by whoever made it
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, written: (error?: Error | null) => void): void {
    this.#raw.write(chunk, written);
  }

  override _final(ended: () => void): void {
    this.#raw.end(ended);
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#raw.destroy();
    destroyed(error);
  }
}
