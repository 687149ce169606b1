/** Keeps one observer process alive, without ever depending on it.
 *
 *    absent ──spawn──► starting ──ready──► ready ──exit, silence, broken pipe──► absent ──backoff──► …
 *                                            └──stop: end of pipe──► it flushes, disposes of the rest, exits
 */

import type { ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";
import type { CancelTimer, Clock } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../../model/units.ts";
import type { ObserverFigures } from "../handover/figures.ts";
import { HandoverError, MessageDecoder } from "../handover/message-decoder.ts";
import type { HandoverMessage } from "../handover/messages.ts";
import type { HandOver } from "./hand-over.ts";
import type { Ledger } from "./ledger.ts";

/** Number of the pipe among the child's file descriptors. */
const handoverDescriptor: number = 3;

const beatInterval: Milliseconds = milliseconds(1000);
/** Silent for so many of our own beats: killed. Beats are counted, not time, so that a stop of this process itself
 * (a debugger, a suspended machine) does not kill a healthy child. */
const silentBeatsAllowed = 5;
/** A process that is starting may take longer until its first message. */
const startingBeatsAllowed = 30;
/** Every tenth beat carries the ledger: a recording knows within 10 s what it is missing. */
const beatsPerCounters = 10;
const firstBackoff: Milliseconds = milliseconds(100);
const longestBackoff: Milliseconds = milliseconds(10_000);
/** Ready for so long: the next failure is a new one, and backoff begins anew. */
const settledAfter: Milliseconds = milliseconds(10_000);
/** After its exit, time for what it had written to arrive. */
const pipeLinger: Milliseconds = milliseconds(1000);

export type ObserverState = "starting" | "ready" | "absent" | "finishing" | "stopped";
export type StopResult = "exited" | "killed" | "absent";

export type SupervisorEvent =
  | { readonly name: "observer.started"; readonly pid: number }
  | { readonly name: "observer.ready"; readonly pid: number }
  | { readonly name: "observer.silent"; readonly pid: number }
  | { readonly name: "observer.faulty"; readonly pid: number; readonly problem: string }
  | { readonly name: "observer.gone"; readonly pid: number; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly name: "observer.not-started"; readonly problem: string };

export interface SupervisorOptions {
  /** Starts the process with a pipe as file descriptor 3 (`stdio[3]: "pipe"`). */
  readonly spawnObserver: () => ChildProcess;
  readonly handOver: HandOver;
  readonly ledger: Ledger;
  /** How much is sampled, for the recording. */
  readonly sampling: () => object;
  readonly clock: Clock;
  readonly log: (event: SupervisorEvent) => void;
}

/** One child from its start to its end. */
interface Incarnation {
  readonly child: ChildProcess;
  readonly pipe: Duplex;
  readyAt: MonotonicMs | null;
  heard: boolean;
  silentBeats: number;
  exited: boolean;
  closed: boolean;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  #state: ObserverState = "absent";
  #current: Incarnation | null = null;
  #backoff: Milliseconds = firstBackoff;
  #cancelBeat: CancelTimer | null = null;
  #cancelRestart: CancelTimer | null = null;
  #starts = 0;
  #beats = 0;
  #figures: Uint8Array | null = null;
  #onReady: (() => void)[] = [];
  #onGone: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get state(): ObserverState {
    return this.#state;
  }

  /** What an observer told last of what it counts; null before the first. */
  get figures(): ObserverFigures | null {
    // Both ends are one build: the shape is not checked again.
    return this.#figures === null ? null : (JSON.parse(Buffer.from(this.#figures).toString()) as ObserverFigures);
  }

  /** How often an observer was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The running child's process id, for tests and logs. */
  get pid(): number | null {
    return this.#current?.child.pid ?? null;
  }

  start(): void {
    this.#spawn();
    this.#beat();
  }

  /** Resolves when an observer is ready, or after `bound` without one. */
  untilReady(bound: Milliseconds): Promise<void> {
    if (this.#state === "ready") return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(bound, resolve);
      this.#onReady.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Ends the pipe, lets the observer flush and say what became of everything, and waits for its exit; kills it
   * after `bound`. Nothing is started again. */
  async stop(bound: Milliseconds): Promise<StopResult> {
    this.#cancelRestart?.();
    this.#cancelBeat?.();
    const incarnation = this.#current;
    const { handOver, clock } = this.#options;
    if (incarnation === null) {
      this.#state = "stopped";
      return "absent";
    }
    this.#state = "finishing";
    let result: StopResult = "exited";
    const gone = new Promise<void>((resolve) => this.#onGone.push(resolve));
    handOver.detach();
    incarnation.pipe.end();
    const cancel = clock.after(bound, () => {
      result = "killed";
      incarnation.child.kill("SIGKILL");
    });
    await gone;
    cancel();
    this.#state = "stopped";
    return result;
  }

  #spawn(): void {
    this.#starts++;
    this.#state = "starting";
    let child: ChildProcess;
    try {
      child = this.#options.spawnObserver();
    } catch (error) {
      this.#notStarted(String(error));
      return;
    }
    if (child.pid === undefined) {
      // Out of descriptors or memory: such a child has no pipes at all, and says so with an event.
      child.once("error", (error) => this.#notStarted(String(error)));
      return;
    }
    const pipe = child.stdio[handoverDescriptor];
    if (!(pipe instanceof Duplex)) {
      child.kill("SIGKILL");
      this.#notStarted("it was started without a pipe");
      return;
    }
    const incarnation: Incarnation = { child, pipe, readyAt: null, heard: false, silentBeats: 0, exited: false, closed: false };
    this.#current = incarnation;
    this.#options.log({ name: "observer.started", pid: child.pid });
    this.#follow(incarnation);
    this.#options.handOver.attach(pipe);
  }

  #follow(incarnation: Incarnation): void {
    const { child, pipe } = incarnation;
    const decoder = new MessageDecoder((message) => this.#receive(incarnation, message));
    pipe.on("data", (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        this.#options.log({ name: "observer.faulty", pid: child.pid ?? 0, problem: String(error) });
        pipe.destroy();
      }
    });
    // Its end follows as `close`, which is where the loss is counted.
    pipe.on("error", () => undefined);
    child.on("error", (error) => this.#options.log({ name: "observer.faulty", pid: child.pid ?? 0, problem: String(error) }));
    pipe.once("close", () => {
      incarnation.closed = true;
      if (!incarnation.exited && this.#state !== "finishing") child.kill("SIGKILL");
      this.#goneWhenBoth(incarnation);
    });
    child.once("exit", () => {
      incarnation.exited = true;
      if (!incarnation.closed) this.#options.clock.after(pipeLinger, () => pipe.destroy(), { unref: true });
      this.#goneWhenBoth(incarnation);
    });
  }

  #receive(incarnation: Incarnation, message: HandoverMessage): void {
    incarnation.heard = true;
    incarnation.silentBeats = 0;
    if (message.kind === "heartbeat") return;
    if (message.kind === "disposition") this.#options.ledger.dispose(message.sequence, message.disposition);
    else if (message.kind === "ready") this.#becomeReady(incarnation);
    // A copy: the bytes are a view of whatever came with them.
    else if (message.kind === "figures") this.#figures = Uint8Array.from(message.json);
    else throw new HandoverError(`unexpected ${message.kind}`);
  }

  #becomeReady(incarnation: Incarnation): void {
    if (this.#state !== "starting") return;
    this.#state = "ready";
    incarnation.readyAt = this.#options.clock.monotonic();
    this.#options.handOver.ready();
    // Before the first copy: also a recording that ends with a kill has a ledger.
    this.#options.handOver.counters(this.#options.sampling());
    this.#options.log({ name: "observer.ready", pid: incarnation.child.pid ?? 0 });
    for (const resolve of this.#onReady.splice(0)) resolve();
  }

  /** Exit and end of pipe come in either order; only after both is everything that it said known. */
  #goneWhenBoth(incarnation: Incarnation): void {
    if (!incarnation.exited || !incarnation.closed || this.#current !== incarnation) return;
    const { child, readyAt } = incarnation;
    const { handOver, ledger, clock, log } = this.#options;
    this.#current = null;
    handOver.detach();
    ledger.observerLost();
    log({ name: "observer.gone", pid: child.pid ?? 0, exitCode: child.exitCode, signal: child.signalCode });
    if (readyAt !== null && clock.monotonic() - readyAt >= settledAfter) this.#backoff = firstBackoff;
    this.#scheduleRestart();
    for (const resolve of this.#onGone.splice(0)) resolve();
  }

  #notStarted(problem: string): void {
    this.#options.log({ name: "observer.not-started", problem });
    this.#scheduleRestart();
  }

  #scheduleRestart(): void {
    if (this.#state === "finishing" || this.#state === "stopped") return;
    this.#state = "absent";
    this.#cancelRestart = this.#options.clock.after(this.#backoff, () => this.#spawn(), { unref: true });
    this.#backoff = milliseconds(Math.min(longestBackoff, this.#backoff * 2));
  }

  #beat(): void {
    this.#cancelBeat = this.#options.clock.after(
      beatInterval,
      () => {
        this.#beat();
        const incarnation = this.#current;
        if (incarnation === null) return;
        this.#options.handOver.heartbeat();
        if (++this.#beats % beatsPerCounters === 0) this.#options.handOver.counters(this.#options.sampling());
        const allowed = incarnation.heard ? silentBeatsAllowed : startingBeatsAllowed;
        if (++incarnation.silentBeats <= allowed) return;
        this.#options.log({ name: "observer.silent", pid: incarnation.child.pid ?? 0 });
        incarnation.child.kill("SIGKILL");
      },
      { unref: true },
    );
  }
}
