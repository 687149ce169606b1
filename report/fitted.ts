/** A document of a bounded size: what is less important gives way, an item at a time, and is counted where it stood.
 *
 *    sections ──► all of them ──► too long? ──► the section that gives way first loses its last items, then the next one ──► document */

export interface Section {
  /** Lines or blocks, each separated from the next by a line feed. */
  readonly items: readonly string[];
  /** What stands around the items; "" = nothing. `left` is how many are left out. */
  readonly render: (items: readonly string[], left: number) => string;
  /** Lower ones lose items first. */
  readonly importance: number;
}

/** What a sentence about items left out may take, which is there only once some are. */
const sentenceReserve = 200;

/** A section that is there whatever the size. */
export function fixed(text: string): Section {
  return { items: [], render: () => text, importance: Number.POSITIVE_INFINITY };
}

/** The sections with an empty line between them, in at most `limit` as `sizeOf` measures; fixed ones have to fit. */
export function fitted(sections: readonly Section[], limit: number, sizeOf: (text: string) => number): string {
  const kept = sections.map(({ items }) => items.length);
  const assembled = (): string => {
    const parts = sections.map(({ items, render }, index) => {
      const count = kept[index] ?? 0;
      return render(items.slice(0, count), items.length - count);
    });
    return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  };
  const whole = assembled();
  let excess = sizeOf(whole) - limit;
  if (excess <= 0) return whole;
  excess += sentenceReserve * sections.length;
  for (const [index, section] of [...sections.entries()].toSorted(([, a], [, b]) => a.importance - b.importance)) {
    let count = section.items.length;
    while (excess > 0 && count > 0) {
      count--;
      excess -= sizeOf(section.items[count] ?? "") + 1;
    }
    kept[index] = count;
  }
  return assembled();
}
