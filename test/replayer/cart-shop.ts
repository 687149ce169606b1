/** A small stateful service with random ids, and a way to record its traffic. */

import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../model/clock.ts";
import { type Exchange, type HttpRequest, noBody, type Outcome } from "../../model/exchange.ts";
import { type EpochMs, epochMs } from "../../model/units.ts";
import { RecordingWriter } from "../../recording/writer.ts";
import { Target } from "../../target/target.ts";

export interface ShopOptions {
  /** The planted difference: `total` as text instead of a number. */
  readonly totalAsText?: boolean;
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
}

export interface Shop {
  readonly url: string;
  /** Method and target of every request, in order of arrival. */
  readonly seen: string[];
  readonly headersSeen: NodeJS.Dict<string | string[]>[];
  close(): Promise<void>;
}

/** `POST /carts` makes a cart with a random id; `POST /carts/ID/items` adds to it; `GET /carts/ID` shows it. */
export async function startShop({ totalAsText = false, delayMs = 0 }: ShopOptions = {}): Promise<Shop> {
  const carts = new Map<string, number>();
  const seen: string[] = [];
  const headersSeen: NodeJS.Dict<string | string[]>[] = [];
  const answer = (method: string, path: string): readonly [number, unknown] => {
    const [, collection, id, part] = path.split("/");
    if (collection === "items") return [200, { name: id, price: 5 }];
    if (collection !== "carts") return [404, { error: "no such page" }];
    if (method === "POST" && id === undefined) {
      const cart = randomUUID();
      carts.set(cart, 0);
      return [201, { id: cart }];
    }
    const count = carts.get(id ?? "");
    if (id === undefined || count === undefined) return [404, { error: "no such cart" }];
    if (method === "POST" && part === "items") carts.set(id, count + 1);
    const total = (carts.get(id) ?? 0) * 5;
    return [200, { id, total: totalAsText ? `${total}` : total }];
  };
  const server: Server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    headersSeen.push(incoming.headers);
    const [status, body] = answer(incoming.method ?? "GET", incoming.url ?? "/");
    const send = (): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    headersSeen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function request(method: string, target: string, headers: readonly (readonly [string, string])[] = []): HttpRequest {
  return { method, target, version: "1.1", headers: [["Host", "shop"], ...headers], body: noBody };
}

/** Sends requests to a primary and keeps what happened, with times that the test chooses. */
export class Recorder {
  readonly exchanges: Exchange[] = [];
  readonly #primary: Target;

  constructor(shop: Shop) {
    this.#primary = new Target({ name: "primary", url: shop.url, timeoutMs: 2000, clock: systemClock });
  }

  async send(lane: string, at: number, sent: HttpRequest): Promise<Outcome> {
    const outcome = await this.#primary.send(sent);
    // Short recorded answers, so that the recorded order does not depend on how fast the test ran.
    const recorded = outcome.kind === "answered" ? { ...outcome, tookMs: 1 as typeof outcome.tookMs } : outcome;
    this.exchanges.push({ id: `x${this.exchanges.length}`, at: recordedTime(at), lane, labels: {}, request: sent, outcome: recorded });
    return outcome;
  }

  /** Every lane makes a cart, fills it and looks at it, with the lanes overlapping. */
  async sendLanes(lanes: number): Promise<void> {
    for (let lane = 0; lane < lanes; lane++) {
      const at = lane * 2;
      const made = await this.send(`lane${lane}`, at, request("POST", "/carts"));
      const { id } = bodyOf(made) as { id: string };
      await this.send(`lane${lane}`, at + 20, request("GET", `/items/apple`));
      await this.send(`lane${lane}`, at + 40, request("POST", `/carts/${id}/items`));
      await this.send(`lane${lane}`, at + 60, request("GET", `/carts/${id}`));
    }
  }

  /** Writes a recording and closes the connection to the primary. */
  async write(directory: string): Promise<void> {
    await this.#primary.close();
    const dropped: string[] = [];
    const writer = RecordingWriter.open(directory, {
      labels: {},
      epoch: "test",
      clock: systemClock,
      redaction: "off",
      keyId: null,
      onCommitted: () => {},
      onDropped: (_sequences, reason) => dropped.push(reason),
      onPaused: () => {},
    });
    this.exchanges.forEach((exchange, index) => writer.append(index + 1, exchange));
    writer.close();
    if (dropped.length > 0) throw new Error(`not recorded: ${dropped.join()}`);
  }
}

function recordedTime(offset: number): EpochMs {
  return epochMs(1_763_798_400_000 + offset);
}

export function bodyOf(outcome: Outcome): unknown {
  if (outcome.kind !== "answered" || outcome.answer.body.kind !== "whole") throw new Error(`no answer with a body: ${outcome.kind}`);
  return JSON.parse(Buffer.from(outcome.answer.body.bytes).toString("utf8"));
}
