/** Differences that people reviewed and accepted, matched to findings by fingerprint. */

import type { EpochMs } from "../model/units.ts";

/** One entry of the reviewed file. */
export interface AcceptedChange {
  readonly fingerprint: string;
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
  private readonly today: EpochMs;
  private readonly met = new Set<string>();

  constructor(entries: readonly AcceptedChange[], today: EpochMs) {
    this.entries = new Map(entries.map((entry) => [entry.fingerprint, entry]));
    this.today = today;
  }

  /** @param rate share of the compared exchanges that show the finding */
  check(fingerprint: string, rate: number): Acceptance {
    const entry = this.entries.get(fingerprint);
    if (entry === undefined) return "none";
    this.met.add(fingerprint);
    if (this.isExpired(entry)) return "expired";
    return entry.maxRate !== null && rate > entry.maxRate ? "widened" : "accepted";
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
