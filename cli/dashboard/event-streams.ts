/** The clients of the event stream (Server-Sent Events, WHATWG HTML §9.2), each with the latest and no more.
 *
 *    report, seen, state ──► one frame for all ──┬─► client that reads: at once
 *                                                ├─► client that is behind: the latest of each, once it has read what it got
 *                                                └─► client that reads nothing for a while: dropped
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
  /** Id of the latest of the kept events that it has. */
  has: number;
}

/** An event whose latest is what counts. */
interface KeptEvent {
  readonly id: number;
  readonly data: string;
  readonly frame: Buffer;
}

export class EventStreams {
  readonly #clock: Clock;
  readonly #clients = new Set<Client>();
  #lastId = 0;
  /** By name, the oldest first. */
  readonly #kept = new Map<string, KeptEvent>();
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
    const client: Client = { response, behindSince: null, has: 0 };
    this.#clients.add(client);
    response.on("close", () => this.#clients.delete(client));
    response.on("error", () => this.#clients.delete(client));
    response.on("drain", () => {
      client.behindSince = null;
      this.#catchUp(client);
    });
    this.#write(client, `retry: ${retryMs}\n\n`);
    // In this order, so that ids go up: the kept frames are older.
    this.#catchUp(client);
    if (this.#state !== null) this.#write(client, this.#frame("state", this.#state));
  }

  /** What the page shows.
   * @param data JSON, on one line; the same as before is not sent again */
  report(data: string): void {
    this.#keep("report", data);
  }

  /** What was seen and is not in the report yet.
   * @param data JSON, on one line; the same as before is not sent again */
  seen(data: string): void {
    this.#keep("seen", data);
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

  #keep(event: string, data: string): void {
    if (data === this.#kept.get(event)?.data) return;
    // Taken out first: a map keeps the order in which names came.
    this.#kept.delete(event);
    const frame = Buffer.from(this.#frame(event, data));
    this.#kept.set(event, { id: this.#lastId, data, frame });
    for (const client of this.#clients) this.#catchUp(client);
  }

  #catchUp(client: Client): void {
    for (const { id, frame } of this.#kept.values()) {
      if (client.behindSince !== null) return;
      if (id <= client.has) continue;
      client.has = id;
      this.#write(client, frame);
    }
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
