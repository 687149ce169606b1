/** Joins one client connection to one primary connection: the bytes of each side go to the other verbatim.
 *
 *    client ══data══► primary      a full buffer pauses the side that fills it
 *           ◄══data══              FIN ↔ FIN, reset ↔ reset
 *        └──► watch ◄──┘           sees the same bytes after they were passed on; can change nothing */

import type { Socket } from "node:net";
import type { CancelTimer, Clock } from "../../model/clock.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import type { BrokenOffReason } from "../handover/reasons.ts";
import type { ByteSource } from "./byte-source.ts";
import { endedWithoutCloseNotify } from "./close-notify.ts";
import type { ConnectionWatch } from "./connection-watch.ts";
import { noticeReset, resetSocket, resetWhenWritten } from "./sockets.ts";

/** A half-closed pair that is silent for so long, with no answer outstanding, is reset: its other half may never come. */
const halfOpenTimeout: Milliseconds = milliseconds(60_000);
/** A paused socket is told nothing of its peer's reset: it asks once in this time. An end (FIN) comes behind bytes that nobody
 * has read yet, and can wait for them. */
const pausedLook: Milliseconds = milliseconds(1000);

/** After a drain has ended a pair: time for the client to read what is on its way and to close as well. */
const drainLinger: Milliseconds = milliseconds(1000);

/** How a pair ended. */
export type SpliceEnd = "in-order" | "client-reset" | "primary-reset" | "timed-out" | "drained" | "cut";

/** What is told of the bytes: the watch that frames them, or nothing in a tunnel. */
export type SpliceWatch = Pick<
  ConnectionWatch,
  "isIdle" | "awaitsAnswer" | "fromClient" | "fromPrimary" | "clientEnded" | "primaryEnded" | "closed"
>;

export interface SpliceOptions {
  readonly client: ByteSource;
  /** Connected. */
  readonly primary: ByteSource;
  readonly watch: SpliceWatch;
  readonly clock: Clock;
  /** Called once, when both sides are closed. */
  readonly closed: (end: SpliceEnd) => void;
}

export class Splice {
  readonly #clientBytes: ByteSource;
  readonly #primaryBytes: ByteSource;
  readonly #client: Socket;
  readonly #primary: Socket;
  readonly #watch: SpliceWatch;
  readonly #clock: Clock;
  readonly #closed: (end: SpliceEnd) => void;
  #end: SpliceEnd = "in-order";
  #isDraining = false;
  /** Counts chunks, so that silence can be told without reading a clock for each. */
  #activity = 0;
  #openSides = 2;
  /** Paused sides that are looked after. */
  readonly #looking = new Set<Socket>();
  #cancelHalfOpen: CancelTimer | null = null;

  constructor(options: SpliceOptions) {
    this.#clientBytes = options.client;
    this.#primaryBytes = options.primary;
    this.#client = options.client.socket;
    this.#primary = options.primary.socket;
    this.#watch = options.watch;
    this.#clock = options.clock;
    this.#closed = options.closed;
  }

  /** Lets the bytes flow. */
  start(): void {
    const client = this.#client;
    const primary = this.#primary;
    primary.on("drain", () => client.resume());
    client.on("drain", () => primary.resume());
    this.#follow(client, primary, "client-reset");
    this.#follow(primary, client, "primary-reset");
    this.#clientBytes.deliver({
      bytes: (chunk) => {
        // After a drain has ended this side, the primary must not act on a request that cannot be answered any more.
        if (primary.writableEnded) return;
        this.#pass(chunk, client, primary);
        this.#watch.fromClient(chunk);
      },
      ended: () => {
        primary.end();
        this.#watch.clientEnded();
        this.#expectOtherHalf();
      },
    });
    this.#primaryBytes.deliver({
      bytes: (chunk) => {
        if (client.writableEnded) return;
        this.#pass(chunk, primary, client);
        this.#watch.fromPrimary(chunk);
        if (this.#isDraining) this.#endWhenIdle();
      },
      ended: () => {
        // Where the next byte would have belonged to an answer, the client must not take what it has for complete.
        if (endedWithoutCloseNotify(primary) && !this.#watch.isIdle) {
          primary.destroy(new Error("the primary's TLS connection was cut"));
          return;
        }
        client.end();
        this.#watch.primaryEnded();
        this.#expectOtherHalf();
      },
    });
  }

  /** No exchange after the one under way: a pair without one is ended at once, the others right after their answer.
   * A pair that is not observed goes on until it ends by itself or is `cut`. */
  drain(): void {
    this.#isDraining = true;
    this.#endWhenIdle();
  }

  /** Ends the pair now, whatever is under way.
   * @returns whether it was still in use */
  cut(): boolean {
    const inUse = this.#end !== "drained";
    if (inUse) {
      this.#end = "cut";
      this.#watch.closed("primary_abort");
    }
    this.#resetBoth();
    return inUse;
  }

  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    this.#activity++;
    if (to.write(chunk)) return;
    from.pause();
    this.#lookAtPaused(from);
  }

  #lookAtPaused(from: Socket): void {
    if (this.#looking.has(from)) return;
    this.#looking.add(from);
    this.#clock.after(
      pausedLook,
      () => {
        this.#looking.delete(from);
        if (!from.isPaused() || from.destroyed) return;
        noticeReset(from);
        this.#lookAtPaused(from);
      },
      { unref: true },
    );
  }

  #endWhenIdle(): void {
    if (!this.#watch.isIdle || this.#end === "drained") return;
    this.#end = "drained";
    this.#client.end();
    this.#primary.end();
    this.#clock.after(drainLinger, () => this.#resetBoth(), { unref: true });
  }

  #expectOtherHalf(): void {
    if (this.#cancelHalfOpen !== null) return;
    const activity = this.#activity;
    this.#cancelHalfOpen = this.#clock.after(
      halfOpenTimeout,
      () => {
        this.#cancelHalfOpen = null;
        // An answer may take as long as it likes: nobody else may end it.
        if (this.#activity !== activity || this.#watch.awaitsAnswer) {
          this.#expectOtherHalf();
          return;
        }
        this.#end = "timed-out";
        this.#resetBoth();
      },
      { unref: true },
    );
  }

  #resetBoth(): void {
    resetSocket(this.#client);
    resetSocket(this.#primary);
  }

  /** When one side goes with an error, the other is reset. */
  #follow(side: Socket, other: Socket, end: SpliceEnd): void {
    const reason: BrokenOffReason = end === "client-reset" ? "client_abort" : "primary_abort";
    side.on("error", () => {
      // Every error of a socket is followed by its close; that is where both sides are handled.
    });
    side.on("close", (hadError: boolean) => {
      this.#openSides--;
      if (hadError && this.#openSides > 0) {
        this.#end = end;
        // What a client has sent before its reset is void, as it would be without us; what a primary has, reaches the client first.
        if (side === this.#client) resetSocket(other);
        else resetWhenWritten(other);
        this.#expectOtherHalf();
      }
      if (this.#openSides === 1 && hadError) this.#watch.closed(reason);
      if (this.#openSides > 0) return;
      this.#cancelHalfOpen?.();
      this.#watch.closed(reason);
      this.#closed(this.#end);
    });
  }
}
