/** The recorded exchanges that a difference may depend on, read again from the recording: what began before the answer that
 * shows it had ended, from near to far.
 *
 *    alone ⊂ lane ⊂ related (lane, and same first path segment) ⊂ all        near = alone, and what overlaps with it
 *
 * Bounded: of each kind the latest are kept, whatever the length of the recording. */

import { type Exchange, heldBytes } from "../../model/exchange.ts";
import { scopeOf } from "../../target/scope.ts";
import { Producers } from "./producers.ts";

export interface Surroundings {
  readonly subject: Exchange;
  /** It and the exchanges whose answers it takes values from. */
  readonly alone: readonly Exchange[];
  readonly near: readonly Exchange[];
  readonly lane: readonly Exchange[];
  readonly related: readonly Exchange[];
  readonly all: readonly Exchange[];
}

/** Of each kind: an experiment sends them all, again and again. */
const mostExchanges = 200;
const mostBytes = 16 * 1024 * 1024;

/** Null when the recording does not hold the subject.
 * @param open reads the recording again from its beginning, in the order of starts */
export async function surroundingsOf(id: string, open: () => AsyncIterable<Exchange>): Promise<Surroundings | null> {
  const subject = await find(id, open());
  if (subject === null) return null;
  const end = subject.at + subject.outcome.tookMs;
  const scope = scopeOf(subject.request.target);
  const [lane, related, all] = [new Latest(), new Latest(), new Latest()];
  for await (const read of open()) {
    if (read.at > end) break;
    // One object for one exchange, so that it is found in every set.
    const exchange: Exchange = read.id === id ? subject : read;
    const isInLane = exchange === subject || isSameSession(exchange, subject);
    if (isInLane) lane.add(exchange);
    if (isInLane || scopeOf(exchange.request.target) === scope) related.add(exchange);
    all.add(exchange);
  }
  return divide(subject, lane.exchanges, related.exchanges, all.exchanges);
}

function divide(subject: Exchange, lane: readonly Exchange[], related: readonly Exchange[], others: readonly Exchange[]): Surroundings {
  const all = inOrder([...lane, ...related, ...others]);
  const producers = new Producers(all);
  const withProducers = (exchanges: readonly Exchange[]): Exchange[] =>
    inOrder(exchanges.flatMap((exchange) => [...producers.of(exchange), exchange]));
  return {
    subject,
    alone: withProducers([subject]),
    near: withProducers(all.filter((exchange) => overlaps(exchange, subject))),
    lane: withProducers(lane),
    related: withProducers(related),
    all,
  };
}

async function find(id: string, exchanges: AsyncIterable<Exchange>): Promise<Exchange | null> {
  for await (const exchange of exchanges) if (exchange.id === id) return exchange;
  return null;
}

function isSameSession(one: Exchange, other: Exchange): boolean {
  if (one.lane !== null || other.lane !== null) return one.lane === other.lane;
  return one.connection !== undefined && one.connection === other.connection;
}

function overlaps(one: Exchange, other: Exchange): boolean {
  return one.at <= other.at + other.outcome.tookMs && other.at <= one.at + one.outcome.tookMs;
}

/** By start; those that start together stay as they were. */
function inOrder(exchanges: readonly Exchange[]): Exchange[] {
  const byId = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
  return [...byId.values()].sort((a, b) => a.at - b.at);
}

/** The latest of a stream, within the bounds. */
class Latest {
  readonly exchanges: Exchange[] = [];
  #bytes = 0;

  add(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.#bytes += heldBytes(exchange);
    while (this.exchanges.length > mostExchanges || (this.#bytes > mostBytes && this.exchanges.length > 1)) {
      const oldest = this.exchanges.shift();
      if (oldest !== undefined) this.#bytes -= heldBytes(oldest);
    }
  }
}
