/** Collects what the comparison of one pair of answers finds, and decides about ids at the end,
 * when all that the answers say about them is known:
 *
 *    request anchors  >  what the lane knows  >  what most leaves of these answers say
 *
 * so that one wrong reference among many right ones is the one that is reported. */

import type { Comparison, Difference, DifferenceKind, LeafCount, Renaming, RuleEffects } from "../../model/difference.ts";
import { learntApart } from "../learnt-apart.ts";
import { noRules, type RuleScope } from "../rules/scope.ts";
import type { Anchors } from "./anchors.ts";
import { isCounted } from "./identity.ts";
import { sameShift, type TimeShift } from "./moments.ts";
import { type Known, References } from "./references.ts";
import { textTransition } from "./transitions.ts";

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
  /** The rule under which it was found. */
  readonly under?: UserRule;
}

/** A user's rule in force: what is found under it is hidden, and its leaves count as no better tested than this. */
export interface UserRule {
  readonly number: number;
  readonly leaves: keyof LeafCount;
}

/** A time that differs; whether it counts is known when all times of the answers are. */
interface ShiftedTime {
  readonly shift: TimeShift;
  readonly difference: Difference;
  /** The rule that was in force there. */
  readonly under: UserRule | undefined;
}

/** What two equal bodies say. */
export interface EqualBody {
  readonly leaves: LeafCount;
  readonly ids: readonly IdPair[];
}

/** Places that one pair of answers may differ at. Beyond it keys are data (a map by id) or everything is different; what
 * is left counts as untested. */
const mostPlaces = 500;
/** Times about now that one pair of answers is known by. They all say the same, give or take. */
const mostAnchors = 16;

export class Ledger {
  private readonly entries: (Difference | IdPair | ShiftedTime)[] = [];
  /** Ids of equal bodies, whose leaves are counted. */
  private equalIds: readonly IdPair[] = [];
  /** Differences that are certain to be reported, by place and kind. */
  private readonly told = new Map<object, Map<DifferenceKind, Difference>>();
  /** Leaves that differ like one of these. */
  private readonly alike = new Map<Difference, number>();
  private readonly anchors: TimeShift[] = [];
  /** Pairs whose leaf is counted elsewhere. */
  private readonly related = new Set<IdPair>();
  /** Pairs that the requests name: each side answers about what it was asked for. */
  private readonly asked = new Set<IdPair>();
  private readonly leaves = { byValue: 0, byFormat: 0, untested: 0 };
  private readonly rules: RuleScope;
  private readonly hidden = new Hidden();
  private readonly renamed = new Map<string, Renaming>();
  private inForce: UserRule | undefined;

  constructor(rules: RuleScope = noRules) {
    this.rules = rules;
  }

  /** Leaves that agree by value. */
  agree(leaves = 1): void {
    if (this.inForce === undefined) this.leaves.byValue += leaves;
    else this.count("byValue", leaves);
  }

  /** A leaf of which only presence and format can be compared, and these agree. */
  agreeByFormat(): void {
    this.count("byFormat");
  }

  /** A time about now that is as far from the answer's Date on both sides. */
  agreeByMoment(shift: TimeShift | null): void {
    this.count("byFormat");
    if (shift !== null && this.anchors.length < mostAnchors) this.anchors.push(shift);
  }

  /** A time that differs, unless the answers' other times explain it. */
  differByTime(shift: TimeShift, difference: Difference): void {
    this.entries.push({ shift, difference, under: this.inForce });
  }

  /** Leaves that were not compared. */
  skip(leaves = 1): void {
    this.count("untested", leaves);
  }

  /** A leaf that differs. */
  differ(difference: Difference): void {
    this.count(this.put(difference) ? "byValue" : "untested");
  }

  /** A leaf that differs, at a place where leaf after leaf may: the first one of its kind is told, the others need no description.
   * @param place the same object for the same place */
  differOnce(place: object, kind: DifferenceKind, describe: () => Difference): void {
    const told = this.told.get(place);
    const first = this.inForce === undefined ? told?.get(kind) : undefined;
    if (first !== undefined) {
      this.alike.set(first, (this.alike.get(first) ?? 0) + 1);
      return this.agree();
    }
    const before = this.entries.length;
    const difference = describe();
    this.differ(difference);
    // Past the bound it is not certain that it will be told.
    if (this.entries.length === before || before >= mostPlaces) return;
    if (told === undefined) this.told.set(place, new Map([[kind, difference]]));
    else told.set(kind, difference);
  }

