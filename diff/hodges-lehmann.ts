/** How large a paired shift is: the Hodges–Lehmann estimate, the median of all Walsh averages (x_i + x_j)/2, i ≤ j, with the
 * interval that the signed-rank test would not reject (Hollander & Wolfe, Nonparametric Statistical Methods, §3.2–3.3).
 *
 * The averages are n(n+1)/2 in number and never made: the k-th smallest is found by bisection over its value, and how many
 * lie below a value is counted in one walk over the sorted sample. O(n log n) for the sort, O(n) a step. */

export interface Shift {
  readonly estimate: number;
  /** 95 %; null when there are too few values for any interval to hold that. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** Half of what the interval may miss. */
const tail = 0.025;
/** The normal quantile that leaves `tail` above it. */
const normalQuantile = 1.959963984540054;
/** Up to here the rank sum's distribution is counted out; beyond, the normal one is right to the rank. */
const mostCounted = 50;
/** Bisection ends when a value is known as finely as this. */
const resolution = 1e-12;

/** Null for an empty sample. */
export function hodgesLehmann(values: Iterable<number>): Shift | null {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return null;
  const averages = (n * (n + 1)) / 2;
  const lower = walshAverage(sorted, Math.floor((averages + 1) / 2));
  const upper = averages % 2 === 1 ? lower : walshAverage(sorted, averages / 2 + 1);
  const rank = signedRankQuantile(n);
  return {
    estimate: (lower + upper) / 2,
    interval: rank === 0 ? null : [walshAverage(sorted, rank), walshAverage(sorted, averages + 1 - rank)],
  };
}

/** The k-th smallest Walsh average, k from 1. */
function walshAverage(sorted: Float64Array, k: number): number {
  let low = sorted[0] ?? 0;
  let high = sorted.at(-1) ?? 0;
  if (countUpTo(sorted, low) >= k) return low;
  // Invariant: fewer than k averages reach `low`, at least k reach `high`.
  while (high - low > resolution) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (countUpTo(sorted, middle) >= k) high = middle;
    else low = middle;
  }
  return high;
}

/** How many Walsh averages are at most `bound`: the partner index falls while the own one rises. */
function countUpTo(sorted: Float64Array, bound: number): number {
  let count = 0;
  let j = sorted.length - 1;
  for (let i = 0; i <= j; i++) {
    while (j >= i && ((sorted[i] ?? 0) + (sorted[j] ?? 0)) / 2 > bound) j--;
    count += j - i + 1;
  }
  return count;
}

/** The smallest q at which the signed-rank sum of n is at most q with probability over `tail`: between the q-th smallest and the
 * q-th largest average lie 95 % at least. 0 when even the outermost averages hold less. */
function signedRankQuantile(n: number): number {
  if (n > mostCounted) {
    const mean = (n * (n + 1)) / 4;
    return Math.max(1, Math.floor(mean - normalQuantile * Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24)));
  }
  const ways = rankSumWays(n);
  let below = 0;
  for (const [sum, count] of ways.entries()) {
    below += count;
    if (below / 2 ** n > tail) return sum;
  }
  return 0;
}

/** In how many of the 2^n sign assignments the positive ranks add up to each sum. */
function rankSumWays(n: number): Float64Array {
  const ways = new Float64Array((n * (n + 1)) / 2 + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = ways.length - 1; sum >= rank; sum--) ways[sum] = (ways[sum] ?? 0) + (ways[sum - rank] ?? 0);
  }
  return ways;
}
