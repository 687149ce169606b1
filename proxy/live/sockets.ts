/** The few things about sockets that Node leaves to its users. */

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

const rawSockets = new WeakMap<TLSSocket, Socket>();

/** Remembers what a TLS socket was made from: only a TCP socket can be reset. */
export function rememberRaw(secure: TLSSocket, raw: Socket): void {
  rawSockets.set(secure, raw);
}

/** Closes with RST, so that the other end never takes what it has for complete. Under TLS the missing close_notify
 * says the same. */
export function resetSocket(socket: Socket): void {
  if (!(socket instanceof TLSSocket)) {
    resetTcp(socket);
    return;
  }
  const raw = rawSockets.get(socket);
  if (raw !== undefined) resetTcp(raw);
  socket.destroy();
}

/** While a FIN is being sent, a reset fails (EINVAL) and the socket never closes: it waits for that. */
function resetTcp(socket: Socket): void {
  const isSendingFin = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.destroyed) return;
  if (isSendingFin) socket.once("finish", () => resetTcp(socket));
  else socket.resetAndDestroy();
}

const nothing = Buffer.alloc(0);

/** Closes with RST, after the bytes that are already on their way. */
export function resetWhenWritten(socket: Socket): void {
  if (socket.writableLength === 0 || !socket.writable) resetSocket(socket);
  else socket.write(nothing, () => resetSocket(socket));
}

/** Has a reset of the peer noticed by a socket that is not being read: a write of nothing fails then, and puts no byte on the
 * wire otherwise. Writes that wait for the peer notice it themselves. */
export function noticeReset(socket: Socket): void {
  const raw = socket instanceof TLSSocket ? rawSockets.get(socket) : socket;
  if (raw?.writable && raw.writableLength === 0) raw.write(nothing);
}

/** Resolves when every socket has been asked for its bytes once. */
export function afterPoll(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
