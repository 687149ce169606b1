/** Decides which literal segments of a run's paths are parameters, from the root on:
 *
 *    position ─► its literals ─┬─ routes of their own ─► each with what is below it
 *                              └─ parameters ─► together, with what is below all of them ─► the next position
 *
 * All decisions are made of numbers of distinct segments and of ratios of counts, so that a run and one with every request twice
 * are named alike. */

import { mayBeToken } from "./segment-class.ts";
import type { Position } from "./segment-tree.ts";

/** Fewest distinct literals at one position that make it a parameter; four routes side by side are common, e.g. CRUD actions. */
const fewestSiblings = 5;
/** A literal with more than this share of the requests is a route of its own. */
const dominantShare = 0.5;
/** So are a few that have the dominant share together, each at least so many times the requests of any other. Popular names are not
 * apart like that: of two neighbours in a ranking by popularity the first is seldom twice as popular. */
const dominantGap = 16;
/** No service has so many routes side by side. */
const mostRoutes = 500;
/** Among identifiers, a plain word is one too if they have at least this many times its requests. */
const missRatio = 5;
/** Share of a group that may be an exception: a rare method, a subtree of which little was seen. */
const exceptions = 0.1;
/** So many distinct literals are a sample of names, in which each was met a few times only … */
const manySiblings = 30;
/** … so that those without the common method are told by their share of the requests. */
const rareShare = 0.2;
/** Names that are only posted to are actions, of which services have dozens side by side (RPC). */
const fewestPosted = 50;
/** A segment is common below literals if it is found below this share of them, and two of them. */
const commonShare = 0.02;

/** What is known of the names at one position. */
export interface Template {
  /** Literals that stay. */
  readonly literals: ReadonlyMap<string, Template>;
  /** Literals that are parameters. */
  readonly merged: ReadonlySet<string>;
  /** Literals that were never seen, or too seldom to be kept, are parameters too. */
  readonly isOpen: boolean;
  /** Below all parameters; null = there are none. */
  readonly parameter: Template | null;
}

/** All positions of one literal, where several parents are one parameter; or of all parameters. */
interface Group {
  readonly segment: string;
  readonly positions: readonly Position[];
  readonly requests: number;
  /** Of requests that end here, with or without a slash. */
  readonly methods: ReadonlySet<string>;
  /** Literals below, without the empty one that a slash at the end makes. */
  readonly below: ReadonlySet<string>;
  /** Literals below those: `/repos/OWNER/REPO/issues` has `issues` far below each owner. */
  readonly farBelow: ReadonlySet<string>;
  readonly hasIdentifiersBelow: boolean;
}

/** @param positions that are one place, since the segments before them are the same or are parameters
 * @param isFirst of their paths: what stands there is a name, unless it is drowned in a flood of names */
export function templateOf(positions: readonly Position[], isFirst: boolean = true): Template {
  const literals = literalGroups(positions);
  const identifiers = groupOf(
    "",
    positions.flatMap(({ parameter }) => parameter ?? []),
  );
  const crowd = groupOf(
    "",
    positions.flatMap((position) => position.crowd ?? []),
  );
  const crowdSize = positions.reduce((sum, position) => sum + position.crowdSize, 0);
  const all: Siblings = { literals, identifiers, crowd, crowdSize, heads: headsOf(literals, [identifiers, crowd]) };
  const like = isFirst ? [] : likeLiterals(all);
  const merged = new Set([...like, ...(isFirst ? [] : rareLiterals(all)), ...drowned(all)]);
  const parameters = [...identifiers.positions, ...crowd.positions, ...[...merged].flatMap((group) => group.positions)];
  const own = literals.filter((group) => !merged.has(group));
  return {
    literals: new Map(own.map((group) => [group.segment, templateOf(group.positions, false)])),
    merged: new Set([...merged].map(({ segment }) => segment)),
    isOpen: crowdSize > 0 || like.length > 0,
    parameter: parameters.length === 0 ? null : templateOf(parameters, false),
  };
}

interface Siblings {
  readonly literals: readonly Group[];
  readonly identifiers: Group;
  readonly crowd: Group;
  readonly crowdSize: number;
  /** Literals that are routes of their own by the number of their requests. */
  readonly heads: ReadonlySet<Group>;
}

function literalGroups(positions: readonly Position[]): Group[] {
  const bySegment = new Map<string, Position[]>();
  for (const { literals } of positions) {
    for (const [segment, child] of literals) {
      const known = bySegment.get(segment);
      if (known === undefined) bySegment.set(segment, [child]);
      else known.push(child);
    }
  }
  return [...bySegment].map(([segment, children]) => groupOf(segment, children));
}

function groupOf(segment: string, positions: readonly Position[]): Group {
  const ends = positions.flatMap((position) => [position, position.literals.get("") ?? []].flat());
  const below = positions.flatMap(({ literals }) => [...literals.values()]);
  return {
    segment,
    positions,
    requests: positions.reduce((sum, { requests }) => sum + requests, 0),
    methods: new Set(ends.flatMap(({ methods }) => [...methods])),
    below: namesBelow(positions),
    farBelow: namesBelow(below),
    hasIdentifiersBelow: positions.some(({ parameter }) => parameter !== null),
  };
}

function namesBelow(positions: readonly Position[]): ReadonlySet<string> {
  return new Set(positions.flatMap(({ literals }) => [...literals.keys()]).filter((segment) => segment !== ""));
}

