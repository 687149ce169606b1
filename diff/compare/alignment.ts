/** Matches the elements of two sequences by their content, in O(n log n) for any input.
 *
 * The k-th occurrence of a content on the left is matched with the k-th on the right. That is the
 * greatest possible number of matches; the longest increasing run of them is what stayed in order. */

/** Pairs of indices. */
export type IndexPair = readonly [left: number, right: number];

export interface Alignment {
  /** Matched by content, in left order. */
  readonly matched: readonly IndexPair[];
  readonly leftOver: readonly number[];
  readonly rightOver: readonly number[];
}

const none = -1;

/** Matches equal ids. */
export function align(left: readonly number[], right: readonly number[]): Alignment {
  /** The first right index of an id that is free, and by right index the next one of the same id. */
  const first = new Map<number, number>();
  const next = new Int32Array(right.length);
  for (let j = right.length - 1; j >= 0; j--) {
    const id = right[j] ?? 0;
    next[j] = first.get(id) ?? none;
    first.set(id, j);
  }
  const matched: IndexPair[] = [];
  const leftOver: number[] = [];
  const taken = new Uint8Array(right.length);
  left.forEach((id, i) => {
    const j = first.get(id) ?? none;
    if (j === none) {
      leftOver.push(i);
    } else {
      matched.push([i, j]);
      taken[j] = 1;
      first.set(id, next[j] ?? none);
    }
  });
  const rightOver: number[] = [];
  for (let j = 0; j < right.length; j++) if (taken[j] === 0) rightOver.push(j);
  return { matched, leftOver, rightOver };
}

/** Pairs in left order whose right indices do not always rise: elements changed places. */
export function isPermuted(pairs: readonly IndexPair[]): boolean {
  return pairs.some(([, j], index) => index > 0 && j < (pairs[index - 1]?.[1] ?? 0));
}

/** The longest part of `pairs` (in left order) in which the right indices rise as well. */
export function inOrder(pairs: readonly IndexPair[]): IndexPair[] {
  const tails: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, right], index) => {
    const at = lowerBound(tails, (tail) => (pairs[tail]?.[1] ?? 0) < right);
    previous.push(at === 0 ? -1 : (tails[at - 1] ?? -1));
    tails[at] = index;
  });
  const kept: IndexPair[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) kept.push(pair);
  }
  return kept.reverse();
}

/** The first position whose element is not below. */
function lowerBound(sorted: readonly number[], isBelow: (element: number) => boolean): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBelow(sorted[middle] ?? 0)) from = middle + 1;
    else to = middle;
  }
  return from;
}
