/** Differences that people reviewed and accepted, matched to findings by fingerprint. */

import type { EpochMs } from "../model/units.ts";

/** One place of an accepted change, with one transition. */
export interface AcceptedPlace {
  readonly fingerprint: string;
  /** Greatest share of the endpoint's exchanges that was accepted; null = any. */
  readonly maxRate: number | null;
}

/** One entry of the reviewed file. */
export interface AcceptedChange {
  readonly fingerprint: string;
  /** Fingerprints of the places that show the change itself, its own included: a change that spreads to another place was not
   * accepted there. */
  readonly covers: readonly string[];
  /** All that was reviewed with it, what follows from the change included; absent in files of earlier versions, which then cover
   * nothing beyond `covers`. */
  readonly places?: readonly AcceptedPlace[];
  /** For the reader; the fingerprint contains it. */
  readonly transition: string;
  readonly reason: string;
  readonly owner: string;
  /** The day from which it no longer counts, `2026-12-31`; null = never. */
  readonly expires: string | null;
  /** Greatest rate accepted; null = any. */
  readonly maxRate: number | null;
}

export type Acceptance = "accepted" | "expired" | "widened" | "none";

/** What was seen may become half as frequent again before somebody looks once more. */
const leeway = 1.5;
const hundredth = 100;

/** The greatest rate at which something is still what was seen at `rate`, in whole hundredths. */
export function greatestRate(rate: number): number {
  return Math.min(1, Math.ceil(rate * leeway * hundredth) / hundredth);
}

/** Answers for findings and remembers which entries were needed. */
export class AcceptedChanges {
  private readonly entries: ReadonlyMap<string, AcceptedChange>;
  /** By every fingerprint that an entry covers. */
  private readonly covering = new Map<string, AcceptedChange>();
  private readonly today: EpochMs;
  private readonly met = new Set<string>();

  constructor(entries: readonly AcceptedChange[], today: EpochMs) {
    this.entries = new Map(entries.map((entry) => [entry.fingerprint, entry]));
    this.today = today;
    for (const entry of entries) for (const { fingerprint } of placesOf(entry)) this.covering.set(fingerprint, entry);
  }

  /** All places of the entries that are in force. */
  places(): AcceptedPlace[] {
    return [...this.covering].flatMap(([fingerprint, entry]) => {
      const limits = placesOf(entry).filter((place) => place.fingerprint === fingerprint);
      return this.isExpired(entry) ? [] : limits.slice(0, 1);
    });
  }

  /** @param fingerprints of all places of the finding
   * @param rate share of the compared exchanges that show it */
  check(fingerprints: readonly string[], rate: number): Acceptance {
    const covered = fingerprints.map((fingerprint) => this.covering.get(fingerprint)).filter((entry) => entry !== undefined);
    if (covered.length === 0) return "none";
    for (const entry of covered) this.met.add(entry.fingerprint);
    if (covered.some((entry) => this.isExpired(entry))) return "expired";
    const isWider = covered.length < fingerprints.length || covered.every((entry) => entry.maxRate !== null && rate > entry.maxRate);
    return isWider ? "widened" : "accepted";
  }

  /** Fingerprints, sorted: met and valid, never met, over their date. */
  summary(): { used: string[]; unused: string[]; expired: string[] } {
    const all = [...this.entries.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    const names = (entries: readonly AcceptedChange[]): string[] => entries.map(({ fingerprint }) => fingerprint);
    return {
      used: names(all.filter((entry) => this.met.has(entry.fingerprint) && !this.isExpired(entry))),
      unused: names(all.filter((entry) => !this.met.has(entry.fingerprint) && !this.isExpired(entry))),
      expired: names(all.filter((entry) => this.isExpired(entry))),
    };
  }

  /** A date that is none has passed: what was to end must not go on for ever. */
  private isExpired({ expires }: AcceptedChange): boolean {
    return expires !== null && !(Date.parse(expires) > this.today);
  }
}

function placesOf({ fingerprint, covers, places = [] }: AcceptedChange): AcceptedPlace[] {
  const listed = new Set(places.map((place) => place.fingerprint));
  const unlisted = [fingerprint, ...covers].filter((each) => !listed.has(each));
  return [...places, ...[...new Set(unlisted)].map((each) => ({ fingerprint: each, maxRate: null }))];
}
