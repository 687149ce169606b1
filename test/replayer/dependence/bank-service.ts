/** A small service with state, in builds with a bug each, to find out what a difference depends on.
 *
 *    POST /transfers/N        moves 1 from an account of ledger N to another; answers the sum of all, which never changes
 *    GET  /notes/N            the note, through a cache          PUT /notes/N   writes it
 *    GET  /items/N            an item                            GET /quotes/N  a quote
 *    POST /carts              makes a cart with a random id     POST /carts/ID/items, GET /carts/ID   fill it, show it
 *    POST /reset              the first state again
 *
 * Given their conditions the bugs always happen, but for the one that is there to come and go. */

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { seededRandom } from "../../../model/random.ts";
import { type Service, startService } from "../../support/service.ts";

type Account = "giro" | "savings" | "cash";
export type Bug = "lost-update" | "stale-cache" | "wrong-field" | "random-failure" | "wrong-currency" | "wrong-total";

export interface BankOptions {
  readonly bug?: Bug;
  readonly seed?: number;
}

interface State {
  readonly carts: Map<string, number>;
  readonly ledgers: Map<string, Record<Account, number>>;
  readonly notes: Map<string, string>;
  /** `afterWrite`: it was filled when the note had been written since the reset. */
  readonly cache: Map<string, { readonly note: string; readonly afterWrite: boolean }>;
}

/** Between reading a balance and writing it: a slow database, so that what overlaps does so on a busy machine too. */
const pauseMs = 20;
const failureRate = 0.05;

export async function startBank({ bug, seed = 1 }: BankOptions = {}): Promise<Service> {
  let state = firstState();
  const random = seededRandom(seed);
  const locks = new Map<string, Promise<void>>();

  const transfer = async (id: string, from: Account): Promise<number> => {
    const ledger = state.ledgers.get(id) ?? { giro: 0, savings: 60, cash: 40 };
    state.ledgers.set(id, ledger);
    const { giro } = ledger;
    await pause();
    ledger[from] -= 1;
    ledger.giro = giro + 1;
    return ledger.giro + ledger.savings + ledger.cash;
  };
  const locked = async (id: string, from: Account): Promise<number> => {
    const done = (locks.get(id) ?? Promise.resolve()).then(() => transfer(id, from));
    locks.set(
      id,
      done.then(() => undefined),
    );
    return await done;
  };
  const noteOf = (id: string): string => {
    const { notes, cache } = state;
    const note = cache.get(id)?.note ?? notes.get(id) ?? "nothing yet";
    cache.set(id, { note, afterWrite: notes.has(id) });
    return note;
  };
  const write = (id: string, note: string): void => {
    // The bug: what was cached after a write is believed to be kept up to date by somebody else.
    if (bug !== "stale-cache" || state.cache.get(id)?.afterWrite !== true) state.cache.delete(id);
    state.notes.set(id, note);
  };
  const newCart = (): string => {
    const id = randomUUID();
    state.carts.set(id, 0);
    return id;
  };
  const cartOf = (id: string, more: number): readonly [number, unknown] => {
    const before = state.carts.get(id);
    if (before === undefined) return [404, { error: "no such cart" }];
    const items = before + more;
    state.carts.set(id, items);
    const total = bug === "wrong-total" && items > 1 ? 5 : items * 5;
    return [200, { items, total, currency: bug === "wrong-currency" ? null : "EUR" }];
  };
  const answer = async (method: string, path: string, body: string): Promise<readonly [number, unknown]> => {
    const [, collection, id = ""] = path.split("/");
    switch (`${method} ${collection}`) {
      case "POST carts":
        return id === "" ? [201, { id: newCart() }] : cartOf(id, 1);
      case "GET carts":
        return cartOf(id, 0);
      case "POST transfers": {
        const { from } = JSON.parse(body) as { from: Account };
        return [200, { id, sum: await (bug === "lost-update" ? transfer(id, from) : locked(id, from)) }];
      }
      case "GET notes":
        return [200, { id, note: noteOf(id) }];
      case "PUT notes":
        write(id, (JSON.parse(body) as { note: string }).note);
        return [200, { id, saved: true }];
      case "GET items":
        return [200, { id, name: `item ${id}`, price: bug === "wrong-field" ? "12" : 12 }];
      case "GET quotes":
        if (bug === "random-failure" && random.next() < failureRate) return [500, { error: "out of quotes" }];
        return [200, { id, text: `quote ${id}` }];
      case "POST reset":
        state = firstState();
        return [200, {}];
      default:
        return [404, { error: "no such page" }];
    }
  };
  return await startService((request: IncomingMessage, response: ServerResponse, body) => {
    const send = ([status, value]: readonly [number, unknown]): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    void answer(request.method ?? "GET", request.url ?? "/", body).then(send);
  });
}

function firstState(): State {
  return { carts: new Map(), ledgers: new Map(), notes: new Map(), cache: new Map() };
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, pauseMs);
  });
}