  /** A difference of the whole that its leaves do not show, such as their order or number. */
  note(difference: Difference): void {
    this.put(difference);
  }

  /** A leaf with ids: counted, and judged in `conclude`. */
  identify(pair: IdPair): void {
    this.entries.push(this.inForce === undefined ? pair : { ...pair, under: this.inForce });
  }

  /** A pair of ids within a leaf that is counted already. */
  relate(pair: IdPair): void {
    const entry = this.inForce === undefined ? pair : { ...pair, under: this.inForce };
    this.related.add(entry);
    this.entries.push(entry);
  }

  /** Compares under a user's rule; within another rule that one stays in force. */
  under(rule: UserRule, compare: () => void): void {
    const outer = this.inForce;
    this.inForce = outer ?? rule;
    compare();
    this.inForce = outer;
  }

  /** A user's rule that decided something without hiding it; within another rule there is nothing to decide. */
  apply(rule: number): void {
    if (this.inForce === undefined) this.hidden.applied.add(rule);
  }

  /** Leaves and equal ids of a body that was compared with itself. */
  facts(): EqualBody {
    const ids = new Map<string, IdPair>();
    const leaves = { ...this.leaves };
    for (const entry of this.entries) {
      if (!("idClass" in entry)) continue;
      ids.set(`${entry.idClass.length} ${entry.idClass}${entry.left}`, entry);
      if (!this.related.has(entry)) leaves[weaker("byValue", entry.under)]++;
    }
    return { leaves, ids: [...ids.values()] };
  }

  /** Leaves and ids of a body that both sides have. */
  agreeOn({ leaves, ids }: EqualBody): void {
    for (const how of testedHow) this.count(how, leaves[how]);
    this.equalIds = ids;
  }

