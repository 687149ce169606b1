/** The exchanges of one or more recordings as one stream in order of their start, read a little ahead of
 * the schedule so that a due time never waits for the disk.
 *
 *    recording ─┐
 *    recording ─┼─ merge ─ select ─ look-ahead (bounded) ─► schedule
 *    recording ─┘                                                                                        */

import { type Exchange, heldBytes } from "../model/exchange.ts";
import { isSelected, type Selection } from "./selection.ts";

/** What the stream needs of a recording. */
export interface ExchangeSource {
  exchanges(): AsyncGenerator<Exchange>;
}

/** Merges sources that are each in order of start; equal starts keep the order of the sources. */
export async function* mergeByStart(sources: readonly ExchangeSource[]): AsyncGenerator<Exchange> {
  const heads: { readonly rest: AsyncGenerator<Exchange>; head: Exchange }[] = [];
  const open = sources.map((source) => source.exchanges());
  try {
    for (const rest of open) {
      const first = await rest.next();
      if (first.done !== true) heads.push({ rest, head: first.value });
    }
    for (;;) {
      const [first, ...others] = heads;
      if (first === undefined) return;
      const earliest = others.reduce((best, candidate) => (candidate.head.at < best.head.at ? candidate : best), first);
      yield earliest.head;
      const next = await earliest.rest.next();
      if (next.done === true) heads.splice(heads.indexOf(earliest), 1);
      else earliest.head = next.value;
    }
  } finally {
    await Promise.all(open.map((rest) => rest.return(undefined)));
  }
}

/** The selected exchanges, at most `limit` of them. Past `to` nothing more is read. */
export async function* selectExchanges(exchanges: AsyncIterable<Exchange>, selection: Selection): AsyncGenerator<Exchange> {
  let taken = 0;
  if (selection.limit === 0) return;
  for await (const exchange of exchanges) {
    if (selection.to !== null && exchange.at > selection.to) return;
    if (!isSelected(exchange, selection)) continue;
    yield exchange;
    taken += 1;
    if (taken === selection.limit) return;
  }
}

/** Tells of each exchange when it is read, which is some time before it is due. */
export async function* announced<T extends Exchange>(exchanges: AsyncIterable<T>, announce: (exchange: T) => void): AsyncGenerator<T> {
  for await (const exchange of exchanges) {
    announce(exchange);
    yield exchange;
  }
}

export interface LookAheadLimits {
  readonly exchanges: number;
  readonly bytes: number;
}

/** Half a second of the highest rate to reach (2,000/s), and no more memory than one answer cap or two. */
const defaultLookAhead: LookAheadLimits = { exchanges: 256, bytes: 32 * 1024 * 1024 };

/** Reads ahead in the background up to the limits; an item larger than the byte limit passes alone. */
export async function* lookAhead<Item extends Exchange>(
  exchanges: AsyncGenerator<Item>,
  limits: LookAheadLimits = defaultLookAhead,
): AsyncGenerator<Item> {
  const buffer: Item[] = [];
  let bufferedBytes = 0;
  const source: { ended: boolean; failure: { readonly error: unknown } | null } = { ended: false, failure: null };
  let wakeReader = (): void => {};
  let wakeWriter = (): void => {};
  const isFull = (): boolean => buffer.length >= limits.exchanges || bufferedBytes >= limits.bytes;

  const fill = async (): Promise<void> => {
    try {
      for (;;) {
        while (isFull() && !source.ended) {
          await new Promise<void>((resolve) => {
            wakeWriter = resolve;
          });
        }
        if (source.ended) return;
        const next = await exchanges.next();
        if (next.done === true) return;
        buffer.push(next.value);
        bufferedBytes += heldBytes(next.value);
        wakeReader();
      }
    } catch (error) {
      // Handed on where the stream is read: what was read before the fault is still replayed.
      source.failure = { error };
    } finally {
      source.ended = true;
      wakeReader();
    }
  };

  const filling = fill();
  try {
    for (;;) {
      const next = buffer.shift();
      if (next !== undefined) {
        bufferedBytes -= heldBytes(next);
        wakeWriter();
        yield next;
      } else if (source.ended) {
        if (source.failure !== null) throw source.failure.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    }
  } finally {
    source.ended = true;
    wakeWriter();
    await filling;
    await exchanges.return(undefined);
  }
}
