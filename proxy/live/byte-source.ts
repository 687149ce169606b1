/** Sockets as sources of bytes. Node's own way (`data` events) allocates 64 KiB for every read and gives most of it back,
 * which costs more than all that the sidecar does with a usual request. Here every socket of the process reads into one
 * buffer, and the bytes are copied out of it at once, to memory of their size that the reader may keep.
 *
 *    socket ──read──► shared buffer ──copy──► listener        (TLS sockets: `data` events)
 *                                       └───► early bytes, until somebody listens */

import { connect, Socket, type TcpNetConnectOpts } from "node:net";
import { type Bytes, bytes } from "../../model/units.ts";

/** What libuv asks for at each read: more would be read by halves, less costs more reads of big bodies. */
const readBytes: Bytes = bytes(64 * 1024);
const shared: Buffer = Buffer.allocUnsafeSlow(readBytes);
/** What a client may send before its primary connection stands. Reading goes on until then, so that its leaving is noticed. */
const mostEarlyBytes: Bytes = bytes(64 * 1024);

/** Who gets what a source has. */
export interface ByteListener {
  /** The chunk may be kept. */
  bytes(chunk: Buffer): void;
  /** The other end has said that it is done (FIN). */
  ended(): void;
}

export class ByteSource {
  readonly #socket: Socket;
  #listener: ByteListener | null = null;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #hasEnded = false;

  private constructor(socketOf: (deliver: (chunk: Buffer) => void) => Socket) {
    this.#socket = socketOf((chunk) => this.#take(chunk));
    this.#socket.once("end", () => {
      this.#hasEnded = true;
      this.#listener?.ended();
    });
  }

  /** Connects. */
  static connecting(options: TcpNetConnectOpts): ByteSource {
    return new ByteSource((deliver) => connect({ ...options, onread: intoShared(deliver) }));
  }

  /** Takes over an accepted connection that has not been read from (`pauseOnConnect`). The socket that was accepted is
   * an empty shell afterwards. */
  static accepted(socket: Socket): ByteSource {
    const handle = handleOf(socket);
    if (handle === null) return ByteSource.of(socket);
    return new ByteSource((deliver) => {
      (socket as HandleHolder)[handleName] = null;
      return new Socket({ handle, allowHalfOpen: true, onread: intoShared(deliver) } as ConstructorParameters<typeof Socket>[0]);
    });
  }

  /** Any socket, by its `data` events. */
  static of(socket: Socket): ByteSource {
    return new ByteSource((deliver) => socket.on("data", deliver).resume());
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Who gets everything from now on, beginning with what is here already. */
  deliver(listener: ByteListener): void {
    const early = this.#early;
    this.#early = [];
    this.#listener = listener;
    for (const chunk of early) listener.bytes(chunk);
    if (this.#hasEnded) listener.ended();
    if (this.#earlyBytes >= mostEarlyBytes) this.#socket.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#listener !== null) {
      this.#listener.bytes(chunk);
      return;
    }
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= mostEarlyBytes) this.#socket.pause();
  }
}

/** What Node wraps in a socket. The name is not documented; where it does not hold what we know, the documented way is taken. */
const handleName = "_handle";
type HandleHolder = { [handleName]?: object | null };

function handleOf(socket: Socket): object | null {
  const handle = (socket as HandleHolder)[handleName];
  return typeof handle === "object" && handle !== null && "useUserBuffer" in handle ? handle : null;
}

function intoShared(deliver: (chunk: Buffer) => void): NonNullable<TcpNetConnectOpts["onread"]> {
  return {
    buffer: shared,
    callback: (size) => {
      const chunk = Buffer.allocUnsafe(size);
      shared.copy(chunk, 0, 0, size);
      deliver(chunk);
      return true;
    },
  };
}
