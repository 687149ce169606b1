/** Percentiles by the nearest rank: a value that was really measured, not one between two. */

import type { Percentiles } from "../model/report.ts";

const shares = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** Shares of the answers that a distribution is told by: every twentieth, and the tail. */
export const quantileShares: readonly number[] = [...Array.from({ length: 20 }, (_, step) => step / 20), 0.975, 0.99, 1];
/** Fewer answers make no distribution. */
const fewestOfQuantiles = 20;

/** Null when nothing was measured. */
export function percentilesOf(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null;
  const at = ranked(samples);
  return { p50: at(shares.p50), p95: at(shares.p95), p99: at(shares.p99) };
}

/** How long at most so many of the answers took, by `quantileShares`; null when there are few. */
export function quantilesOf(samples: readonly number[]): readonly number[] | null {
  return samples.length < fewestOfQuantiles ? null : quantileShares.map(ranked(samples));
}

function ranked(samples: readonly number[]): (share: number) => number {
  const sorted = Float64Array.from(samples).sort();
  return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
