/** The first writes go to one target at a time, and no other write meanwhile: whether the targets share a state then shows
 * in what the second one answers, since nothing else happened between the two.
 *
 *    write 1 ─► target A ─answer─► target B ─answer─┐
 *    write 2 ·········· waits ······················└─► B ─answer─► A     (which is first, the draw decides)
 *
 * What to make of it is the order canary's (diff/order-canary.ts). Later writes go to all targets at the same moment. */

/** One write's turn. `leave` must be called once its answers are there. */
export interface Turn {
  readonly oneAtATime: boolean;
  /** @param answered every target gave an answer; else the trial showed nothing, and another write takes its place */
  leave(answered: boolean): void;
}

const together: Turn = { oneAtATime: false, leave: () => {} };

export class WriteTrials {
  #left: number;
  #ended = false;
  #last: Promise<void> = Promise.resolve();
  #open = 0;

  constructor(count: number) {
    this.#left = count;
  }

  /** Whether a write would have to wait for its turn, or has to be sent one target at a time. */
  get isOver(): boolean {
    return this.#left <= 0 && this.#open === 0;
  }

  /** Resolves when nobody is before this write. */
  async enter(): Promise<Turn> {
    const before = this.#last;
    if (this.#left <= 0) {
      await before;
      return together;
    }
    this.#left -= 1;
    this.#open += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    const leave = (answered: boolean): void => {
      if (!answered && !this.#ended) this.#left += 1;
      this.#open -= 1;
      resolve();
    };
    if (!this.#ended) return { oneAtATime: true, leave };
    leave(true);
    return together;
  }

  /** Enough was seen: whoever waits may go. */
  end(): void {
    this.#ended = true;
    this.#left = 0;
  }
}
