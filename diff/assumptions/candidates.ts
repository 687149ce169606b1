/** What production does and staging never did, at places that staging has been to: what may be a belief, and how likely it is
 * by chance.
 *
 *    every fact of production ─► tail: all that was seen of it, in either recording, is production's, were both samples of one traffic
 *    tails, ascending         ─► those that staging has too sum up to the number of lines that chance lists: cut where it reaches 1 %
 *
 * The tail is Fisher's exact test, of exchanges and, where both have enough of them, of sessions, whichever is larger: with just this
 * probability staging would have missed the fact. Facts that are common have tails of nothing, so that it does not matter how many there are; those that
 * staging missed are not in the sum, for they may be real. (The levels that discrete tests can reach, instead of the number of tests: R. E. Tarone, A modified
 * Bonferroni method for discrete data, 1990.) */

import type { BeliefKind } from "../../model/belief.ts";
import { fisherTail } from "../fisher.ts";
import { lacking } from "./json-facts.ts";
import type { Fact, Place } from "./place.ts";
import type { Sightings } from "./sightings.ts";
import { pairMark } from "./traffic.ts";

/** Lines that chance may list, on average. */
const mostFalse = 0.01;
/** What (1 − p)^n may be at the most. */
const mostChance = 0.05;
/** Whoever was somewhere less often takes nothing for granted there. */
const fewestExchanges = 20;
/** Fewer sessions are no sample of sessions: a test suite has one, or a few. */
const fewestSessions = 6;

export interface Candidate {
  readonly kind: BeliefKind;
  readonly what: string;
  /** From the root on: endpoint, and places within. */
  readonly path: readonly string[];
  readonly production: Place;
  readonly staging: Place;
  readonly sightings: Sightings;
  /** (1 − p)^n. */
  readonly chance: number;
}

export interface Sifted {
  readonly beyondChance: readonly Candidate[];
  readonly explainedByChance: number;
}

/** @param production and staging: the roots of both traffics */
export function sift(production: Place, staging: Place): Sifted {
  const candidates: Candidate[] = [];
  const tails: Tail[] = [];
  const visit = (there: Place, here: Place, path: readonly string[]): void => {
    for (const fact of there.facts.values()) {
      const candidate = isOnlyThere(fact, here, path, staging) ? candidateOf(fact, there, here, path) : null;
      if (candidate !== null) candidates.push(candidate);
      tails.push({ tail: tailOf(fact, there, here), candidate: candidate !== null && candidate.chance < mostChance ? candidate : null });
    }
    for (const [name, below] of there.below) {
      const known = here.below.get(name);
      if (known !== undefined && known.seen.exchanges >= fewestExchanges && name !== "others") visit(below, known, [...path, name]);
    }
  };
  visit(production, staging, []);
  const beyondChance = select(tails);
  return { beyondChance, explainedByChance: candidates.length - beyondChance.length };
}

interface Tail {
  readonly tail: number;
  /** Null = of a fact that staging shows too. */
  readonly candidate: Candidate | null;
}

function select(tails: readonly Tail[]): Candidate[] {
  const selected: Candidate[] = [];
  let expected = 0;
  for (const { tail, candidate } of tails.toSorted((a, b) => a.tail - b.tail)) {
    if (expected + tail > mostFalse) break;
    if (candidate === null) expected += tail;
    else selected.push(candidate);
  }
  return selected;
}

/** How likely it is that production has all that was seen of a fact. */
function tailOf({ kind, what, sightings }: Fact, there: Place, here: Place): number {
  const known = here.facts.get(`${kind} ${what}`)?.sightings;
  const byExchange = chanceOfAll(sightings.exchanges + (known?.exchanges ?? 0), there.seen.exchanges, here.seen.exchanges);
  const [all, elseAll] = [there.seen.sessions, here.seen.sessions];
  if (Math.min(all, elseAll) < fewestSessions) return byExchange;
  return Math.max(byExchange, chanceOfAll(sightings.sessions + (known?.sessions ?? 0), all, elseAll));
}

function chanceOfAll(shows: number, all: number, elseAll: number): number {
  // More than production has in all cannot be all production's.
  return shows > all ? 0 : fisherTail({ shows, all, elseShows: 0, elseAll });
}

function isOnlyThere({ kind, what }: Fact, staging: Place, path: readonly string[], root: Place): boolean {
  if (staging.has(kind, what)) return false;
  if (what.startsWith(lacking)) {
    const present = staging.facts.get(`${kind} ${what.slice(lacking.length)}`);
    return present !== undefined && present.sightings.exchanges === staging.seen.exchanges;
  }
  if (kind !== "combination") return true;
  // One that was never there is no pair that never was.
  const endpoint = root.below.get(path[0] ?? "");
  const single = path[1] === "pairs of headers" ? "header" : "parameter";
  return what.split(pairMark).every((name) => endpoint?.has(single, name));
}

function candidateOf({ kind, what, sightings }: Fact, production: Place, staging: Place, path: readonly string[]): Candidate {
  const share = sightings.exchanges / production.seen.exchanges;
  const chance = (1 - share) ** staging.seen.exchanges;
  return { kind, what, path, production, staging, sightings, chance };
}
