/** What a file held that was left out or had to be changed on the way into another form: counted by kind, told in one line. */

interface Kind {
  count: number;
  readonly noun: string;
  readonly fate: string;
  /** Where the first one stood; null = that helps nobody. */
  readonly first: string | null;
}

export class Tally {
  readonly #kinds = new Map<string, Kind>();

  /** @param noun of one, e.g. "replayed answer"
   * @param fate what became of it, e.g. "left out"
   * @param place of this one, e.g. "record 3"; only the first is kept */
  add(noun: string, fate: string, place: string | null = null): void {
    const key = `${noun} ${fate}`;
    const kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, { count: 1, noun, fate, first: place });
    else kind.count++;
  }

  /** "2 replayed answers left out", in the order in which the kinds were met. */
  sentences(): string[] {
    return [...this.#kinds.values()].map(({ count, noun, fate, first }) => {
      const where = first === null ? "" : count === 1 ? ` (${first})` : ` (the first: ${first})`;
      return `${count} ${count === 1 ? noun : pluralOf(noun)} ${fate}${where}`;
    });
  }
}

function pluralOf(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
