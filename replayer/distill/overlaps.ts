/** Which endpoints were under way at the same time, within a session and across sessions, with some pairs of exchanges for each.
 *
 *    POST /cart  ├─────┤               "GET /cart | POST /cart, in one session"
 *    GET /cart      ├────┤
 *
 * A sweep in order of starts: memory grows with the overlap and with the number of patterns, not with the recording. */

import type { Candidate, OverlappingPair } from "./candidate.ts";

/** Pairs to choose from. */
const pairsEach = 12;
/** Patterns that are told apart. */
const mostPatterns = 50_000;
/** Exchanges under way at once that a new one is held against, the latest first. */
const mostUnderWay = 512;

export interface OverlapPattern {
  readonly endpoints: readonly [string, string];
  readonly isWithinSession: boolean;
  readonly pairs: OverlappingPair[];
  seen: number;
}

interface UnderWay {
  readonly endpoint: string;
  readonly end: number;
  readonly candidate: Candidate;
}

export class Overlaps {
  readonly patterns = new Map<string, OverlapPattern>();
  private underWay: UnderWay[] = [];

  /** In order of starts. */
  add(candidate: Candidate, endpoint: string, start: number, tookMs: number): void {
    this.underWay = this.underWay.filter(({ end }) => end > start).slice(-mostUnderWay);
    for (const other of this.underWay) this.note(other, { endpoint, candidate });
    this.underWay.push({ endpoint, end: start + tookMs, candidate });
  }

  private note(one: Pick<UnderWay, "endpoint" | "candidate">, other: Pick<UnderWay, "endpoint" | "candidate">): void {
    const isWithinSession = one.candidate.session === other.candidate.session;
    const endpoints: readonly [string, string] =
      one.endpoint <= other.endpoint ? [one.endpoint, other.endpoint] : [other.endpoint, one.endpoint];
    const key = overlapKey(endpoints, isWithinSession);
    let pattern = this.patterns.get(key);
    if (pattern === undefined) {
      if (this.patterns.size >= mostPatterns) return;
      this.patterns.set(key, (pattern = { endpoints, isWithinSession, pairs: [], seen: 0 }));
    }
    pattern.seen++;
    if (pattern.pairs.length < pairsEach) pattern.pairs.push([one.candidate, other.candidate]);
  }
}

function overlapKey([one, other]: readonly [string, string], isWithinSession: boolean): string {
  return JSON.stringify([one, other, isWithinSession]);
}
