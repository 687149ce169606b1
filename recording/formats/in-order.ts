/** Exchanges by request start, from a reader that gives them in the order of a file, which is nearly that one.
 *
 *    first reading     the starts ──► for each place, the earliest start after it
 *    second reading    an exchange ──► waits until nothing earlier can come ──► handed out
 *
 * So memory holds a number an exchange, and of the exchanges those that are out of place. */

import { PenumbraError } from "../../model/errors.ts";
import { type Exchange, heldBytes } from "../../model/exchange.ts";

/** Beside its bodies; fields and all. */
const roughHeadBytes = 1024;
const mostHeldBytes = 512 * 1024 * 1024;

/** The starts of all exchanges of a file, as its reader gives them. */
export class Starts {
  #starts = new Float64Array(1024);
  #count = 0;

  add(start: number): void {
    if (this.#count === this.#starts.length) {
      const longer = new Float64Array(2 * this.#starts.length);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    this.#starts[this.#count++] = start;
  }

  /** For each place the earliest start after it. Call it once, when all are there. */
  earliestAfter(): Float64Array {
    const after = this.#starts.subarray(0, this.#count);
    let earliest = Number.POSITIVE_INFINITY;
    for (let place = this.#count - 1; place >= 0; place--) {
      const start = after[place] ?? 0;
      after[place] = earliest;
      earliest = Math.min(earliest, start);
    }
    return after;
  }
}

/** Equal starts in the order of the file.
 * @throws PenumbraError `OUT_OF_ORDER` when too much of it would have to be held */
export async function* inOrder(path: string, exchanges: AsyncIterable<Exchange>, earliestAfter: Float64Array): AsyncGenerator<Exchange> {
  /** By start. */
  const held: Exchange[] = [];
  let bytes = 0;
  let place = 0;
  for await (const exchange of exchanges) {
    insert(held, exchange);
    bytes += heldBytes(exchange) + roughHeadBytes;
    const limit = earliestAfter[place++] ?? Number.NEGATIVE_INFINITY;
    let ready = 0;
    for (const { at } of held) {
      if (at > limit) break;
      ready++;
    }
    for (const each of held.splice(0, ready)) {
      bytes -= heldBytes(each) + roughHeadBytes;
      yield each;
    }
    if (bytes > mostHeldBytes) {
      throw new PenumbraError(
        "OUT_OF_ORDER",
        `${path} is too much out of order to be read as it is`,
        "import it first: a recording is sorted",
      );
    }
  }
  yield* held;
}

/** Mostly at the end. */
function insert(held: Exchange[], exchange: Exchange): void {
  let [from, to] = [0, held.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((held[middle]?.at ?? 0) <= exchange.at) from = middle + 1;
    else to = middle;
  }
  held.splice(from, 0, exchange);
}
