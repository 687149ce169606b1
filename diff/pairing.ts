/** Which exchange of one recording answers the same request as which of another: by id where ids are
 * shared, else by lane, method, target and order. */

import type { Exchange } from "../model/exchange.ts";

/** Hands out partners; every exchange of the other recording is used at most once. */
export class Pairing {
  readonly #byId = new Map<string, Exchange>();
  readonly #byPlace = new Map<string, Exchange[]>();
  readonly #used = new Set<string>();

  /** @param others exchanges of the other recording, by request start */
  constructor(others: Iterable<Exchange>) {
    for (const exchange of others) {
      this.#byId.set(exchange.id, exchange);
      const place = placeOf(exchange);
      const queue = this.#byPlace.get(place);
      if (queue === undefined) this.#byPlace.set(place, [exchange]);
      else queue.push(exchange);
    }
  }

  /** The partner of `exchange`, or null. Call in order of request start: the n-th goes with the n-th. */
  partnerOf(exchange: Exchange): Exchange | null {
    const sameId = this.#byId.get(exchange.id);
    if (sameId !== undefined && isSameRequest(sameId, exchange)) return this.#take(sameId);
    const queue = this.#byPlace.get(placeOf(exchange)) ?? [];
    while (queue.length > 0) {
      const next = queue.shift();
      if (next !== undefined && !this.#used.has(next.id)) return this.#take(next);
    }
    return null;
  }

  /** How many exchanges of the other recording found no partner. */
  get leftOver(): number {
    return this.#byId.size - this.#used.size;
  }

  #take(partner: Exchange): Exchange | null {
    if (this.#used.has(partner.id)) return null;
    this.#used.add(partner.id);
    return partner;
  }
}

/** An id alone may be a mere line number; method and target have to agree, too. */
function isSameRequest(a: Exchange, b: Exchange): boolean {
  return a.request.method === b.request.method && a.request.target === b.request.target;
}

function placeOf(exchange: Exchange): string {
  return JSON.stringify([exchange.lane, exchange.request.method, exchange.request.target]);
}
