/** The dashboard as a child of the live process, which never waits for it.
 *
 *    absent ──spawn──► running ──exit, silence──► absent ──backoff──► …
 *                         └──finish: it shows the end, and exits in its own time; killed after a bound
 *
 * What the child does not read is not written: while the pipe holds something, it gets nothing new. */

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CancelTimer, Clock } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../../model/units.ts";
import { type DashboardOptions, type DashboardState, messageLine } from "../dashboard/protocol.ts";

const entry = new URL("./dashboard-process.ts", import.meta.url);
/** Of each thread. A run of a million exchanges is judged in it. One that needs more dies, and its successor tries again later. */
const heapMebibytes = 768;
/** Of young objects: what is decoded is compared and forgotten. By default they take three times as much, for no less CPU time. */
const youngMebibytes = 8;

const stateInterval: Milliseconds = milliseconds(1000);
/** Silent for so many of our own beats: killed. Judging a large run may take some of them. */
const silentBeatsAllowed = 60;
const firstBackoff: Milliseconds = milliseconds(200);
const longestBackoff: Milliseconds = milliseconds(30_000);
/** Up for so long: the next failure is a new one. */
const settledAfter: Milliseconds = milliseconds(30_000);

export interface DashboardChildOptions {
  readonly options: DashboardOptions;
  readonly state: () => DashboardState;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export class DashboardChild {
  readonly #given: DashboardChildOptions;
  #options: DashboardOptions;
  #child: ChildProcess | null = null;
  #startedAt: MonotonicMs;
  #silentBeats = 0;
  #backoff: Milliseconds = firstBackoff;
  #cancelRestart: CancelTimer | null = null;
  #cancelBeat: CancelTimer | null = null;
  #isFinishing = false;
  #onExit: (() => void)[] = [];

  constructor(given: DashboardChildOptions) {
    this.#given = given;
    this.#options = given.options;
    this.#startedAt = given.clock.monotonic();
  }

  start(): void {
    this.#spawn();
    this.#beat();
  }

  /** The same place, judged by other options: another process takes over. */
  renew(changes: Partial<DashboardOptions>): void {
    this.#options = { ...this.#options, ...changes };
    this.#backoff = firstBackoff;
    this.#child?.kill("SIGKILL");
  }

  /** The run has ended. Nothing is started again.
   * @returns how to wait until the dashboard has shown it and is gone, at most for `bound` */
  finish(): (bound: Milliseconds) => Promise<void> {
    this.#isFinishing = true;
    this.#cancelBeat?.();
    this.#cancelRestart?.();
    const child = this.#child;
    if (child === null) return () => Promise.resolve();
    const gone = new Promise<void>((resolve) => this.#onExit.push(resolve));
    this.#write(child, { ...this.#given.state(), observer: "finished" });
    return async (bound) => {
      const cancel = this.#given.clock.after(bound, () => child.kill("SIGKILL"));
      await gone;
      cancel();
    };
  }

  #spawn(): void {
    const child = this.#tryToSpawn();
    if (child === null) return this.#scheduleRestart();
    this.#child = child;
    this.#startedAt = this.#given.clock.monotonic();
    this.#silentBeats = 0;
    child.stdout?.on("data", () => {
      this.#silentBeats = 0;
    });
    // Its end follows as `exit`, or as `error` when it never began.
    child.stdin?.on("error", () => undefined);
    child.stdout?.on("error", () => undefined);
    let isGone = false;
    const gone = (how: string): void => {
      if (isGone) return;
      isGone = true;
      this.#gone(how);
    };
    child.once("error", (error) => gone(error.message));
    child.once("exit", (code, signal) => gone(signal ?? `exit code ${code}`));
    child.stdin?.write(messageLine({ kind: "options", options: this.#options }));
    this.#write(child, this.#given.state());
  }

  #tryToSpawn(): ChildProcess | null {
    try {
      const bounds = [`--max-old-space-size=${heapMebibytes}`, `--max-semi-space-size=${youngMebibytes}`];
      return spawn(process.execPath, [...bounds, fileURLToPath(entry)], { stdio: ["pipe", "pipe", "inherit"] });
    } catch (error) {
      this.#given.log(`dashboard.not-started ${String(error)}`);
      return null;
    }
  }

  #gone(how: string): void {
    this.#child = null;
    for (const resolve of this.#onExit.splice(0)) resolve();
    if (this.#isFinishing) return;
    this.#given.log(`dashboard.gone ${how}`);
    if (this.#given.clock.monotonic() - this.#startedAt >= settledAfter) this.#backoff = firstBackoff;
    this.#scheduleRestart();
  }

  #scheduleRestart(): void {
    if (this.#isFinishing) return;
    this.#cancelRestart = this.#given.clock.after(this.#backoff, () => this.#spawn(), { unref: true });
    this.#backoff = milliseconds(Math.min(longestBackoff, this.#backoff * 2));
  }

  #beat(): void {
    this.#cancelBeat = this.#given.clock.after(
      stateInterval,
      () => {
        this.#beat();
        const child = this.#child;
        if (child === null) return;
        if (child.stdin?.writableLength === 0) this.#write(child, this.#given.state());
        if (++this.#silentBeats > silentBeatsAllowed) child.kill("SIGKILL");
      },
      { unref: true },
    );
  }

  #write(child: ChildProcess, state: DashboardState): void {
    child.stdin?.write(messageLine({ kind: "state", state }));
  }
}
