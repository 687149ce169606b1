/** How far apart two samples are: the Kolmogorov–Smirnov distance, the greatest difference of their distribution functions. */

/** 0 = equally distributed, 1 = no overlap. O(n log n).
 * @throws RangeError when a sample is empty */
export function kolmogorovSmirnov(left: readonly number[], right: readonly number[]): number {
  if (left.length === 0 || right.length === 0) throw new RangeError("a sample is empty");
  const [a, b] = [Float64Array.from(left).sort(), Float64Array.from(right).sort()];
  let [i, j, greatest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && (a[i] ?? 0) <= value) i += 1;
    while (j < b.length && (b[j] ?? 0) <= value) j += 1;
    greatest = Math.max(greatest, Math.abs(i / a.length - j / b.length));
  }
  return greatest;
}

/** The times between one and the next. */
export function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}
