/** Plain ids (17, INV-3) as answers name them: too short to be told by themselves, so they are followed only where what they
 * name agrees (basketId, /baskets/17), this target named another in the same place, and no answer says otherwise.
 *
 *    recorded  {"basketId": 17}    target  {"basketId": 23}        basket 17 is 23
 *    recorded  {"basketId": 17}    target  {"basketId": 40}        … or is it? Then it stays 17. */

import { BoundedMap } from "./bounded-map.ts";
import type { Substitute } from "./place.ts";

/** Short strings, about 5 MB for each target. */
const defaultCapacity = 30_000;

export class ShownIds {
  readonly #ids: BoundedMap<Substitute | "ambiguous">;

  constructor(capacity: number = defaultCapacity) {
    this.#ids = new BoundedMap(capacity);
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  get evicted(): number {
    return this.#ids.evicted;
  }

  /** What the target calls it; null = nothing is known, or too much. */
  find(keys: readonly string[]): Substitute | null {
    for (const key of keys) {
      const known = this.#ids.get(key);
      if (known !== undefined && known !== "ambiguous") return known;
    }
    return null;
  }

  learn(keys: readonly string[], actual: Substitute): void {
    for (const key of keys) {
      const known = this.#ids.get(key);
      if (known === undefined) this.#ids.set(key, actual);
      else if (known !== "ambiguous" && known.text !== actual.text) this.#ids.set(key, "ambiguous");
    }
  }

  clear(): void {
    this.#ids.clear();
  }
}
