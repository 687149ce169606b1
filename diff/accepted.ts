/** Differences that people reviewed and accepted, matched to findings by fingerprint. */

import type { EpochMs } from "../model/units.ts";

/** One entry of the reviewed file. */
export interface AcceptedChange {
  readonly fingerprint: string;
  /** Fingerprints of all places that were reviewed with it, its own included: a change that spreads to another place
   * was not accepted there. */
  readonly covers: readonly string[];
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
    for (const entry of entries) for (const fingerprint of [entry.fingerprint, ...entry.covers]) this.covering.set(fingerprint, entry);
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

  private isExpired(entry: AcceptedChange): boolean {
    return entry.expires !== null && Date.parse(entry.expires) <= this.today;
  }
}
