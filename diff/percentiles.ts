/** Percentiles by the nearest rank: a value that was really measured, not one between two. */

import type { Percentiles } from "../model/report.ts";

const shares = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** Null when nothing was measured. */
export function percentilesOf(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null;
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(shares.p50), p95: at(shares.p95), p99: at(shares.p99) };
}
