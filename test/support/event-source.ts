/** A reader of Server-Sent Events for tests: an HTTP client that asks again when its connection breaks, as browsers do. */

import { type ClientRequest, get } from "node:http";

export interface ServerEvent {
  readonly event: string;
  readonly id: number;
  readonly data: unknown;
  /** When it came, on this process's monotonic clock. */
  readonly at: number;
}

const retryMs = 100;
const untilMs = 20_000;

export class EventReader {
  readonly events: ServerEvent[] = [];
  readonly #url: string;
  #request: ClientRequest | null = null;
  #isClosed = false;
  #watchers: (() => void)[] = [];
  /** Connections that were answered with a stream. */
  connections = 0;

  /** @param url of the page, with its slash */
  constructor(url: string) {
    this.#url = new URL("api/events", url).href;
    this.#connect();
  }

  /** The first event that fits, among those that have come and that will. */
  async first<T>(event: string, fits: (data: T) => boolean, within: number = untilMs): Promise<{ readonly data: T; readonly at: number }> {
    const deadline = performance.now() + within;
    for (let looked = 0; ; ) {
      for (; looked < this.events.length; looked++) {
        const each = this.events[looked];
        if (each?.event === event && fits(each.data as T)) return { data: each.data as T, at: each.at };
      }
      if (performance.now() > deadline) throw new Error(`no such ${event} in ${within} ms; the last events: ${this.#tail()}`);
      await this.#next();
    }
  }

  /** Forgets what has come. */
  forget(): void {
    this.events.length = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#request?.destroy();
  }

  #tail(): string {
    return JSON.stringify(this.events.slice(-2)).slice(0, 1000);
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const wake = setTimeout(resolve, 1000);
      this.#watchers.push(() => {
        clearTimeout(wake);
        resolve();
      });
    });
  }

  #connect(): void {
    if (this.#isClosed) return;
    let isOver = false;
    const again = (): void => {
      if (isOver) return;
      isOver = true;
      setTimeout(() => this.#connect(), retryMs).unref();
    };
    this.#request = get(this.#url, { agent: false }, (response) => {
      if (response.headers["content-type"] === "text/event-stream") this.connections++;
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      });
      response.on("error", again);
      response.on("close", again);
    });
    this.#request.on("error", again);
  }

  #take(block: string): void {
    const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const));
    const [event, data] = [fields.get("event"), fields.get("data")];
    if (event === undefined || data === undefined) return;
    this.events.push({ event, id: Number(fields.get("id")), data: JSON.parse(data), at: performance.now() });
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
