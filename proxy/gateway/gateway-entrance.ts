/** The gateway's entrance: an HTTP intermediary for those who need requests to be rewritten.
 *
 *    client ──► server ──(TLS)──► Node's HTTP ──► GatewayConnection ──► GatewayExchange ──► PrimaryPool ──► primary
 *                                 strict parser     one at a time          plan, tap          shared, kept alive
 *
 * Unlike the splice it reads and rebuilds every message, and requests of different clients share connections to the primary. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { countAcceptFailure, type Entrance, type EntranceSurroundings, type TlsIdentity } from "../live/entrance.ts";
import { LastToLeave } from "../live/last-to-leave.ts";
import type { PrimaryTls } from "../live/primary.ts";
import { secureClient, serverContext } from "../live/server-tls.ts";
import { afterPoll, resetSocket } from "../live/sockets.ts";
import { maxHeadBytes, pairsOf } from "./fields.ts";
import { GatewayConnection } from "./gateway-connection.ts";
import type { GatewayScene } from "./gateway-exchange.ts";
import type { OpenRequest } from "./open-request.ts";
import { PrimaryPool } from "./primary-pool.ts";
import { mayBecomeTunnel } from "./request-plan.ts";
import type { Rewriting } from "./rewriting.ts";
import type { Route } from "./routes.ts";

export interface GatewayEntranceOptions {
  readonly open: OpenRequest;
  /** See `routeTable`: the default primary comes last. */
  readonly routes: readonly Route[];
  readonly rewriting: Rewriting;
  readonly primaryTls?: PrimaryTls;
  /** Ends TLS for clients. */
  readonly tls?: TlsIdentity;
  readonly onPrimaryDown?: "reset" | "502";
  readonly clock: Clock;
}

/** Longer than load balancers keep a connection (60 s), so that it is they who close first. */
const idleBound: Milliseconds = milliseconds(75_000);
/** For a whole head; a client that sends a byte now and then holds a connection no longer. */
const headBound: Milliseconds = milliseconds(60_000);

export class GatewayEntrance implements Entrance {
  readonly server: Server;
  accepted = 0;
  readonly acceptFailures: Record<string, number> = {};
  readonly #options: GatewayEntranceOptions;
  readonly #scene: GatewayScene;
  readonly #pools: ReadonlyMap<Route, PrimaryPool>;
  #secureContext: SecureContext | null;
  /** By the socket that Node's HTTP reads: the client's own, or the one without its TLS. */
  readonly #connections = new Map<Socket, GatewayConnection>();
  /** Clients in their TLS handshake. */
  readonly #waiting = new Set<Socket>();
  #isDraining = false;
  readonly #lastToLeave = new LastToLeave();

