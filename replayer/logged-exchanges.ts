/** Which exchanges a run's log has, and how often: by id and start, since ids of several recordings may be alike.
 *
 * Eight bytes an exchange: the log is as long as the recording, and the answer to one request may come after those to a hundred thousand
 * others. Two different exchanges are taken for one with a probability of about one in ten thousand for a million of them. */

import { createHash } from "node:crypto";
import type { Exchange } from "../model/exchange.ts";

const firstCapacity = 1024;
const hashBits = 2 ** 53;

/** Equal for the same exchange, read from the recording or from the run. */
export function exchangeKey({ id, at }: Pick<Exchange, "id" | "at">): string {
  return `${id}\n${at}`;
}

export class LoggedExchanges {
  #hashes = new Float64Array(firstCapacity);
  #length = 0;
  #taken: Uint8Array | null = null;

  /** Before the first `take`. */
  add(key: string): void {
    if (this.#length === this.#hashes.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#length++] = hashOf(key);
  }

  /** Whether the log has it, once more than it was taken before. */
  take(key: string): boolean {
    const taken = (this.#taken ??= this.#seal());
    const hash = hashOf(key);
    for (let at = this.#firstAt(hash); this.#hashes[at] === hash && at < this.#length; at++) {
      if (taken[at] === 1) continue;
      taken[at] = 1;
      return true;
    }
    return false;
  }

  #seal(): Uint8Array {
    this.#hashes = this.#hashes.slice(0, this.#length).sort();
    return new Uint8Array(this.#length);
  }

  #firstAt(hash: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** 53 bits: what a double holds exactly. */
function hashOf(key: string): number {
  return Number(createHash("sha1").update(key).digest().readBigUInt64BE() % BigInt(hashBits));
}
