/** How high the rows of a long list are, and where each begins: measured where a row was drawn, guessed elsewhere. Asking takes the logarithm of
 * their number, so that a list of 100,000 scrolls like one of 100. */

const firstGuess = 100;
/** Measured rows that tell how high others are. */
const recentRows = 50;

export class RowHeights {
  /** 0 = not measured. */
  readonly #heights: Float64Array;
  /** Where each row begins, and at the end where the list does. */
  readonly #starts: Float64Array;
  #recent: number[] = [];
  #isOld = true;

  constructor(rows: number) {
    this.#heights = new Float64Array(rows);
    this.#starts = new Float64Array(rows + 1);
  }

  /** @returns whether it is another height than before */
  measure(row: number, height: number): boolean {
    if (height === 0 || row >= this.#heights.length || this.#heights[row] === height) return false;
    this.#heights[row] = height;
    this.#recent = [...this.#recent.slice(1 - recentRows), height];
    this.#isOld = true;
    return true;
  }

  /** Pixels from the beginning of the list to that of a row; the number of rows asks for the end. */
  startOf(row: number): number {
    if (this.#isOld) this.#add();
    return this.#starts[row] ?? 0;
  }

  /** The row that is at so many pixels; the first or last one where the list does not reach. */
  rowAt(pixels: number): number {
    let [low, high] = [0, Math.max(0, this.#heights.length - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.startOf(middle) <= pixels) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #add(): void {
    const sorted = this.#recent.toSorted((a, b) => a - b);
    const guess = sorted[Math.floor(sorted.length / 2)] ?? firstGuess;
    let start = 0;
    for (const [row, height] of this.#heights.entries()) {
      this.#starts[row] = start;
      start += height === 0 ? guess : height;
    }
    this.#starts[this.#heights.length] = start;
    this.#isOld = false;
  }
}
