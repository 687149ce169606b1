/** For every trait of a recording some exchanges that have it, from different sessions and of different requests as far as there are
 * any: what the choice is made from. Bounded by the number of traits. */

import type { TraitKind } from "../../diff/shapes/exchange-shape.ts";
import type { Candidate } from "./candidate.ts";

/** For each exchange that is to be kept so many to choose from, and at the least as many as the hardest need. */
const roomEach = 3;
const leastRoom = 40;
/** Traits of one kind that are told apart at one endpoint: one with more has no shapes, but data that looks like them. */
const mostTraits = 2_000;

export interface Trait {
  /** `sequence`: what it comes after. */
  readonly kind: TraitKind | "sequence";
  readonly endpoint: string;
  /** Exchanges that have it. */
  exchanges: number;
  readonly candidates: Candidate[];
  readonly sessions: Set<number>;
  readonly requests: Set<string>;
  /** Of requests that may change the target's state. */
  isUnsafe: boolean;
}

export class TraitPool {
  readonly traits: Trait[] = [];
  /** Exchanges with a trait that was one too many of its endpoint. */
  beyond = 0;
  private readonly room: number;
  private readonly numbers = new Map<string, number>();
  private readonly ofEndpoint = new Map<string, number>();

  /** @param copies to be kept of each trait */
  constructor(copies: number) {
    this.room = Math.max(leastRoom, roomEach * copies);
  }

  /** The number of a trait, counted; null for one too many. */
  count(kind: Trait["kind"], endpoint: string, digest: string): number | null {
    const key = `${kind} ${digest}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      const place = `${kind} ${endpoint}`;
      const known = this.ofEndpoint.get(place) ?? 0;
      if (known >= mostTraits) {
        this.beyond++;
        return null;
      }
      this.ofEndpoint.set(place, known + 1);
      number =
        this.traits.push({ kind, endpoint, exchanges: 0, candidates: [], sessions: new Set(), requests: new Set(), isUnsafe: false }) - 1;
      this.numbers.set(key, number);
    }
    const trait = this.traits[number];
    if (trait !== undefined) trait.exchanges++;
    return number;
  }

  offer(candidate: Candidate): void {
    for (const number of candidate.traits) {
      const trait = this.traits[number];
      if (trait === undefined || !this.isWanted(trait, candidate)) continue;
      trait.isUnsafe ||= candidate.unsafe;
      trait.candidates.push(candidate);
      trait.sessions.add(candidate.session);
      trait.requests.add(candidate.request);
    }
  }

  private isWanted({ sessions, requests }: Trait, { session, request }: Candidate): boolean {
    return (sessions.size < this.room && !sessions.has(session)) || (requests.size < this.room && !requests.has(request));
  }
}
