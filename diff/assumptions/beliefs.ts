/** The beliefs that staging's traffic encodes and production's violates, one line for each cause, the most often violated first.
 *
 *    traffic ─► candidates.ts: beyond chance ─► consequences of another left out, like ones joined ─► beliefs */

import type { Assumptions, Belief } from "../../model/belief.ts";
import { anyKey } from "../known-maps.ts";
import { type Candidate, sift } from "./candidates.ts";
import { zero } from "./scalar-facts.ts";
import { placeText, saysText } from "./sentences.ts";
import type { Traffic } from "./traffic.ts";
import { pairMark } from "./traffic.ts";

/** The same header from so many places on is one line. */
const fewestJoined = 2;

export function assumptionsOf(staging: Traffic, production: Traffic): Assumptions {
  const { beyondChance, explainedByChance } = sift(production.root, staging.root);
  const told = withoutConsequences(beyondChance);
  const beliefs = joined(told).sort((a, b) => b.violations - a.violations || compareText(keyOf(a), keyOf(b)));
  return { staging: sizeOf(staging), production: sizeOf(production), beliefs, explainedByChance };
}

function sizeOf({ root: { seen } }: Traffic): Assumptions["staging"] {
  return { exchanges: seen.exchanges, sessions: seen.sessions };
}

/** What follows from another belief, or says the same from another side, is left out. */
function withoutConsequences(candidates: readonly Candidate[]): Candidate[] {
  const byPlace = Map.groupBy(candidates, ({ path }) => JSON.stringify(path));
  const atPlaces = [...byPlace.values()].flatMap(strongestAt);
  return withoutEchoes(onePairEach(oneOrderEach(withoutMirrored(withoutNewElements(atPlaces)))));
}

/** At one place: another value explains any size, characters or range of it, a sign or a zero explains a range, unless more has left that, and
 * like characters are one line. */
function strongestAt(here: readonly Candidate[]): Candidate[] {
  const has = (kind: Candidate["kind"], ...whats: readonly string[]): boolean =>
    here.some((one) => one.kind === kind && whats.includes(one.what));
  const times = (range: string): number => here.find(({ kind, what }) => kind === "range" && what === range)?.sightings.exchanges ?? 0;
  const left = here.filter(({ kind, what }) => {
    if (has("value", "another") && (kind === "size" || kind === "characters" || kind === "range")) return false;
    if (kind === "range" && what === "below") return !has("range", "negative") && times("below") > times(zero);
    if (kind === "range" && what === zero) return times(zero) >= times("below");
    return !(kind === "range" && what === "above" && has("range", "beyond 32 bits", "beyond 2^53, where doubles have gaps"));
  });
  const characters = left.filter(({ kind }) => kind === "characters").sort(byCount);
  const [most] = characters;
  if (most === undefined) return left;
  const all = { ...most, what: characters.map(({ what }) => what).join(", ") };
  return [...left.filter(({ kind }) => kind !== "characters"), all];
}

/** Elements that only longer arrays have are other than those before: that the array is longer says it. */
function withoutNewElements(candidates: readonly Candidate[]): Candidate[] {
  const longer = candidates.filter(({ kind, what, path }) => kind === "size" && what === "longer" && path.at(-1) === "as array");
  const explains = (array: Candidate, { path, sightings }: Candidate): boolean =>
    isBelow(path, [...array.path.slice(0, -1), `/${anyKey}`]) && sightings.exchanges <= array.sightings.exchanges;
  return candidates.filter((one) => one.kind !== "value" || !longer.some((array) => explains(array, one)));
}

function isBelow(path: readonly string[], above: readonly string[]): boolean {
  return path.length > above.length && above.every((part, index) => path[index] === part);
}

