/** The live process, put together.
 *
 *    client ──► listener ──(TLS)──► Splice ◄──► Primary
 *                                     └──► ConnectionWatch ──► HandOver ──pipe──► observer (Supervisor)
 *    operator ──► admin                            └──► Ledger
 */

import type { ChildProcess } from "node:child_process";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Random } from "../../model/random.ts";
import { type Bytes, bytes, type Milliseconds, milliseconds } from "../../model/units.ts";
import { type AdminOptions, createAdmin } from "./admin.ts";
import { ConnectionWatch, noneUnobserved, type WatchContext } from "./connection-watch.ts";
import { HandOver } from "./hand-over.ts";
import { HeadView } from "./head-view.ts";
import type { LaneKey } from "./lane-key.ts";
import { Ledger } from "./ledger.ts";
import { sidecarMetrics } from "./metrics.ts";
import { Primary, type PrimaryTls, parsePrimary } from "./primary.ts";
import { Sampler, type Sampling } from "./sampling.ts";
import type { SidecarCounters } from "./sidecar-counters.ts";
import { rememberRaw, resetSocket } from "./sockets.ts";
import { Splice } from "./splice.ts";
import { type StopResult, Supervisor, type SupervisorEvent } from "./supervisor.ts";

export type SidecarEvent =
  | SupervisorEvent
  | { readonly name: "primary.refuses"; readonly code: string }
  | { readonly name: "primary.back" }
  | { readonly name: "scan.fault"; readonly error: unknown }
  | { readonly name: "drain.begun"; readonly connections: number }
  | { readonly name: "drain.ended"; readonly cut: number; readonly observer: StopResult };

export interface SidecarOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** `http://host:port` or `https://host:port`. */
  readonly primary: URL;
  readonly primaryTls?: PrimaryTls;
  /** Ends TLS for clients, PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly onPrimaryDown?: "reset" | "502";
  readonly sampling: Sampling;
  readonly laneKey?: LaneKey;
  /** 16 bytes for the keyed hash of lanes; replicas with the same key decide alike. */
  readonly key: Uint8Array;
  /** Bytes that may wait for the observer. Default 64 MiB. */
  readonly budget?: Bytes;
  readonly admin: AdminOptions | null;
  readonly clock: Clock;
  readonly random: Random;
  /** Starts the observer process with a pipe as file descriptor 3; the epoch names this life of the sidecar. */
  readonly spawnObserver: (epoch: string) => ChildProcess;
  readonly log: (event: SidecarEvent) => void;
}

export interface DrainOptions {
  /** Not ready, but still accepting: time for a load balancer to look away. Default 0. */
  readonly delay?: Milliseconds;
  /** For exchanges in flight; what is left then is cut. Default 10 s. */
  readonly bound?: Milliseconds;
  /** For the observer to end what is under way and flush; then it is killed. Default 20 s. */
  readonly observerBound?: Milliseconds;
}

export interface DrainResult {
  /** Connections that were still at work, or not observed, at the bound. */
  readonly cut: number;
  readonly observer: StopResult;
}

export interface Sidecar {
  readonly address: AddressInfo;
  readonly adminAddress: AddressInfo | null;
  readonly ledger: Ledger;
  /** null = ready for traffic, else why not. */
  notReady(): string | null;
  counters(): SidecarCounters;
  sampling(): Sampling;
  setSampling(sampling: Sampling): void;
  /** Process id of the observer, null while there is none. */
  observerPid(): number | null;
  /** Ends in order: not ready, stop accepting, finish what is in flight, let the observer flush. Never rejects;
   * a second call returns the first one's promise. */
  drain(options?: DrainOptions): Promise<DrainResult>;
}

const defaultBudget: Bytes = bytes(64 * 1024 * 1024);
const defaultDrainBound: Milliseconds = milliseconds(10_000);
const defaultObserverBound: Milliseconds = milliseconds(20_000);
/** The first requests should be copied as well, but service must not wait long for an observer. */
const observerStartBound: Milliseconds = milliseconds(5000);
const handshakeBound: Milliseconds = milliseconds(30_000);

