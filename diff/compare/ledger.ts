/** Collects what the comparison of one pair of answers finds, and decides about ids at the end,
 * when all that the answers say about them is known:
 *
 *    request anchors  >  what the lane knows  >  what most leaves of these answers say
 *
 * so that one wrong reference among many right ones is the one that is reported. */

import type { Comparison, Difference } from "../../model/difference.ts";
import type { Anchors } from "./anchors.ts";
import { type Known, References } from "./references.ts";

/** Two id-like leaves at the same place. */
export interface IdPair {
  readonly idClass: string;
  /** The pair may tell of a renaming by itself (identity.ts). */
  readonly introduces: boolean;
  readonly left: string;
  readonly right: string;
  /** Inside an array, where the elements may have been matched wrongly: weaker evidence. */
  readonly inArray: boolean;
  /** What to report when the pair breaks the renaming; null when the values are equal. */
  readonly broken: Difference | null;
}

/** What two equal bodies say. */
export interface EqualBody {
  readonly leaves: number;
  readonly ids: readonly IdPair[];
}

/** Places that one pair of answers may differ at. Beyond it keys are data (a map by id) or everything is different; what
 * is left counts as untested. */
const mostPlaces = 500;

export class Ledger {
  private readonly entries: (Difference | IdPair)[] = [];
  /** Pairs whose leaf is counted elsewhere. */
  private readonly related = new Set<IdPair>();
  private readonly seen = new Set<string>();
  private byValue = 0;
  private byFormat = 0;
  private untested = 0;

  /** Leaves that agree by value. */
  agree(leaves = 1): void {
    this.byValue += leaves;
  }

  /** A leaf of which only presence and format can be compared, and these agree. */
  agreeByFormat(): void {
    this.byFormat++;
  }

  /** Leaves that were not compared. */
  skip(leaves = 1): void {
    this.untested += leaves;
  }

  /** A leaf that differs. */
  differ(difference: Difference): void {
    this.byValue++;
    this.entries.push(difference);
  }

  /** A difference of the whole that its leaves do not show, such as their order or number. */
  note(difference: Difference): void {
    this.entries.push(difference);
  }

  /** A leaf with ids: counted, and judged in `conclude`. */
  identify(pair: IdPair): void {
    this.entries.push(pair);
  }

  /** A pair of ids within a leaf that is counted already. */
  relate(pair: IdPair): void {
    this.related.add(pair);
    this.entries.push(pair);
  }

  /** Leaves and equal ids of a body that was compared with itself. */
  facts(): EqualBody {
    const ids = new Map<string, IdPair>();
    for (const entry of this.entries) if ("idClass" in entry) ids.set(JSON.stringify([entry.idClass, entry.left]), entry);
    const counted = this.entries.length - this.related.size;
    return { leaves: this.byValue + counted, ids: [...ids.values()] };
  }

  /** The comparison. Remembers in `references` what these answers newly say about ids. */
  conclude(references: References, anchors: Anchors): Comparison {
    const open: IdPair[] = [];
    const broken = new Set<IdPair>();
    for (const entry of this.entries) {
      if (!("idClass" in entry)) continue;
      const anchored = anchors.check(entry.idClass, entry.left, entry.right);
      const known = anchored === "unknown" ? references.check(entry.idClass, entry.left, entry.right) : anchored;
      if (known === "unknown") open.push(entry);
      else if (known === "contradicts") broken.add(entry);
    }
    // Equal ids cannot contradict one another, and mostly all are: then there is nothing to elect.
    if (open.every((pair) => pair.left === pair.right)) {
      for (const { idClass, left, right } of open) {
        if (references.check(idClass, left, right) === "unknown") references.bind(idClass, left, right);
      }
      return this.comparison(broken);
    }
    const elected = elect(open.filter((pair) => pair.introduces || pair.left === pair.right));
    for (const pair of open) {
      const { idClass, left, right } = pair;
      const isKnown = pair.introduces || left === right || [anchors, elected, references].some((known) => known.knows(left, right));
      if (!isKnown || accept(pair, elected) === "contradicts") broken.add(pair);
      else if (references.check(idClass, left, right) === "unknown") references.bind(idClass, left, right);
    }
    return this.comparison(broken);
  }

  private comparison(broken: ReadonlySet<IdPair>): Comparison {
    const differences = this.report(broken);
    return { differences, leaves: { byValue: this.byValue, byFormat: this.byFormat, untested: this.untested } };
  }

  /** The differences in the order they were found; the first one of each kind at each path. */
  private report(broken: ReadonlySet<IdPair>): Difference[] {
    const differences: Difference[] = [];
    for (const entry of this.entries) {
      const difference = "idClass" in entry ? this.judged(entry, broken.has(entry)) : entry;
      if (difference === null) continue;
      const key = `${difference.location}\u0000${difference.path}\u0000${difference.kind}`;
      if (this.seen.has(key)) continue;
      if (this.seen.size >= mostPlaces) {
        this.byValue = Math.max(0, this.byValue - 1);
        this.untested++;
        continue;
      }
      this.seen.add(key);
      differences.push(difference);
    }
    return differences;
  }

  private judged(pair: IdPair, isBroken: boolean): Difference | null {
    // Equal values are their own evidence, whatever was bound before.
    if (this.related.has(pair)) return isBroken ? pair.broken : null;
    if (pair.broken === null || isBroken) this.byValue++;
    else this.byFormat++;
    return isBroken ? pair.broken : null;
  }
}

/** Chooses pairs so that none contradicts another: the most frequent first, then those outside
 * arrays, then the first ones. */
function elect(pairs: readonly IdPair[]): References {
  const elected = new References(Number.POSITIVE_INFINITY);
  const isUnanimous = pairs.every((pair) => accept(pair, elected) !== "contradicts");
  if (isUnanimous) return elected;

  const votes = new Map<string, { readonly pair: IdPair; count: number; outside: number }>();
  for (const pair of pairs) {
    const key = JSON.stringify([pair.idClass, pair.left, pair.right]);
    const vote = votes.get(key) ?? { pair, count: 0, outside: 0 };
    vote.count++;
    if (!pair.inArray) vote.outside++;
    votes.set(key, vote);
  }
  const ranked = [...votes.values()].sort((a, b) => b.count - a.count || b.outside - a.outside);
  const byVotes = new References(Number.POSITIVE_INFINITY);
  for (const { pair } of ranked) accept(pair, byVotes);
  return byVotes;
}

/** Binds a pair unless it contradicts an earlier one. */
function accept({ idClass, left, right }: IdPair, references: References): Known {
  const known = references.check(idClass, left, right);
  if (known === "unknown") references.bind(idClass, left, right);
  return known;
}
