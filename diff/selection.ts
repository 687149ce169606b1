/** Which of many signatures are findings: weighted e-BH in two families, so that the share of false
 * findings stays under q whatever the dependence between signatures (Wang & Ramdas 2022). */

/** Greatest expected share of false findings. */
export const falseShare = 0.01;
/** Greatest expected share of false ones in what is worth a look although the control shows it at times, too. */
export const suspectShare = 0.1;
/** The first signatures share this much of the weight equally: a service with few differences has good odds for each. */
const earlyWeight = 0.25;
const earlyCount = 20;
/** Σ 5/(j(j−1)) over j > 20 is 5/20 = .25: with the early quarter the weights stay under 1. */
const lateWeight = 5;

export interface Candidate {
  /** Family: severity high, or the rest. */
  readonly isHigh: boolean;
  /** Natural logarithm of the e-value. */
  readonly logE: number;
}

/** Selects findings among signatures given in the order of their discovery.
 * @param share greatest expected share of false ones among the selected
 * @returns the indexes selected; evaluate once, at a run's end */
export function select(candidates: readonly Candidate[], share: number): ReadonlySet<number> {
  const selected = new Set<number>();
  for (const isHigh of [true, false]) {
    const family = candidates.map((candidate, index) => ({ candidate, index })).filter(({ candidate }) => candidate.isHigh === isHigh);
    const weighted = family.map(({ candidate, index }, position) => ({ index, log: candidate.logE + Math.log(weight(position + 1)) }));
    weighted.sort((a, b) => b.log - a.log || a.index - b.index);
    const enough = weighted.findLastIndex(({ log }, position) => log >= -Math.log(share * (position + 1)) - roundingSlack);
    for (const { index } of weighted.slice(0, enough + 1)) selected.add(index);
  }
  return selected;
}

/** An e-value that equals the threshold exactly must not fail it by the last bit of a logarithm. */
const roundingSlack = 1e-9;

/** The weight g_j of the j-th signature discovered in its family, from 1. */
export function weight(j: number): number {
  return j <= earlyCount ? earlyWeight / earlyCount : lateWeight / (j * (j - 1));
}
