/** What people have seen before, place by place and transition by transition: accepted changes, and the findings of a baseline.
 *
 * What was seen is counted apart from what was not (signatures.ts): an accepted 200→404 neither hides a 500 of the same endpoint nor
 * lends it evidence. */

import type { Finding, Report, Signature } from "../model/report.ts";
import { type AcceptedChanges, greatestRate } from "./accepted.ts";
import { anyTransition } from "./finding-names.ts";
import { fingerprintOf, stableTransition } from "./fingerprint.ts";

export interface ReviewedPlace {
  readonly by: "accepted" | "known";
  /** Greatest share of the endpoint's exchanges at which it is still what was seen; null = any. */
  readonly maxRate: number | null;
}

/** Transitions whose answers are remembered; they are few unless they are data. */
const mostRemembered = 50_000;

/** One run's. */
export class ReviewedChanges {
  private readonly places = new Map<string, ReviewedPlace>();
  private readonly remembered = new Map<string, boolean>();

  constructor(accepted: AcceptedChanges, baseline: Report | null) {
    for (const finding of knownFindings(baseline)) {
      for (const { fingerprint, rate } of transitionsOf(finding)) this.places.set(fingerprint, { by: "known", maxRate: limitOf(rate) });
    }
    for (const { fingerprint, maxRate } of accepted.places()) this.places.set(fingerprint, { by: "accepted", maxRate });
  }

  /** Whether a difference of the candidate is one that was seen before. */
  has(signature: Signature, transition: string): boolean {
    if (this.places.size === 0) return false;
    const stable = stableTransition(signature, transition);
    const { endpoint, location, path, kind } = signature;
    const key = [endpoint, location, path, kind, stable].join("\n");
    const known = this.remembered.get(key);
    if (known !== undefined) return known;
    const has = this.of(fingerprintOf(signature, stable), fingerprintOf(signature, anyTransition)) !== null;
    if (this.remembered.size < mostRemembered) this.remembered.set(key, has);
    return has;
  }

  /** By the fingerprints that would cover it, the first that does. */
  of(...fingerprints: readonly string[]): ReviewedPlace | null {
    for (const fingerprint of fingerprints) {
      const place = this.places.get(fingerprint);
      if (place !== undefined) return place;
    }
    return null;
  }
}

/** Of an earlier run, those that were findings, and those that it carried on from the one before. */
export function baselineFindings(baseline: Report | null): readonly Finding[] {
  return baseline === null ? [] : [...baseline.findings, ...(baseline.unseen ?? [])];
}

function knownFindings(baseline: Report | null): Finding[] {
  return baselineFindings(baseline).filter(({ state }) => state === "new" || state === "known" || state === "returned");
}

/** All that a finding of an earlier run showed, with its rate; null where an earlier version did not write it down. */
export function transitionsOf(finding: Finding): { readonly fingerprint: string; readonly rate: number | null }[] {
  const listed = finding.signatures.flatMap(({ transitions = [] }) => transitions);
  const fingerprints = new Set(listed.map(({ fingerprint }) => fingerprint));
  const unlisted = finding.fingerprints.filter((fingerprint) => !fingerprints.has(fingerprint));
  return [...listed, ...unlisted.map((fingerprint) => ({ fingerprint, rate: null }))];
}

function limitOf(rate: number | null): number | null {
  return rate === null ? null : greatestRate(rate);
}
