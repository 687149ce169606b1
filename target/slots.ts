/** Things that are under way, for as long as they are: put in, taken out by the slot they got, walked over at an end.
 *
 *    slots   [ attempt │ — │ attempt │ — ]       free   [ 1, 3 ]
 *
 * In place of a Set or Map of heavy objects that come and go. V8 makes a new table for those every few dozen changes, and lets each
 * old table point to the next: once one of them has become old, everything that ever stood in a later one counts as reachable for
 * the quick collections, and is copied and promoted though it is dead. That took a third of a replay's CPU time. */

export class Slots<T> {
  readonly #slots: (T | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.length - this.#free.length;
  }

  /** @returns the slot to give back with `remove`, once */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = item;
    return slot;
  }

  at(slot: number): T | undefined {
    return this.#slots[slot] ?? undefined;
  }

  remove(slot: number): void {
    if (this.at(slot) === undefined) return;
    this.#slots[slot] = null;
    this.#free.push(slot);
  }

  /** What is there when the walk begins, in no particular order. */
  all(): T[] {
    return this.#slots.flatMap((item) => (item === null ? [] : [item]));
  }
}
