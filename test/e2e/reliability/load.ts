/** Steady users: keep-alive connections that send at a fixed rate and check every answer byte for byte.
 *
 *    due at a fixed time ──► send ──► compare each byte that comes ──► answered: time since it was due
 *
 * The time counts from when a request was due, so that a stall cannot hide the requests that it kept from being sent. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerBytes, type Form, type Mix, requestBytes, requestPath } from "./traffic.ts";

export interface LoadResult {
  readonly requests: number;
  /** One line each: which request, and what was wrong. */
  readonly failures: readonly string[];
  /** Of answered requests, in ms. */
  readonly took: readonly number[];
}

export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  /** Of all clients together. */
  readonly perSecond: number;
  readonly mix: Mix;
}

/** A user who waits longer has gone. */
const patienceMs = 10_000;

export class Load {
  readonly #options: LoadOptions;
  readonly #users: readonly User[];
  #sent = 0;

  static async start(options: LoadOptions): Promise<Load> {
    const { hostname, port } = new URL(options.url);
    const users = Array.from({ length: options.clients }, (_, index) => new User(`user-${index}`, hostname, Number(port)));
    await Promise.all(users.map((user) => user.connected));
    return new Load(options, users);
  }

  private constructor(options: LoadOptions, users: readonly User[]) {
    this.#options = options;
    this.#users = users;
  }

  /** Sends for so long and waits for the last answers. */
  async run(durationMs: number): Promise<LoadResult> {
    const { perSecond, clients, mix } = this.#options;
    const begun = performance.now();
    const failures: string[] = [];
    const took: number[] = [];
    let requests = 0;
    const betweenMs = 1000 / perSecond;
    const drive = async (user: User, index: number): Promise<void> => {
      for (let due = begun + index * betweenMs; due < begun + durationMs && !user.isGone; due += clients * betweenMs) {
        const early = due - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        requests++;
        const number = this.#sent++;
        if (await user.ask(number, mix(number))) took.push(performance.now() - due);
      }
      failures.push(...user.problems.splice(0));
    };
    await Promise.all(this.#users.map(drive));
    return { requests, failures, took };
  }

  stop(): void {
    for (const user of this.#users) user.leave();
  }
}

/** One keep-alive connection; one request at a time. Ends with the first problem. */
class User {
  /** What was wrong, with which request; taken by who reads it. */
  readonly problems: string[] = [];
  isGone = false;
  readonly connected: Promise<unknown>;
  readonly #name: string;
  readonly #socket: Socket;
  #asked = "no request";
  #expected: Buffer | null = null;
  #received = 0;
  #answered: (isRight: boolean) => void = () => undefined;

  constructor(name: string, host: string, port: number) {
    this.#name = name;
    this.#socket = connect({ host, port, noDelay: true });
    this.connected = once(this.#socket, "connect");
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    this.#socket.on("close", () => this.#fail("the connection was closed"));
  }

  /** @returns whether the answer was the primary's, byte for byte */
  ask(number: number, form: Form): Promise<boolean> {
    this.#asked = requestPath(number, form);
    this.#expected = answerBytes(number, form);
    this.#received = 0;
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.#fail(`no answer in ${patienceMs} ms`), patienceMs);
      this.#answered = (isRight) => {
        clearTimeout(patience);
        this.#expected = null;
        resolve(isRight);
      };
      this.#socket.write(requestBytes(number, form, this.#name));
    });
  }

  leave(): void {
    this.isGone = true;
    this.#socket.end();
    this.#socket.once("end", () => this.#socket.destroy());
  }

  #receive(chunk: Buffer): void {
    const expected = this.#expected;
    if (expected === null) return this.#fail(`${chunk.length} bytes that nobody asked for`);
    const until = this.#received + chunk.length;
    if (until > expected.length) return this.#fail(`${until} bytes instead of ${expected.length}`);
    if (!expected.subarray(this.#received, until).equals(chunk)) return this.#fail(`changed after byte ${this.#received}`);
    this.#received = until;
    if (until === expected.length) this.#answered(true);
  }

  #fail(problem: string): void {
    if (this.isGone) return;
    this.isGone = true;
    this.problems.push(`${this.#name}, ${this.#asked}: ${problem}`);
    this.#answered(false);
    this.#socket.destroy();
  }
}