/** The most frequent literals, as many of them as stand apart from all others. */
function headsOf(literals: readonly Group[], others: readonly Group[]): ReadonlySet<Group> {
  const total = [...literals, ...others].reduce((sum, { requests }) => sum + requests, 0);
  const ranked = literals.toSorted((a, b) => b.requests - a.requests || (a.segment < b.segment ? -1 : 1));
  let together = 0;
  let heads = (ranked[0]?.requests ?? 0) > dominantShare * total ? 1 : 0;
  for (const [index, { requests }] of ranked.entries()) {
    together += requests;
    const next = ranked[index + 1];
    if (next !== undefined && together > dominantShare * total && requests >= dominantGap * next.requests) heads = index + 1;
  }
  return new Set(ranked.slice(0, heads));
}

/** In a flood of names only what stands apart is a route: by its number, or, when it is not rare, by what is below it. */
function drowned({ literals, identifiers, crowd, crowdSize, heads }: Siblings): Group[] {
  const count = literals.length + crowdSize;
  if (count < mostRoutes) return [];
  const total = literals.reduce((sum, { requests }) => sum + requests, crowd.requests);
  const isRare = ({ requests }: Group): boolean => requests * count < dominantGap * total;
  return literals.filter((group) => !heads.has(group) && (isRare(group) || isLike(group, crowd) || isLike(group, identifiers)));
}

/** Identifiers that do not look like it, known by those beside them. */
function rareLiterals({ literals, identifiers, crowd }: Siblings): Group[] {
  if (identifiers.positions.length === 0) return [];
  const total = [...literals, identifiers, crowd].reduce((sum, { requests }) => sum + requests, 0);
  return literals.filter((group) => {
    if (group.segment === "" || !isLike(group, identifiers)) return false;
    const looksOdd = mayBeToken(group.segment) || !/[A-Za-z]/.test(group.segment);
    return looksOdd ? group.requests <= dominantShare * total : isMiss(group, identifiers);
  });
}

/** `/products/abc` among `/products/5`, seldom and with nothing below: a client's bad identifier, not a route. */
function isMiss(group: Group, identifiers: Group): boolean {
  return group.positions.every(hasNothingBelow) && group.requests * missRatio <= identifiers.requests;
}

/** Whether a literal is only used as those are. */
function isLike(group: Group, others: Group): boolean {
  const isBelow = [...group.below].every((segment) => others.below.has(segment));
  return (
    isBelow &&
    (!group.hasIdentifiersBelow || others.hasIdentifiersBelow) &&
    [...group.methods].every((method) => others.methods.has(method))
  );
}

/** Names that are used alike, when there are many of them. */
function likeLiterals({ literals, identifiers, crowdSize, heads }: Siblings): Group[] {
  const candidates = literals.filter((group) => group.segment !== "" && !heads.has(group));
  const leaves = candidates.filter(isLeaf);
  const trees = candidates.filter((group) => !isLeaf(group));
  const likeTrees = withCommonBelow(trees, identifiers);
  if (trees.length - likeTrees.length > exceptions * candidates.length) return [];
  const method = commonMethod(candidates);
  if (method === null && leaves.length > 0) return [];
  if (isPostedOnly(candidates) && candidates.length + crowdSize < fewestPosted) return [];
  if (likeTrees.length >= fewestSiblings) return [...likeTrees, ...leaves];
  // Of some names more was asked than the name itself; of others only that.
  const more = likeTrees.filter(({ methods }) => method !== null && methods.has(method));
  if (leaves.length + more.length + crowdSize < fewestSiblings) return [];
  const known = new Set(more.flatMap(({ below }) => [...below]));
  return [...leaves, ...likeTrees.filter((tree) => more.includes(tree) || [...tree.below].some((segment) => known.has(segment)))];
}

/** Those below which something stands that stands below others too. Below the names of collections stand identifiers, and collections
 * that have a search each are not one. */
function withCommonBelow(trees: readonly Group[], identifiers: Group): Group[] {
  const fewest = Math.max(2, commonShare * trees.length);
  const common = commonOf(
    trees.map(({ below }) => below),
    fewest,
  );
  const farCommon = commonOf(
    trees.map(({ farBelow }) => farBelow),
    fewest,
  );
  return trees.filter(({ below, farBelow, hasIdentifiersBelow }) => {
    if (hasIdentifiersBelow) return false;
    return (
      [...below].some((segment) => common.has(segment) || identifiers.below.has(segment)) ||
      [...farBelow].some((segment) => farCommon.has(segment))
    );
  });
}

function commonOf(sets: readonly ReadonlySet<string>[], fewest: number): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const set of sets) for (const segment of set) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count >= fewest).map(([segment]) => segment));
}

/** The method with which all groups that requests end at are asked, but for a few; null = there is none. */
function commonMethod(groups: readonly Group[]): string | null {
  const ends = groups.filter(({ methods }) => methods.size > 0);
  const total = ends.reduce((sum, { requests }) => sum + requests, 0);
  const isCommon = (method: string): boolean => {
    const lacking = ends.filter(({ methods }) => !methods.has(method));
    if (lacking.length <= exceptions * ends.length) return true;
    // Of names that were met once or twice, one method is all that was seen.
    return ends.length >= manySiblings && lacking.reduce((sum, { requests }) => sum + requests, 0) <= rareShare * total;
  };
  const methods = [...new Set(ends.flatMap((group) => [...group.methods]))].sort();
  return methods.find(isCommon) ?? null;
}

function isPostedOnly(groups: readonly Group[]): boolean {
  return groups.every(({ methods, below }) => below.size === 0 && [...methods].every((method) => method === "POST"));
}

function isLeaf({ below, hasIdentifiersBelow }: Group): boolean {
  return below.size === 0 && !hasIdentifiersBelow;
}

function hasNothingBelow({ literals, parameter }: Position): boolean {
  return literals.size === 0 && parameter === null;
}