  /** @throws PenumbraError BAD_PRIMARY, BAD_CERTIFICATE */
  constructor(options: GatewayEntranceOptions, { context, log }: EntranceSurroundings) {
    const { routes, primaryTls, clock, open, rewriting, onPrimaryDown = "reset" } = options;
    this.#options = options;
    this.#secureContext = options.tls === undefined ? null : serverContext(options.tls);
    this.#pools = new Map(
      routes.map((route) => {
        const changed = (refuses: boolean, code: string): void => {
          const where = route.isDefault ? {} : { route: route.prefix };
          log(refuses ? { name: "primary.refuses", code, ...where } : { name: "primary.back", ...where });
        };
        return [route, new PrimaryPool({ primary: route.primary, clock, changed, ...(primaryTls === undefined ? {} : { primaryTls }) })];
      }),
    );
    const poolOf = (route: Route): PrimaryPool => {
      const pool = this.#pools.get(route);
      if (pool === undefined) throw new Error(`no pool for ${route.prefix}`);
      return pool;
    };
    this.#scene = { context, clock, open, routes, rewriting, poolOf, onPrimaryDown, isDraining: () => this.#isDraining };
    this.server = this.#createServer();
    this.server.on("error", (error: NodeJS.ErrnoException) => {
      // As in the splice: a failed `accept` is survived, a failed `listen` is told by whoever called it.
      if (this.server.listening) countAcceptFailure(this.acceptFailures, error, log);
    });
  }

  get open(): number {
    return this.#connections.size + this.#waiting.size;
  }

  /** Of the default primary: the others may fail without taking it out of service. */
  get notReady(): string | null {
    const refuses = [...this.#pools].some(([route, pool]) => route.isDefault && pool.primary.refuses);
    return refuses ? "primary refuses connections" : null;
  }

  get primaryFailures(): Readonly<Record<string, number>> {
    const sum: Record<string, number> = {};
    for (const pool of this.#pools.values()) {
      for (const [code, count] of Object.entries(pool.primary.failures)) sum[code] = (sum[code] ?? 0) + count;
    }
    return sum;
  }

  renewCertificate(tls: TlsIdentity): void {
    this.#secureContext = serverContext(tls);
  }

  cut(): number {
    let inUse = this.#waiting.size;
    for (const client of this.#waiting) resetSocket(client);
    for (const connection of this.#connections.values()) if (connection.cut()) inUse++;
    return inUse;
  }

  async drain(bound: Milliseconds): Promise<number> {
    // Node's own `close` of an HTTP server would destroy idle connections before what they have sent is read.
    NetServer.prototype.close.call(this.server);
    await afterPoll();
    this.#isDraining = true;
    for (const connection of this.#connections.values()) connection.drain();
    const cut = await this.#lastToLeave.wait(this, bound, this.#options.clock);
    for (const pool of this.#pools.values()) pool.close();
    this.server.closeAllConnections();
    return cut;
  }

  #createServer(): Server {
    const server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: false, // such a request is refused in words and counted (request-plan.ts)
      maxHeaderSize: maxHeadBytes,
      keepAliveTimeout: idleBound,
      headersTimeout: headBound,
      requestTimeout: 0, // an upload takes as long as it takes
      noDelay: true,
      shouldUpgradeCallback: (request) => mayBecomeTunnel(pairsOf(request.rawHeaders)),
    });
    server.maxHeadersCount = 0; // the size of the head is bounded; fields over a number would be lost without a word
    // TLS is ended before Node's HTTP sees the connection: only a socket whose TCP is at hand can be reset.
    const [serve] = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (raw) => this.#accept(raw, (client) => serve?.call(server, client)));
    const take = (request: IncomingMessage, response: ServerResponse): void => this.#connectionOf(request)?.take(request, response);
    server.on("request", take).on("checkContinue", take).on("checkExpectation", take);
    const takeWhole = (request: IncomingMessage, _: unknown, head: Buffer): void => this.#connectionOf(request)?.takeWhole(request, head);
    server.on("upgrade", takeWhole).on("connect", takeWhole);
    server.on("clientError", (error: NodeJS.ErrnoException, client) => this.#misread(error, client as Socket));
    return server;
  }

  #accept(raw: Socket, serve: (client: Socket) => void): void {
    const connection = ++this.accepted;
    const address = raw.remoteAddress ?? "";
    if (this.#secureContext === null) {
      this.#connect(raw, connection, address, serve);
      return;
    }
    this.#waiting.add(raw);
    raw.on("error", () => undefined); // its close follows
    raw.once("close", () => {
      if (this.#waiting.delete(raw)) this.#tellIfEmpty();
    });
    secureClient(raw, this.#secureContext, this.#options.clock, (secure) => {
      this.#waiting.delete(raw);
      this.#connect(secure, connection, address, serve);
    });
  }

  #connect(client: Socket, connection: number, address: string, serve: (client: Socket) => void): void {
    const closed = (): void => {
      this.#connections.delete(client);
      this.#tellIfEmpty();
    };
    client.on("error", () => undefined); // its close follows
    const made = new GatewayConnection(this.#scene, { client, connection, address, closed });
    this.#connections.set(client, made);
    serve(client);
    if (this.#isDraining) void afterPoll().then(() => made.drain());
  }

  #connectionOf(request: IncomingMessage): GatewayConnection | undefined {
    return this.#connections.get(request.socket);
  }

  /** Node's parser found no HTTP in what came. */
  #misread(error: NodeJS.ErrnoException, client: Socket): void {
    const connection = this.#connections.get(client);
    const refusal = refusals.find(({ code }) => code.test(error.code ?? ""));
    if (connection === undefined || refusal === undefined) {
      client.destroy();
      return;
    }
    connection.refuse(refusal.status, refusal.reason, refusal.isRequest);
  }

  #tellIfEmpty(): void {
    if (this.open === 0) this.#lastToLeave.tell();
  }
}

/** What Node's parser complains of, and what the client is told; the first that fits. */
const refusals: readonly { readonly code: RegExp; readonly status: number; readonly reason: string; readonly isRequest: boolean }[] = [
  { code: /^HPE_HEADER_OVERFLOW$/, status: 431, reason: "Request Header Fields Too Large", isRequest: true },
  { code: /^HPE_CHUNK_EXTENSIONS_OVERFLOW$/, status: 413, reason: "Payload Too Large", isRequest: true },
  { code: /^HPE_/, status: 400, reason: "Bad Request", isRequest: true },
  { code: /^ERR_HTTP_REQUEST_TIMEOUT$/, status: 408, reason: "Request Timeout", isRequest: false },
];
