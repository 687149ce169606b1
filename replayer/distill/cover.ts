/** Chooses a small set of exchanges that has everything: a greedy set cover (V. Chvátal, A greedy heuristic for the set-covering
 * problem, 1979), the rarest first, and then without what turned out to be superfluous.
 *
 *    overlaps ─► one pair of each that adds least ─┐
 *    traits ───► so many copies of each ───────────┴─► chosen ─► without those that nothing needs ─► numbers
 *
 * A trait is had when `copies` sessions show it, and `copies` different requests, as far as the recording has so many. The price of an
 * exchange is one, and one for each write of its session that has to come before it. */

import type { Candidate, OverlappingPair } from "./candidate.ts";
import type { OverlapPattern } from "./overlaps.ts";
import type { Trait } from "./trait-pool.ts";

export interface CoverInput {
  readonly traits: readonly Trait[];
  readonly patterns: readonly OverlapPattern[];
  readonly copies: number;
}

/** A replay asks again about what differs, but a write cannot be sent again, what it left is another thing by then, and a request that is
 * always the same is asked about one record only: then sessions are the only evidence, and it takes so many (docs/decisions/0002-small-runs.md). */
const soleWitnesses = 20;

/** A pair has a few traits, each of which gains two at the most. */
const moreThanAnyGain = 1000;

/** Places in the recording of what was chosen, writes before it not included. */
export function cover({ traits, patterns, copies }: CoverInput): Set<number> {
  const choice = new Choice(traits, copies);
  const pinned = new Set<Candidate>();
  for (const { pairs } of patterns.toSorted((a, b) => a.seen - b.seen)) {
    for (const candidate of bestOf(pairs, (pair) => choice.worthOfPair(pair)) ?? []) {
      choice.add(candidate);
      pinned.add(candidate);
    }
  }
  const byRarity = [...traits.entries()].sort(([, a], [, b]) => a.exchanges - b.exchanges);
  for (const [number, trait] of byRarity) {
    while (choice.lacks(number)) {
      const best = bestOf(
        trait.candidates.filter((candidate) => choice.gainAt(number, candidate) > 0),
        (candidate) => choice.gain(candidate) / choice.price(candidate),
      );
      if (best === null) break;
      choice.add(best);
    }
  }
  choice.removeSuperfluous(pinned);
  return new Set([...choice.chosen].map(({ number }) => number));
}

function bestOf<T>(all: readonly T[], worth: (one: T) => number): T | null {
  let best: T | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const one of all) {
    const value = worth(one);
    if (value > most) [best, most] = [one, value];
  }
  return best;
}

/** Sessions that are to show a trait. */
function witnessesOf({ kind, requests, isUnsafe }: Trait, copies: number): number {
  const isHard = kind === "sequence" || (kind === "shape" && (isUnsafe || requests.size < copies));
  return isHard ? Math.max(copies, soleWitnesses) : copies;
}

/** How often each session and each request shows a trait among the chosen. */
interface Shown {
  readonly sessions: Map<number, number>;
  readonly requests: Map<string, number>;
}

class Choice {
  readonly chosen = new Set<Candidate>();
  private readonly shown: readonly Shown[];
  private readonly needs: readonly { readonly sessions: number; readonly requests: number }[];
  /** Writes of a session that come along already. */
  private readonly writes = new Map<number, number>();

  constructor(traits: readonly Trait[], copies: number) {
    this.shown = traits.map(() => ({ sessions: new Map(), requests: new Map() }));
    this.needs = traits.map((trait) => ({
      sessions: Math.min(witnessesOf(trait, copies), trait.sessions.size),
      requests: Math.min(copies, trait.requests.size),
    }));
  }

  lacks(trait: number): boolean {
    const { sessions, requests } = this.at(trait);
    const needs = this.needs[trait];
    return needs !== undefined && (sessions.size < needs.sessions || requests.size < needs.requests);
  }

  /** What an exchange adds to one trait: a session, a request, both or nothing. */
  gainAt(trait: number, { session, request }: Candidate): number {
    const { sessions, requests } = this.at(trait);
    const needs = this.needs[trait];
    if (needs === undefined) return 0;
    return (
      Number(sessions.size < needs.sessions && !sessions.has(session)) + Number(requests.size < needs.requests && !requests.has(request))
    );
  }

  gain(candidate: Candidate): number {
    return candidate.traits.reduce((sum, trait) => sum + this.gainAt(trait, candidate), 0);
  }

  price(candidate: Candidate): number {
    const { session, unsafe, writesBefore } = candidate;
    const writes = this.writes.get(session) ?? 0;
    if (this.chosen.has(candidate) || (unsafe && writesBefore < writes)) return 0;
    return 1 + Math.max(0, writesBefore - writes);
  }

  /** The least price first, and of equal prices what adds most. */
  worthOfPair([one, other]: OverlappingPair): number {
    const price = this.price(one) + this.price(other);
    return (this.gain(one) + this.gain(other)) / moreThanAnyGain - price;
  }

  add(candidate: Candidate): void {
    if (this.chosen.has(candidate)) return;
    this.chosen.add(candidate);
    const { session, unsafe, writesBefore } = candidate;
    this.writes.set(session, Math.max(this.writes.get(session) ?? 0, writesBefore + Number(unsafe)));
    this.count(candidate, 1);
  }

  /** The latest chosen are tried first: the earlier ones were the rarer. */
  removeSuperfluous(pinned: ReadonlySet<Candidate>): void {
    for (const candidate of [...this.chosen].reverse()) {
      if (pinned.has(candidate)) continue;
      this.count(candidate, -1);
      if (candidate.traits.some((trait) => this.lacks(trait))) this.count(candidate, 1);
      else this.chosen.delete(candidate);
    }
  }

  private count({ traits, session, request }: Candidate, by: number): void {
    for (const trait of traits) {
      const { sessions, requests } = this.at(trait);
      step(sessions, session, by);
      step(requests, request, by);
    }
  }

  private at(trait: number): Shown {
    return this.shown[trait] ?? { sessions: new Map(), requests: new Map() };
  }
}

function step<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
