/** Fisher's exact test of a 2×2 table, one-sided: how likely is it by chance that so many of the cases with a property
 * have another one, too? (R. A. Fisher, The Design of Experiments, 1935.) */

import { logChoose } from "./evidence.ts";

export interface FourFold {
  /** With the property: showing it, and all. */
  readonly shows: number;
  readonly all: number;
  /** Without it: showing it, and all. */
  readonly elseShows: number;
  readonly elseAll: number;
}

/** Terms smaller than this share of the sum no longer change it. */
const negligible = 1e-17;

/** Probability of `shows` or more, given all four margins; 1 where the property does not favour it at all. */
export function fisherTail({ shows, all, elseShows, elseAll }: FourFold): number {
  const total = all + elseAll;
  const shown = shows + elseShows;
  if (shows * total <= all * shown) return 1;
  let term = Math.exp(logChoose(all, shows) + logChoose(elseAll, elseShows) - logChoose(total, shown));
  let sum = term;
  for (let k = shows; k < Math.min(all, shown) && term > negligible * sum; k++) {
    // The ratio of neighbouring terms of the hypergeometric distribution.
    term *= ((all - k) * (shown - k)) / ((k + 1) * (elseAll - shown + k + 1));
    sum += term;
  }
  return Math.min(1, sum);
}
