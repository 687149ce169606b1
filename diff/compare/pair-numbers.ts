/** Gives each pair of numbers a number of its own: a hash table of integers alone, which a Map of texts would be several times
 * slower at. */

/** Of entries; a power of two, as all capacities are. */
const firstCapacity = 64;
/** Share of the entries that may be taken: beyond it, free ones get far apart. */
const maxLoad = 0.5;
/** Knuth, The Art of Computer Programming, volume 3, §6.4: 2^32 by the golden ratio. */
const spread = 0x9e3779b1;

export class PairNumbers {
  private firsts = new Int32Array(firstCapacity);
  private seconds = new Int32Array(firstCapacity);
  /** 0 = a free entry. */
  private numbers = new Int32Array(firstCapacity);
  private taken = 0;

  /** The number of the pair, or `fresh` when it has none yet, and then from now on.
   * @param fresh over 0, and not given before */
  of(first: number, second: number, fresh: number): number {
    const entry = this.entryOf(first, second);
    const known = this.numbers[entry] ?? 0;
    if (known !== 0) return known;
    this.put(entry, first, second, fresh);
    if (this.taken > this.numbers.length * maxLoad) this.grow();
    return fresh;
  }

  /** Where the pair is, or would be. */
  private entryOf(first: number, second: number): number {
    const { firsts, seconds, numbers } = this;
    const mask = numbers.length - 1;
    const mixed = Math.imul(Math.imul(first, spread) ^ second, spread);
    let entry = (mixed ^ (mixed >>> 15)) & mask;
    while (numbers[entry] !== 0 && (firsts[entry] !== first || seconds[entry] !== second)) entry = (entry + 1) & mask;
    return entry;
  }

  private put(entry: number, first: number, second: number, number: number): void {
    this.firsts[entry] = first;
    this.seconds[entry] = second;
    this.numbers[entry] = number;
    this.taken++;
  }

  private grow(): void {
    const { firsts, seconds, numbers } = this;
    const capacity = numbers.length * 2;
    this.firsts = new Int32Array(capacity);
    this.seconds = new Int32Array(capacity);
    this.numbers = new Int32Array(capacity);
    this.taken = 0;
    for (const [entry, number] of numbers.entries()) {
      if (number === 0) continue;
      const [first = 0, second = 0] = [firsts[entry], seconds[entry]];
      this.put(this.entryOf(first, second), first, second, number);
    }
  }
}
