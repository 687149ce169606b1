/** Writes of which nobody knows whether they took effect: they were about to leave when the process was killed, and no answer of
 * theirs came into the log. They are not sent again; the scope that they write to counts as diverged from there on.
 *
 *    writes.ndjson   w1 w2 w3 w4      one per write, before it leaves
 *    entries.ndjson  w1 w3            one per exchange, after its answers
 *                       └ w2 and w4 are in doubt
 *
 * Both files are about in the same order, so that going through them side by side holds no more than was under way. */

import { type Exchange, isSafeMethod, type Outcome } from "../model/exchange.ts";
import type { RunEntry } from "../model/observation.ts";
import { milliseconds } from "../model/units.ts";
import { exchangeKey } from "./logged-exchanges.ts";

/** What stands in the run for the answer of such a write: the connection was closed from our side. */
export const unknownOutcome: Outcome = { kind: "aborted", tookMs: milliseconds(0), detail: "interrupted" };

export class DoubtfulWrites {
  readonly #intents: AsyncGenerator<string>;
  /** Intents less observations, by exchange; nothing where they are equal. */
  readonly #open = new Map<string, number>();
  /** There are no more intents. */
  #isRead = false;

  constructor(intents: AsyncGenerator<string>) {
    this.#intents = intents;
  }

  /** Takes in the next entry of the log. */
  async observe(entry: RunEntry): Promise<void> {
    if (entry.kind !== "observation") return;
    const { exchange, candidate } = entry.observation;
    // What was never to be sent has no intent.
    if (isSafeMethod(exchange.request.method) || candidate === null) return;
    await this.#readIntent();
    // After the last intent there is none to wait for: runs of earlier versions have no intents at all.
    if (!this.#isRead || (this.#open.get(exchangeKey(exchange)) ?? 0) > 0) this.#count(exchangeKey(exchange), -1);
  }

  /** The log is at its end. */
  async end(): Promise<void> {
    while (await this.#readIntent());
  }

  /** Whether the exchange, which the log does not know, is such a write; each is told once. */
  take(exchange: Exchange): boolean {
    const key = exchangeKey(exchange);
    if (isSafeMethod(exchange.request.method) || (this.#open.get(key) ?? 0) <= 0) return false;
    this.#count(key, -1);
    return true;
  }

  async #readIntent(): Promise<boolean> {
    if (this.#isRead) return false;
    const next = await this.#intents.next();
    this.#isRead = next.done === true;
    if (next.done !== true) this.#count(next.value, 1);
    return next.done !== true;
  }

  #count(key: string, by: 1 | -1): void {
    const open = (this.#open.get(key) ?? 0) + by;
    if (open === 0) this.#open.delete(key);
    else this.#open.set(key, open);
  }
}

/** The exchanges that may be sent; each of the others is handed over instead. */
export async function* withoutDoubtful<Item extends Exchange>(
  items: AsyncIterable<Item>,
  { doubtful, keep }: { readonly doubtful: DoubtfulWrites; readonly keep: (item: Item) => void },
): AsyncGenerator<Item> {
  for await (const item of items) {
    if (doubtful.take(item)) keep(item);
    else yield item;
  }
}
