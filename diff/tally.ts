/** What is kept of every compared exchange until the run is judged: numbers only, no answers. */

/** One compared exchange. Names are interned: equal numbers mean equal things. */
export interface ComparedExchange {
  readonly id: string;
  readonly endpoint: number;
  /** The exchange's own number where it has no lane. */
  readonly lane: number;
  /** Same method, target and body. */
  readonly content: number;
  /** Same record: what is wrong with it in one copy's data is wrong for all who ask about it, however they ask. */
  readonly record: number;
  /** A safe method: it could have been sent again. */
  readonly isSafe: boolean;
  /** Same request shape and same status of the primary. */
  readonly shape: number;
  /** Lists in the tables of request features and of labels. */
  readonly features: number;
  readonly labels: number;
  /** Bytes to read, for the choice of exemplars. */
  readonly size: number;
  readonly afterGap: boolean;
  /** The probability with which it came into the recording; 0 = unknown. */
  readonly inclusion: number;
  /** Numbers of the signatures that the candidate shows here. */
  readonly shown: readonly number[];
  /** … that the control shows here. */
  readonly noisy: readonly number[];
}

/** Gives equal strings the same small number. */
export class Interner {
  private readonly numbers = new Map<string, number>();
  readonly names: string[] = [];

  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const next = this.names.length;
    this.numbers.set(name, next);
    this.names.push(name);
    return next;
  }
}

/** The run as a whole, as far as single signatures are weighed against it. */
export interface RunTally {
  readonly exchanges: readonly ComparedExchange[];
  readonly hasControl: boolean;
  /** Distinct lanes compared, after-gap exchanges aside. */
  readonly lanes: number;
}

/** Counts by key, 0 for the unseen. */
export class Counts {
  private readonly counts = new Map<number, number>();

  add(key: number, by: number = 1): void {
    this.counts.set(key, this.of(key) + by);
  }

  of(key: number): number {
    return this.counts.get(key) ?? 0;
  }

  entries(): IterableIterator<[number, number]> {
    return this.counts.entries();
  }

  get size(): number {
    return this.counts.size;
  }
}
