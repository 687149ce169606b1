/** Delta debugging: the smallest part of a list that still fails (A. Zeller, R. Hildebrandt, Simplifying and Isolating
 * Failure-Inducing Input, IEEE TSE 28(2), 2002). Nothing is assumed of the test; where it is monotone the result is a smallest one
 * within itself, and in any case leaving out any one element was seen to end the failure (1-minimal). */

/** Whether a part still fails; null = nothing more may be tried. Parts keep the order of the list. */
export type DeltaTest<T> = (part: readonly T[]) => Promise<boolean | null>;

export interface Delta<T> {
  readonly items: readonly T[];
  /** False when the test gave up before all was tried. */
  readonly minimal: boolean;
}

/** @param items fail as a whole: that is not tested again */
export async function ddmin<T>(items: readonly T[], test: DeltaTest<T>): Promise<Delta<T>> {
  if (items.length === 0) return { items, minimal: true };
  const none = await test([]);
  if (none === null) return { items, minimal: false };
  if (none) return { items: [], minimal: true };
  let rest = items;
  let pieces = 2;
  while (rest.length > 1) {
    const reduced = await reduceOnce(rest, Math.min(pieces, rest.length), test);
    if (reduced === null) return { items: rest, minimal: false };
    if (reduced !== "irreducible") {
      rest = reduced.items;
      pieces = Math.max(2, Math.min(reduced.pieces, rest.length));
    } else if (pieces >= rest.length) break;
    else pieces = Math.min(rest.length, pieces * 2);
  }
  return { items: rest, minimal: true };
}

interface Reduced<T> {
  readonly items: readonly T[];
  /** How finely to divide it next. */
  readonly pieces: number;
}

/** One round: each piece alone, then all but each piece. */
async function reduceOnce<T>(items: readonly T[], pieces: number, test: DeltaTest<T>): Promise<Reduced<T> | "irreducible" | null> {
  const parts = divided(items, pieces);
  for (const part of parts) {
    const fails = await test(part);
    if (fails === null) return null;
    if (fails) return { items: part, pieces: 2 };
  }
  // With two pieces, all but one is the other.
  for (let index = 0; parts.length > 2 && index < parts.length; index++) {
    const others = parts.toSpliced(index, 1).flat();
    const fails = await test(others);
    if (fails === null) return null;
    if (fails) return { items: others, pieces: pieces - 1 };
  }
  return "irreducible";
}

/** Pieces of nearly the same length, none empty. */
function divided<T>(items: readonly T[], pieces: number): T[][] {
  return Array.from({ length: pieces }, (_, index) =>
    items.slice(Math.floor((index * items.length) / pieces), Math.floor(((index + 1) * items.length) / pieces)),
  );
}