const badGateway = Buffer.from("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
/** `http/1.1` in the wire format of ALPN (RFC 7301 §3.1). */
const alpnHttp11 = Buffer.from("\x08http/1.1", "latin1");

/** Starts the observer, then listens.
 * @throws PenumbraError for what an operator can put right, before anything listens */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { clock, log } = options;
  const ledger = new Ledger(newEpoch(options));
  const sampler = new Sampler({
    key: options.key,
    epoch: ledger.epoch,
    laneKey: options.laneKey ?? { kind: "usual" },
    sampling: options.sampling,
  });
  const handOver = new HandOver(ledger, options.budget ?? defaultBudget, clock);
  const supervisor = new Supervisor({ spawnObserver: () => options.spawnObserver(ledger.epoch), handOver, ledger, clock, log });
  const primary = new Primary(parsePrimary(options.primary, options.primaryTls), clock, (refuses, code) =>
    log(refuses ? { name: "primary.refuses", code } : { name: "primary.back" }),
  );
  const unobserved = noneUnobserved();
  const fault = (error: unknown): void => log({ name: "scan.fault", error });
  const context: WatchContext = { clock, ledger, sampler, handOver, view: new HeadView(), unobserved, fault };
  const entrance = new Entrance(options, primary, context);

  let isDraining = false;
  const notReady = (): string | null => (isDraining ? "draining" : primary.refuses ? "primary refuses connections" : null);
  const counters = (): SidecarCounters => ({
    ledger: ledger.snapshot(),
    connections: {
      accepted: entrance.accepted,
      open: entrance.open,
      unobserved: { ...unobserved },
      primaryFailures: { ...primary.failures },
    },
    backlogBytes: handOver.backlog,
    observer: { state: supervisor.state, restarts: supervisor.restarts },
    sampling: sampler.sampling,
  });
  const setSampling = (sampling: Sampling): void => {
    sampler.sampling = sampling;
  };
  const sampling = (): Sampling => sampler.sampling;
  const admin =
    options.admin === null
      ? null
      : createAdmin(options.admin, { notReady, counters, sampling, setSampling, metrics: sidecarMetrics(counters) });

  supervisor.start();
  await supervisor.untilReady(observerStartBound);
  try {
    if (admin !== null && options.admin !== null) await listen(admin, options.admin.host, options.admin.port);
    await listen(entrance.server, options.listen.host, options.listen.port);
  } catch (error) {
    admin?.close();
    await supervisor.stop(defaultObserverBound);
    throw error;
  }

  const drainOnce = async (drain: DrainOptions): Promise<DrainResult> => {
    isDraining = true;
    log({ name: "drain.begun", connections: entrance.open });
    if (drain.delay !== undefined) await new Promise<void>((resolve) => clock.after(drain.delay ?? milliseconds(0), resolve));
    const cut = await entrance.drain(drain.bound ?? defaultDrainBound);
    primary.close();
    const observer = await supervisor.stop(drain.observerBound ?? defaultObserverBound);
    admin?.close();
    admin?.closeAllConnections();
    log({ name: "drain.ended", cut, observer });
    return { cut, observer };
  };
  let drained: Promise<DrainResult> | null = null;
  return {
    address: entrance.server.address() as AddressInfo,
    adminAddress: admin === null ? null : (admin.address() as AddressInfo),
    ledger,
    notReady,
    counters,
    sampling,
    setSampling,
    observerPid: () => supervisor.pid,
    drain: (drain = {}) => {
      drained ??= drainOnce(drain);
      return drained;
    },
  };
}

/** Accepts clients and keeps their pairs until they end. */
class Entrance {
  readonly server: Server;
  accepted = 0;
  readonly #options: SidecarOptions;
  readonly #primary: Primary;
  readonly #context: WatchContext;
  readonly #secureContext: SecureContext | null;
  readonly #pairs = new Set<Splice>();
  /** Clients without a primary connection yet. */
  readonly #waiting = new Set<Socket>();
  #isDraining = false;
  #onEmpty: (() => void) | null = null;