  /** The comparison. Remembers in `references` what these answers newly say about ids. */
  conclude(references: References, anchors: Anchors): Comparison {
    const ids: IdPair[] = [];
    for (const entry of this.entries) if ("idClass" in entry) ids.push(entry);
    if (this.equalIds.length > 0) ids.push(...this.equalIds);
    if (areEqual(ids) && ids.length <= references.room) {
      // Mostly all are: they cannot contradict one another, and have nothing to report.
      for (const { idClass, left } of ids) if (anchors.check(idClass, left, left) === "unknown") references.keep(idClass, left);
      return this.comparison(noneBroken);
    }
    const open: IdPair[] = [];
    const broken = new Set<IdPair>();
    for (const pair of ids) {
      const anchored = anchors.check(pair.idClass, pair.left, pair.right);
      const known = anchored === "unknown" ? references.check(pair.idClass, pair.left, pair.right) : anchored;
      if (anchored === "agrees") this.asked.add(pair);
      if (known === "unknown") open.push(pair);
      else if (known === "contradicts") broken.add(pair);
    }
    if (areEqual(open)) {
      for (const { idClass, left } of open) references.keep(idClass, left);
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
    const rules = this.hidden.effects();
    const renamed = [...this.renamed.values()];
    return { differences, leaves: { ...this.leaves }, ...(renamed.length === 0 ? {} : { renamed }), ...(rules === null ? {} : { rules }) };
  }

  private count(how: keyof LeafCount, leaves = 1, under = this.inForce): void {
    this.leaves[weaker(how, under)] += leaves;
  }

  /** @returns whether it counts: no rule hides it */
  private put(difference: Difference): boolean {
    const rule = this.inForce?.number ?? this.rules.ignoring(difference.location, difference.path);
    if (rule === null) this.entries.push(difference);
    else this.hidden.add(rule, difference);
    return rule === null || this.inForce !== undefined;
  }

  /** The differences in the order they were found; the first one of each kind at each path, with how many there are. */
  private report(broken: ReadonlySet<IdPair>): Difference[] {
    const reported = new Map<string, { readonly difference: Difference; leaves: number }>();
    for (const entry of this.entries) {
      const difference = this.differenceOf(entry, broken);
      if (difference === null) continue;
      const key = [difference.location, difference.path, difference.kind, learntApart(difference)].join("\u0000");
      const leaves = 1 + (this.alike.get(difference) ?? 0);
      const known = reported.get(key);
      if (known !== undefined) known.leaves += leaves;
      else if (reported.size < mostPlaces) reported.set(key, { difference, leaves });
      else {
        this.leaves.byValue = Math.max(0, this.leaves.byValue - 1);
        this.leaves.untested++;
      }
    }
    return [...reported.values()].map(({ difference, leaves }) => (leaves === 1 ? difference : { ...difference, leaves }));
  }

  private differenceOf(entry: Difference | IdPair | ShiftedTime, broken: ReadonlySet<IdPair>): Difference | null {
    if ("idClass" in entry) return this.judged(entry, broken.has(entry));
    if (!("shift" in entry)) return entry;
    const { shift, difference, under } = entry;
    if (!this.anchors.some((anchor) => sameShift(shift, anchor))) return this.visible(difference, "byValue", under);
    this.count("byFormat", 1, under);
    return null;
  }

  private judged(pair: IdPair, isBroken: boolean): Difference | null {
    // Equal values are their own evidence, whatever was bound before.
    const difference = isBroken ? pair.broken : null;
    const how = this.related.has(pair) ? null : pair.broken === null || isBroken ? "byValue" : "byFormat";
    if (difference !== null) return this.visible(difference, how, pair.under);
    if (how !== null) this.count(how, 1, pair.under);
    if (pair.broken !== null && !isBroken && !this.asked.has(pair)) this.rename(pair, pair.broken);
    return null;
  }

  /** Another id in a consistent renaming; what a rule decides about is left to it. */
  private rename({ left, right, under }: IdPair, broken: Difference): void {
    const { location, path, kind } = broken;
    if (under !== undefined || this.rules.ignoring(location, path) !== null) return;
    const key = `${location}\n${path}\n${left}`;
    if (this.renamed.size >= mostPlaces || this.renamed.has(key)) return;
    const valueKind = kind === "json.reference" ? "json.value" : kind;
    const difference: Difference = { ...broken, kind: valueKind, transition: textTransition(left, right) };
    this.renamed.set(key, { difference, isCounted: isCounted(left) && isCounted(right) });
  }

  /** Counts a leaf that differs, or is counted elsewhere (null), and hides the difference where a rule says so. */
  private visible(difference: Difference, how: keyof LeafCount | null, given: UserRule | undefined): Difference | null {
    const rule = given?.number ?? this.rules.ignoring(difference.location, difference.path);
    const under: UserRule | undefined = given ?? (rule === null ? undefined : { number: rule, leaves: "untested" });
    if (how !== null) this.count(how, 1, under);
    if (rule === null) return difference;
    this.hidden.add(rule, difference);
    return null;
  }
}

const noneBroken: ReadonlySet<IdPair> = new Set();

/** Each id is the same on both sides. */
function areEqual(ids: readonly IdPair[]): boolean {
  return ids.every(({ left, right }) => left === right);
}

const testedHow = ["byValue", "byFormat", "untested"] as const;

/** Under a rule nothing is better tested than the rule lets it be. */
function weaker(how: keyof LeafCount, under: UserRule | undefined): keyof LeafCount {
  if (under === undefined) return how;
  return testedHow[Math.max(testedHow.indexOf(how), testedHow.indexOf(under.leaves))] ?? how;
}

/** What the rules did; each rule hides a kind at a path once, as differences are reported. */
class Hidden {
  readonly applied = new Set<number>();
  private readonly differences = new Map<string, RuleEffects["hidden"][number]>();

  add(rule: number, difference: Difference): void {
    const { location, path, kind } = difference;
    const key = JSON.stringify([rule, location, path, kind]);
    if (this.differences.size < mostPlaces && !this.differences.has(key)) this.differences.set(key, { rule, difference });
  }

  /** Null when they did nothing. */
  effects(): RuleEffects | null {
    if (this.differences.size === 0 && this.applied.size === 0) return null;
    return { hidden: [...this.differences.values()], applied: [...this.applied] };
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