/** Where nothing overlaps at all that says everything; else each pair of endpoints once. */
function withoutMirrored(candidates: readonly Candidate[]): Candidate[] {
  if (candidates.some(({ kind, path }) => kind === "overlap" && path.length === 1))
    return candidates.filter(({ kind, path }) => kind !== "overlap" || path.length === 1);
  const pairOf = ({ path, what }: Candidate): string => JSON.stringify([path[0] ?? "", what].sort());
  // Told of the endpoint that is called less often: there it is the larger share.
  const byShare = candidates.toSorted((a, b) => a.production.seen.exchanges - b.production.seen.exchanges);
  return firstOfEach(byShare, (one) => (one.kind === "overlap" ? pairOf(one) : null));
}

/** Of an array that lost its order by several members, the one that it lost most often. */
function oneOrderEach(candidates: readonly Candidate[]): Candidate[] {
  return firstOfEach(candidates.toSorted(byCount), ({ kind, path }) => (kind === "order" ? JSON.stringify(path.slice(0, -1)) : null));
}

/** Pairs of names that share one have one cause: a new kind of request. */
function onePairEach(candidates: readonly Candidate[]): Candidate[] {
  const named = new Set<string>();
  return candidates.toSorted(byCount).filter(({ kind, path, what }) => {
    if (kind !== "combination") return true;
    const names = what.split(pairMark).map((name) => JSON.stringify([...path, name]));
    if (names.some((name) => named.has(name))) return false;
    for (const name of names) named.add(name);
    return true;
  });
}

/** What a request brings and its answer gives back is one thing. */
function withoutEchoes(candidates: readonly Candidate[]): Candidate[] {
  return firstOfEach(candidates.toSorted(byCount), (one) => {
    const field = placeText(one).split("/").at(-1) ?? "";
    return one.path.some((part) => part.startsWith("/")) || one.kind === "field" || one.path.some((part) => part.startsWith("parameter "))
      ? JSON.stringify([one.path[0], one.kind, field.replace(/^.* /, ""), one.what])
      : null;
  });
}

/** The first of each group; what is in none stays. */
function firstOfEach(candidates: readonly Candidate[], groupOf: (one: Candidate) => string | null): Candidate[] {
  const taken = new Set<string>();
  return candidates.filter((one) => {
    const group = groupOf(one);
    return group === null || (!taken.has(group) && taken.add(group));
  });
}

function byCount(a: Candidate, b: Candidate): number {
  return b.sightings.exchanges - a.sightings.exchanges || a.path.length - b.path.length || compareText(a.what, b.what);
}

/** A header that is new (or gone) at many places is one line. */
function joined(candidates: readonly Candidate[]): Belief[] {
  const groups = Map.groupBy(candidates, (one) =>
    one.kind === "header" ? JSON.stringify([one.what, one.path.length > 1]) : JSON.stringify([one.path, one.kind, one.what]),
  );
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (first === undefined) throw new TypeError("a group has members");
    const belief = beliefOf(first);
    if (group.length < fewestJoined) return belief;
    const sum = (of: (one: Candidate) => number): number => group.reduce((total, one) => total + of(one), 0);
    const violations = sum(({ sightings }) => sightings.exchanges);
    const all = sum(({ production }) => production.seen.exchanges);
    const staged = sum(({ staging }) => staging.seen.exchanges);
    const endpoints = new Set(group.map(({ path }) => path[0])).size;
    return { ...belief, endpoints: endpoints - 1, violations, of: all, staging: staged, chance: (1 - violations / all) ** staged };
  });
}

function beliefOf(candidate: Candidate): Belief {
  const { kind, what, path, production, staging, sightings, chance } = candidate;
  return {
    kind,
    endpoint: kind === "endpoint" ? what : path.length > 0 && path[0] !== "overlaps" ? (path[0] ?? null) : null,
    place: placeText(candidate),
    says: saysText(candidate),
    endpoints: 0,
    violations: sightings.exchanges,
    of: production.seen.exchanges,
    staging: staging.seen.exchanges,
    chance,
  };
}

function keyOf({ endpoint, place, says }: Belief): string {
  return `${endpoint ?? ""} ${place} ${says}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
