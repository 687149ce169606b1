/** A map with room for so many entries: over that, the one written longest ago goes, and is counted. */

export class BoundedMap<Value> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Value>();
  /** Kept over all evictions: a fresh iterator would walk over the holes that earlier ones left, again and again. */
  #oldest: Iterator<string>;
  #evicted = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#oldest = this.#entries.keys();
  }

  get size(): number {
    return this.#entries.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    // Taken out first, so that the order of the map is the order of writing.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    while (this.#entries.size > this.#capacity) this.#evictOldest();
  }

  /** Takes the value out. */
  take(key: string): Value | undefined {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  clear(): void {
    this.#entries.clear();
    this.#oldest = this.#entries.keys();
  }

  #evictOldest(): void {
    const oldest = this.#oldest.next();
    if (oldest.done === true) {
      this.#oldest = this.#entries.keys();
      return;
    }
    this.#entries.delete(oldest.value);
    this.#evicted += 1;
  }
}