  constructor(options: SidecarOptions, primary: Primary, context: WatchContext) {
    this.#options = options;
    this.#primary = primary;
    this.#context = context;
    this.#secureContext = options.tls === undefined ? null : serverContext(options.tls);
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  get open(): number {
    return this.#pairs.size + this.#waiting.size;
  }

  /** Stops accepting and waits until the pairs have ended.
   * @returns how many were cut at the bound */
  async drain(bound: Milliseconds): Promise<number> {
    this.server.close();
    // What clients sent before they could know is read first: one turn of the event loop polls every socket.
    await afterPoll();
    this.#isDraining = true;
    for (const pair of this.#pairs) pair.drain();
    let cut = 0;
    const cancel = this.#options.clock.after(bound, () => {
      cut = this.#waiting.size;
      for (const client of this.#waiting) resetSocket(client);
      for (const pair of this.#pairs) if (pair.cut()) cut++;
    });
    if (this.open > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    cancel();
    return cut;
  }

  #accept(raw: Socket): void {
    const connection = ++this.accepted;
    const address = raw.remoteAddress ?? "";
    this.#waiting.add(raw);
    const abandoned = (): void => this.#leave(raw);
    raw.on("error", abandoned);
    raw.once("close", abandoned);
    if (this.#secureContext === null) {
      this.#dial(raw, raw, connection, address);
      return;
    }
    const secure = new TLSSocket(raw, {
      isServer: true,
      secureContext: this.#secureContext,
      ALPNProtocols: alpnHttp11 as unknown as string[],
    });
    rememberRaw(secure, raw);
    const cancel = this.#options.clock.after(handshakeBound, () => secure.destroy(), { unref: true });
    secure.on("error", () => secure.destroy()); // a bad handshake is the client's affair
    secure.once("close", () => {
      cancel();
      raw.destroy();
    });
    secure.once("secure", () => {
      cancel();
      this.#dial(secure, raw, connection, address);
    });
  }

  /** Connects a client with the primary. Its bytes wait in its socket until then. */
  #dial(client: Socket, raw: Socket, connection: number, address: string): void {
    const attempt = this.#primary.dial({
      connected: (primary) => {
        client.off("close", giveUp);
        this.#waiting.delete(raw);
        this.#join(client, primary, connection, address);
      },
      failed: () => {
        client.off("close", giveUp);
        this.#refuse(client);
      },
    });
    const giveUp = (): void => {
      attempt.destroy();
    };
    client.once("close", giveUp);
  }

  #join(client: Socket, primary: Socket, connection: number, address: string): void {
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
    if (this.open === 0) this.#onEmpty?.();
  }
}

/** Resolves when every socket has been asked for its bytes once. */
function afterPoll(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Unique across instances and restarts: the start in milliseconds and 32 random bits, in hex. */
function newEpoch({ clock, random }: SidecarOptions): string {
  const randomBits = 2 ** 32;
  return Math.floor(clock.now()).toString(16) + random.below(randomBits).toString(16).padStart(8, "0");
}

function serverContext(tls: { readonly cert: string; readonly key: string }): SecureContext {
  try {
    return createSecureContext({ cert: tls.cert, key: tls.key });
  } catch (error) {
    throw new PenumbraError(
      "BAD_CERTIFICATE",
      "the TLS certificate and key cannot be used together",
      "check that both are PEM and belong together",
      error,
    );
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const what = error.code === "EADDRINUSE" ? "is in use" : `cannot be used (${error.code ?? error.message})`;
      reject(
        new PenumbraError("ADDRESS_UNUSABLE", `address ${host}:${port} ${what}`, "stop what listens there or choose another port", error),
      );
    });
    server.listen({ host, port }, resolve);
  });
}
