/** The clients of the event stream (Server-Sent Events, WHATWG HTML §9.2), each with the latest and no more.
 *
 *    report, state ──► one frame for all ──┬─► client that reads: at once
 *                                          ├─► client that is behind: the latest, once it has read what it got
 *                                          └─► client that reads nothing for a while: dropped
 *
 * No client has a queue: what waits for it is at most the frame that it is being sent. */

import type { ServerResponse } from "node:http";
import { type Clock, sleep } from "../../model/clock.ts";
import { type Milliseconds, type MonotonicMs, milliseconds } from "../../model/units.ts";

/** Browsers open a few of them; each costs a socket and no memory of its own. */
const mostClients = 200;
/** A client on a bad line may take a while for a large report. */
const patience: Milliseconds = milliseconds(10_000);
const endWithin: Milliseconds = milliseconds(3000);
/** What a client waits before it asks again after a break. */
const retryMs = 1000;

interface Client {
  readonly response: ServerResponse;
  /** Since when it has not read what it was sent; null = it has. */
  behindSince: MonotonicMs | null;
  /** Number of the report that it has. */
  report: number;
}

export class EventStreams {
  readonly #clock: Clock;
  readonly #clients = new Set<Client>();
  #lastId = 0;
  #report: { readonly number: number; readonly data: string; frame: Buffer } | null = null;
  #state: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#clients.size >= mostClients;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Takes a client whose head has been sent, and tells it what is known. */
  add(response: ServerResponse): void {
    const client: Client = { response, behindSince: null, report: 0 };
    this.#clients.add(client);
    response.on("close", () => this.#clients.delete(client));
    response.on("error", () => this.#clients.delete(client));
    response.on("drain", () => {
      client.behindSince = null;
      this.#catchUp(client);
    });
    this.#write(client, `retry: ${retryMs}\n\n`);
    // In this order, so that ids go up: the report's frame is older.
    this.#catchUp(client);
    if (this.#state !== null) this.#write(client, this.#frame("state", this.#state));
  }

  /** @param data JSON, on one line; the same as before is not sent again */
  report(data: string): void {
    if (data === this.#report?.data) return;
    const frame = Buffer.from(this.#frame("report", data));
    this.#report = { number: (this.#report?.number ?? 0) + 1, data, frame };
    for (const client of this.#clients) this.#catchUp(client);
  }

  /** Also the heartbeat, and when clients that read nothing are looked for.
   * @param data JSON, on one line */
  state(data: string): void {
    this.#state = data;
    const frame = this.#frame("state", data);
    const now = this.#clock.monotonic();
    for (const client of [...this.#clients]) {
      if (client.behindSince === null) this.#write(client, frame);
      else if (now - client.behindSince > patience) client.response.destroy();
    }
  }

  /** Ends every stream after what it was sent; resolves when all of it has left, at most after a bound. */
  async end(): Promise<void> {
    const left = [...this.#clients].map(({ response }) => new Promise<void>((resolve) => response.end(() => resolve())));
    await Promise.race([Promise.all(left), sleep(this.#clock, endWithin)]);
    for (const { response } of this.#clients) response.destroy();
  }

  #catchUp(client: Client): void {
    const report = this.#report;
    if (report === null || client.report === report.number || client.behindSince !== null) return;
    client.report = report.number;
    this.#write(client, report.frame);
  }

  #write(client: Client, frame: string | Buffer): void {
    if (client.response.destroyed || client.response.writableEnded) return;
    if (!client.response.write(frame)) client.behindSince ??= this.#clock.monotonic();
  }

  /** Ids go up across restarts of this process as well. */
  #frame(event: string, data: string): string {
    this.#lastId = Math.max(this.#lastId + 1, Math.floor(this.#clock.now()));
    return `id: ${this.#lastId}\nevent: ${event}\ndata: ${data}\n\n`;
  }
}
