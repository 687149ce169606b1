/** One client connection of the gateway: one exchange at a time, in the order in which the requests came, so that pipelined
 * requests reach the primary one after another; then, maybe, a tunnel. */

import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import type { DropReason } from "../handover/reasons.ts";
import { ByteSource } from "../live/byte-source.ts";
import type { LanePeer } from "../live/sampling.ts";
import { resetSocket } from "../live/sockets.ts";
import { Splice } from "../live/splice.ts";
import { GatewayExchange, type GatewayScene } from "./gateway-exchange.ts";
import { PausedClient } from "./paused-client.ts";

/** Pipelined requests that wait for their turn before no more are read; HTTP libraries that pipeline at all send some ten at once.
 * What Node has already read (at most 64 KiB) waits as well: its parser cannot be stopped within that. */
const mostWaiting = 100;
/** When so few wait, reading goes on. */
const fewWaiting = 50;
/** Time for the client to read what is on its way after this side has ended. */
const linger: Milliseconds = milliseconds(1000);

export interface ConnectionOptions {
  readonly client: Socket;
  /** Number of the connection within this process. */
  readonly connection: number;
  readonly address: string;
  /** Called once, when the client's connection (or the tunnel that it became) is closed. */
  readonly closed: () => void;
}

export class GatewayConnection {
  readonly #scene: GatewayScene;
  readonly #client: Socket;
  readonly #peer: LanePeer;
  readonly #closed: () => void;
  readonly #waiting: Waiting[] = [];
  readonly #resume: () => Socket;
  readonly #paused: PausedClient;
  #isFull = false;
  /** Node's parser has given up, and does so again for whatever else comes. */
  #isMisread = false;
  #current: GatewayExchange | null = null;
  #tunnel: Splice | null = null;
  #index = 0;

