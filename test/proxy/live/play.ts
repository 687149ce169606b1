/** Plays both ends of one connection through the sidecar over real sockets.
 *
 *    client script ──► client socket ══ sidecar ══ primary socket ◄── primary script
 *    each end sends its bytes in pieces, waits where its script says so, and checks every byte that comes */

import type { Socket } from "node:net";

/** The bytes of one end. */
export interface Script {
  readonly bytes: Buffer;
  /** Before the byte at `at` leaves, `received` bytes of the other end must have come. */
  readonly waits: readonly { readonly at: number; readonly received: number }[];
  /** Where else the bytes are cut into writes. */
  readonly cuts: readonly number[];
}

/** What both ends say. */
export interface Scripts {
  readonly client: Script;
  readonly primary: Script;
  /** Who ends the connection when all has been said. */
  readonly firstToClose: "client" | "primary";
}

/** Collects the bytes of one end. */
export class ScriptWriter {
  readonly #pieces: Buffer[] = [];
  readonly #waits: { at: number; received: number }[] = [];
  length = 0;

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.length += bytes.length;
  }

  waitFor(received: number): void {
    this.#waits.push({ at: this.length, received });
  }

  finish(cutAt: readonly number[]): Script {
    const bytes = Buffer.concat(this.#pieces, this.length);
    return { bytes, waits: this.#waits, cuts: cutAt.map((cut) => cut % (bytes.length + 1)) };
  }
}

/** The two ends of a connection through the sidecar, and its number there. */
export interface Pair {
  readonly client: Socket;
  readonly primary: Socket;
  readonly connection: number;
}

/** Plays the scripts to their end.
 * @throws at the first byte that is not as it was sent, and when a side ends otherwise than in order */
export async function play(pair: Pair, { client, primary, firstToClose }: Scripts): Promise<void> {
  const clientEnd = new End("client", pair.client, client, primary.bytes);
  const primaryEnd = new End("primary", pair.primary, primary, client.bytes);
  const all = Promise.all([clientEnd.play(), primaryEnd.play()]);
  await Promise.race([all, clientEnd.failed, primaryEnd.failed]);
  const [first, second] = firstToClose === "client" ? [clientEnd, primaryEnd] : [primaryEnd, clientEnd];
  first.close();
  await Promise.race([second.otherEnded, first.failed, second.failed]);
  second.close();
  await Promise.race([first.otherEnded, first.failed, second.failed]);
}

/** One end of a connection at work. */
class End {
  readonly failed: Promise<never>;
  /** The other end has closed, in order, after its last byte. */
  readonly otherEnded: Promise<void>;
  readonly #socket: Socket;
  readonly #script: Script;
  readonly #expected: Buffer;
  #received = 0;
  #awaited: { readonly bytes: number; readonly resolve: () => void } | null = null;

  constructor(name: string, socket: Socket, script: Script, expected: Buffer) {
    this.#socket = socket;
    this.#script = script;
    this.#expected = expected;
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const { promise: otherEnded, resolve: ended } = Promise.withResolvers<void>();
    this.failed = failed;
    this.failed.catch(() => undefined); // looked at in a race, which may be over
    this.otherEnded = otherEnded;
    socket.on("data", (chunk: Buffer) => {
      const to = this.#received + chunk.length;
      if (!chunk.equals(expected.subarray(this.#received, to))) {
        reject(new Error(`the ${name} got other bytes than were sent: ${firstDifference(chunk, expected, this.#received)}`));
        return;
      }
      this.#received = to;
      if (this.#awaited !== null && to >= this.#awaited.bytes) this.#awaited.resolve();
    });
    socket.on("end", () => {
      if (this.#received === expected.length) ended();
      else reject(new Error(`the ${name} got an end after ${this.#received} of ${expected.length} bytes`));
    });
    socket.on("error", (error) => reject(new Error(`the ${name}'s connection broke`, { cause: error })));
  }

  /** Resolves when all was sent and all has come. */
  async play(): Promise<void> {
    const { bytes, waits, cuts: cutAt } = this.#script;
    const places = [...new Set([0, ...waits.map(({ at }) => at), ...cutAt, bytes.length])].sort((a, b) => a - b);
    for (const [index, place] of places.entries()) {
      for (const wait of waits) if (wait.at === place) await this.#until(wait.received);
      const piece = bytes.subarray(place, places[index + 1]);
      if (piece.length > 0 && index + 1 < places.length) await this.#send(piece);
    }
    await this.#until(this.#expected.length);
  }

  close(): void {
    this.#socket.end();
  }

  /** In a write of its own, so that it can arrive alone. */
  #send(piece: Buffer): Promise<void> {
    return new Promise((resolve) => this.#socket.write(piece, () => setImmediate(resolve)));
  }

  #until(bytes: number): Promise<void> {
    if (this.#received >= bytes) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaited = { bytes, resolve };
    });
  }
}

function firstDifference(chunk: Buffer, expected: Buffer, from: number): string {
  const at = chunk.findIndex((byte, index) => byte !== expected[from + index]);
  const excerpt = 40;
  const show = (bytes: Buffer, start: number): string => JSON.stringify(bytes.toString("latin1", start, start + excerpt));
  return `at byte ${from + at} came ${show(chunk, at)} for ${show(expected, from + at)}`;
}
