/** The splice's entrance: accepts clients, joins each with a connection to the primary of its own, and keeps the pairs
 * until they end.
 *
 *    client ──► server ──(TLS)──► #dial ──► Primary ──► Splice      one client connection = one primary connection */

import { createServer, type Server, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import type { Milliseconds } from "../../model/units.ts";
import { ByteSource } from "./byte-source.ts";
import { ConnectionWatch, type WatchContext } from "./connection-watch.ts";
import { countAcceptFailure, type Entrance, type EntranceSurroundings, type TlsIdentity } from "./entrance.ts";
import { LastToLeave } from "./last-to-leave.ts";
import { type DialListener, Primary, type PrimaryTls, parsePrimary } from "./primary.ts";
import { type ProxyProtocol, proxyHeader } from "./proxy-protocol.ts";
import { secureClient, serverContext } from "./server-tls.ts";
import { afterPoll, resetSocket } from "./sockets.ts";
import { Splice } from "./splice.ts";

export interface SpliceEntranceOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly primary: URL;
  readonly primaryTls?: PrimaryTls;
  /** Ends TLS for clients. */
  readonly tls?: TlsIdentity;
  readonly onPrimaryDown?: "reset" | "502";
  /** Tells the primary who its client is, before all other bytes. */
  readonly proxyProtocol?: ProxyProtocol;
  readonly clock: Clock;
}

/** Who has connected. */
interface Peer {
  /** Number of the connection within this process. */
  readonly connection: number;
  readonly address: string;
}

/** Whose ends are not known: no client, but the sidecar itself. */
const nobody = {};

const badGateway = Buffer.from("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

export class SpliceEntrance implements Entrance {
  readonly server: Server;
  accepted = 0;
  readonly acceptFailures: Record<string, number> = {};
  readonly #options: SpliceEntranceOptions;
  readonly #primary: Primary;
  readonly #context: WatchContext;
  #secureContext: SecureContext | null;
  readonly #pairs = new Set<Splice>();
  /** Clients without a primary connection yet. */
  readonly #waiting = new Set<Socket>();
  #isDraining = false;
  readonly #lastToLeave = new LastToLeave();

  /** @throws PenumbraError BAD_PRIMARY, BAD_CERTIFICATE */
  constructor(options: SpliceEntranceOptions, { context, log }: EntranceSurroundings) {
    this.#options = options;
    this.#context = context;
    const { clock, proxyProtocol } = options;
    this.#primary = new Primary(
      parsePrimary(options.primary, options.primaryTls),
      clock,
      (refuses, code) => log(refuses ? { name: "primary.refuses", code } : { name: "primary.back" }),
      proxyProtocol === undefined ? null : proxyHeader(proxyProtocol, nobody),
    );
    this.#secureContext = options.tls === undefined ? null : serverContext(options.tls);
    this.server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: options.tls === undefined }, (socket) =>
      this.#accept(socket),
    );
    this.server.on("error", (error: NodeJS.ErrnoException) => {
      // A failed `accept` (no file descriptor left): the server goes on. A failed `listen` is told by whoever called it.
      if (this.server.listening) countAcceptFailure(this.acceptFailures, error, log);
    });
  }

  get notReady(): string | null {
    return this.#primary.refuses ? "primary refuses connections" : null;
  }

  get primaryFailures(): Readonly<Record<string, number>> {
    return { ...this.#primary.failures };
  }

  renewCertificate(tls: TlsIdentity): void {
    this.#secureContext = serverContext(tls);
  }

  get open(): number {
    return this.#pairs.size + this.#waiting.size;
  }

  cut(): number {
    let inUse = this.#waiting.size;
    for (const client of this.#waiting) resetSocket(client);
    for (const pair of this.#pairs) if (pair.cut()) inUse++;
    return inUse;
  }

  /** Stops accepting and waits until the pairs have ended.
   * @returns how many were cut at the bound */
  async drain(bound: Milliseconds): Promise<number> {
    this.server.close();
    // What clients sent before they could know is read first: one turn of the event loop polls every socket.
    await afterPoll();
    this.#isDraining = true;
    for (const pair of this.#pairs) pair.drain();
    const cut = await this.#lastToLeave.wait(this, bound, this.#options.clock);
    this.#primary.close();
    return cut;
  }

  #accept(accepted: Socket): void {
    const connection = ++this.accepted;
    const peer: Peer = { connection, address: accepted.remoteAddress ?? "" };
    if (this.#secureContext === null) {
      const client = ByteSource.accepted(accepted);
      this.#await(client.socket);
      this.#dial(client, client.socket, peer);
      return;
    }
    this.#await(accepted);
    secureClient(accepted, this.#secureContext, this.#options.clock, (secure) => this.#dial(ByteSource.of(secure), accepted, peer));
  }

  /** Counts a client as open until it has its pair or has left. */
  #await(raw: Socket): void {
    this.#waiting.add(raw);
    const abandoned = (): void => this.#leave(raw);
    raw.on("error", abandoned);
    raw.once("close", abandoned);
  }

  /** Connects a client with the primary. Its bytes wait in its source until then. */
  #dial(client: ByteSource, raw: Socket, peer: Peer): void {
    const { proxyProtocol } = this.#options;
    const preamble = proxyProtocol === undefined ? null : proxyHeader(proxyProtocol, raw);
    const listener: DialListener<ByteSource> = {
      connected: (primary) => {
        client.socket.off("close", giveUp);
        this.#waiting.delete(raw);
        this.#join(client, primary, peer);
      },
      failed: () => {
        client.socket.off("close", giveUp);
        this.#refuse(client.socket);
      },
    };
    const attempt = this.#primary.dial(listener, preamble);
    const giveUp = (): void => {
      attempt.destroy();
    };
    client.socket.once("close", giveUp);
  }

  #join(client: ByteSource, primary: ByteSource, { connection, address }: Peer): void {
    const { clock } = this.#options;
    const watch = new ConnectionWatch(this.#context, connection, address);
    const pair = new Splice({
      client,
      primary,
      watch,
      clock,
      closed: () => {
        this.#pairs.delete(pair);
        this.#tellIfEmpty();
      },
    });
    this.#pairs.add(pair);
    pair.start();
    if (this.#isDraining) void afterPoll().then(() => pair.drain());
  }

  #refuse(client: Socket): void {
    if (this.#options.onPrimaryDown !== "502") {
      resetSocket(client);
      return;
    }
    client.resume(); // unread bytes would turn the answer's end into a reset
    client.end(badGateway);
    client.once("end", () => client.destroy());
  }

  #leave(raw: Socket): void {
    if (this.#waiting.delete(raw)) this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.open === 0) this.#lastToLeave.tell();
  }
}