  constructor(scene: GatewayScene, { client, connection, address, closed }: ConnectionOptions) {
    this.#scene = scene;
    this.#client = client;
    this.#peer = { connection, address, own: null, last: null };
    this.#closed = closed;
    this.#paused = new PausedClient(client, scene.clock, () => this.#isFull);
    this.#resume = client.resume.bind(client);
    // Node's HTTP resumes a connection for the body of each request that begins; while too many wait, it stays paused.
    client.resume = () => (this.#isFull ? client : this.#resume());
    client.once("close", () => {
      this.#dropWaiting(this.#current?.isCut ? "primary_abort" : "client_abort");
      this.#current?.abort("client_abort");
      if (this.#tunnel === null) this.#closed();
    });
  }

  get isIdle(): boolean {
    return this.#current === null && this.#tunnel === null;
  }

  /** A request of the client. */
  take(request: IncomingMessage, response: ServerResponse): void {
    this.#whenFree({ request, isRequest: true, begin: () => this.#begin(request, response, null) });
  }

  /** A request after which Node leaves the connection to us: an upgrade, or CONNECT. */
  takeWhole(request: IncomingMessage, head: Buffer): void {
    const client = this.#client;
    if (head.length > 0) client.unshift(head);
    const begin = (): void => {
      const early = new EarlyBytes(client);
      const response = new ServerResponse(request);
      response.assignSocket(client);
      response.once("finish", () => this.end());
      this.#begin(request, response, early);
    };
    this.#whenFree({ request, isRequest: true, begin });
  }

  /** Bytes that are no HTTP: once what came before them is answered, the client is told where it can be, and the connection ends.
   * @param isRequest whether they stand for a request */
  refuse(status: number, reason: string, isRequest: boolean): void {
    if (this.#client.writableEnded || this.#isMisread) return;
    this.#isMisread = true;
    const last = this.#waiting.at(-1);
    if (last?.request?.complete === false)
      this.#waiting.pop(); // it was that one's body
    else if (last === undefined && this.#current !== null && !this.#current.isRequestComplete) {
      if (!this.#current.refuse(status, reason)) resetSocket(this.#client);
      return;
    }
    const begin = (): void => {
      if (isRequest) this.#scene.context.ledger.countDropped("answered_here");
      this.#refuseNow(status, reason);
    };
    if (this.isIdle) begin();
    else this.#waiting.push({ request: null, isRequest, begin });
  }

  #refuseNow(status: number, reason: string): void {
    const body = `penumbra: ${reason}\n`;
    this.#client.write(
      `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    this.end();
  }

  /** Nothing new begins on this connection; without an exchange under way it ends now. */
  drain(): void {
    if (this.isIdle) this.end();
  }

  /** Ends the connection now.
   * @returns whether it was still in use */
  cut(): boolean {
    const wasIdle = this.isIdle;
    this.#dropWaiting("primary_abort");
    resetSocket(this.#client);
    this.#current?.abort("primary_abort");
    this.#tunnel?.cut();
    return !wasIdle;
  }

  end(): void {
    const client = this.#client;
    if (client.writableEnded || client.destroyed) return;
    client.end();
    client.resume();
    this.#scene.clock.after(linger, () => resetSocket(client), { unref: true });
  }

  #begin(request: IncomingMessage, response: ServerResponse, early: EarlyBytes | null): void {
    this.#current = new GatewayExchange(this.#scene, {
      request,
      response,
      peer: this.#peer,
      index: this.#index++,
      isUpgrade: early !== null,
      done: () => this.#next(),
      tunnel: (primary, head) => {
        early?.giveBack();
        this.#becomeTunnel(primary, head);
      },
    });
    this.#current.begin();
  }

  #whenFree(waiting: Waiting): void {
    // After this side has ended, the primary must not act on a request that cannot be answered any more.
    if (this.#client.writableEnded) {
      this.#scene.context.ledger.countDropped("answered_here");
      return;
    }
    if (this.#current === null) {
      waiting.begin();
      return;
    }
    this.#waiting.push(waiting);
    if (this.#waiting.length < mostWaiting || this.#isFull) return;
    this.#isFull = true;
    this.#client.pause();
    this.#paused.watch();
  }

  #next(): void {
    this.#current = null;
    if (this.#scene.isDraining()) {
      this.#dropWaiting("answered_here");
      this.end();
      return;
    }
    if (this.#client.writableEnded) this.#dropWaiting("answered_here");
    this.#waiting.shift()?.begin();
    this.#readOn();
  }

  /** What waits will not be answered: this side ends, or the client is gone. */
  #dropWaiting(reason: DropReason): void {
    for (const { isRequest } of this.#waiting.splice(0)) if (isRequest) this.#scene.context.ledger.countDropped(reason);
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#isFull || this.#waiting.length > fewWaiting) return;
    this.#isFull = false;
    this.#resume();
  }

  /** Bytes pass both ways from here on, unread, until both sides have ended. */
  #becomeTunnel(primary: Socket, head: Buffer): void {
    const { context, clock } = this.#scene;
    context.unobserved.tunnel++;
    this.#current = null;
    if (head.length > 0) primary.unshift(head);
    this.#tunnel = new Splice({
      client: ByteSource.of(this.#client),
      primary: ByteSource.of(primary),
      watch: unwatched,
      clock,
      closed: this.#closed,
    });
    this.#tunnel.start();
    this.#client.resume();
  }
}

/** What waits for the exchange under way. */
interface Waiting {
  /** Null: bytes that are no HTTP. */
  readonly request: IncomingMessage | null;
  /** It is counted. */
  readonly isRequest: boolean;
  readonly begin: () => void;
}

const unwatched = {
  isIdle: false,
  awaitsAnswer: false,
  fromClient: () => undefined,
  fromPrimary: () => undefined,
  clientEnded: () => undefined,
  primaryEnded: () => undefined,
  closed: () => undefined,
};

/** Reads a connection that waits to become a tunnel, because one that is not read does not notice its peer's end; the first
 * bytes, which were sent too early, stop that and are kept. */
class EarlyBytes {
  readonly #client: Socket;
  #chunk: Buffer | null = null;

  constructor(client: Socket) {
    this.#client = client;
    client.on("data", this.#keep);
    client.on("end", this.#leave);
  }

  giveBack(): void {
    const client = this.#client;
    client.off("data", this.#keep).off("end", this.#leave);
    client.pause();
    if (this.#chunk !== null) client.unshift(this.#chunk);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#chunk = chunk;
    this.#client.off("data", this.#keep);
    this.#client.pause();
  };

  readonly #leave = (): void => {
    this.#client.destroy();
  };
}
