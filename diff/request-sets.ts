/** How alike the exchanges are at which two signatures show: lists of exchange indexes, ascending. */

import type { Assessment } from "./assess.ts";

/** Two signatures on request sets as alike as this (Jaccard) happen together. */
const likeSets = 0.8;

export function areAlike(one: Assessment, other: Assessment): boolean {
  const [a, b] = [one.record.shown.length, other.record.shown.length];
  // The shorter set cannot share more than all of itself.
  if (Math.min(a, b) < likeSets * Math.max(a, b)) return false;
  const shared = sharedCount(one, other);
  return shared / (a + b - shared) >= likeSets;
}

/** Share of the inner one's exchanges at which the outer one shows as well. */
export function shareWithin(inner: Assessment, outer: Assessment): number {
  return sharedCount(inner, outer) / Math.max(1, inner.record.shown.length);
}

/** Equal for equal sets, and seldom for others. */
export function setHash({ record: { shown } }: Assessment): string {
  let hash = 0;
  for (const index of shown) hash = (Math.imul(hash, 31) + index) | 0;
  return `${shown.length}:${shown[0] ?? ""}:${hash}`;
}

/** Size of the intersection of two ascending lists. */
function sharedCount(one: Assessment, other: Assessment): number {
  const [a, b] = [one.record.shown, other.record.shown];
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] ?? 0, b[j] ?? 0];
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared;
}
