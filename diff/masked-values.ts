/** What can still be said of values that differ from the primary's by themselves (masked leaves: tokens, jitter, counters).
 *
 *    primary 7.1 ─ control 7.4 ─ candidate 9.0     which is larger, candidate or control?   number, length of a text
 *    primary "a" ─ control "b" ─ candidate "k"     has it been seen before?                 a constant in place of fresh values
 *
 * Under "the candidate behaves like the control" both answers are as likely one way as the other at every exchange, whatever the
 * values are (diff/sign-test.ts). What belongs to one instance (its name, start time, first id) is not jitter and is left out:
 * there the control's values do not fall on both sides of the primary's, or do not vary. Of times that something took, a
 * slower candidate is told as latency is (timings.ts). */

import type { Comparison, Difference, DifferenceKind } from "../model/difference.ts";
import { isOverLimit } from "./compare/beginnings.ts";
import type { MaskedTest } from "./masked-test.ts";
import { type PairPlace, SignTest, type Units } from "./sign-test.ts";
import { placeKey } from "./signatures.ts";
import { TimingPairs } from "./timing-pairs.ts";
import { isTiming, unquoted } from "./timings.ts";

/** Leaves that are followed; of a document whose keys are data there may be any number. */
const mostLeaves = 10_000;
/** Values remembered of one leaf; a constant is among the first. */
const mostSeen = 2048;
/** Fewer pairs do not show what a leaf's values are like. */
const fewestPairs = 10;
/** The control lies on the rarer side of the primary at least this often, or it is an instance's own offset rather than jitter. */
const rarerSide = 0.1;
/** The control's value changes from answer to answer at least this often, or it is no jitter either. */
const leastChanges = 0.5;
/** A shift of less than this imbalance (larger minus smaller, as a share of both) is within what two equal processes differ by. */
const leastImbalance = 0.2;
/** Values of the control that may have been seen before and still count as "all distinct". */
const repeatedShare = 0.01;
/** From this share of repeated values on the candidate repeats everywhere, so that no single record can be the reason. */
const everywhereShare = 0.9;
/** The candidate's repeated values are a finding to look at from this many and this share on. */
const leastRepeats = 3;
const leastRepeatShare = 0.5;

/** Kinds whose two sides are scalar values shown in full or nearly so. */
const valueKinds: ReadonlySet<DifferenceKind> = new Set(["json.value", "header.value", "markup.text", "markup.attribute"]);
const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

class Leaf {
  readonly kind: DifferenceKind;
  /** Of a leaf that says how long something took; null = of another. */
  readonly timing: TimingPairs | null;
  pairs = 0;
  readonly values = new SignTest();
  readonly lengths = new SignTest();
  readonly repeats = new SignTest();
  /** The control above and below the primary: by value, by length. */
  readonly valueSides = { above: 0, below: 0 };
  readonly lengthSides = { above: 0, below: 0 };
  controlRepeats = 0;
  candidateRepeats = 0;
  /** Answers in which the control's value was another than in its answer before. */
  controlChanges = 0;
  lastOfControl: number | null = null;
  readonly seen = new Set<number>();

  constructor(kind: DifferenceKind, isTimed: boolean) {
    this.kind = kind;
    this.timing = isTimed ? new TimingPairs() : null;
  }
}

/** One run's masked values. Whether a leaf is masked is known at the end only, so all leaves whose values differ are followed. */
export class MaskedValues {
  private readonly leaves = new Map<string, Leaf>();

  /** Call once an exchange. */
  observe(endpoint: string, place: PairPlace, toCandidate: Comparison, toControl: Comparison): void {
    if (toControl.differences.length + toCandidate.differences.length === 0) return;
    const [candidate, control] = [new Sides(toCandidate), new Sides(toControl)];
    if (candidate.isWhollyOther || control.isWhollyOther) return;
    for (const key of new Set([...candidate.values.keys(), ...control.values.keys()])) {
      const difference = candidate.values.get(key) ?? control.values.get(key);
      if (difference === undefined || candidate.hides(difference) || control.hides(difference)) continue;
      const leaf = this.leaf(endpoint, difference);
      // A side without a difference has the primary's value.
      if (leaf !== null)
        count(leaf, place, {
          primary: difference.from ?? "",
          control: control.values.get(key)?.to ?? difference.from ?? "",
          candidate: candidate.values.get(key)?.to ?? difference.from ?? "",
        });
    }
  }

  /** What is known about a leaf that has turned out to be masked; `key` as of `placeKey`.
   * @param isSmall distinct requests are the unit of evidence instead of lanes */
  testsOf(endpoint: string, key: string, isSmall: boolean): MaskedTest[] {
    const leaf = this.leaves.get(`${endpoint}\n${key}`);
    if (leaf === undefined || leaf.pairs < fewestPairs) return [];
    const ofTime = leaf.timing?.tests(leaf.kind, unitsFor(isSmall, isFresh(leaf))) ?? [];
    if (ofTime.length > 0) return ofTime;
    const tests = [constantTest(leaf, isSmall)];
    if (isJitter(leaf.valueSides)) tests.push(shiftTest(leaf, leaf.values, ["smaller", "larger"], isSmall));
    if (isJitter(leaf.lengthSides)) tests.push(shiftTest(leaf, leaf.lengths, ["shorter", "longer"], isSmall));
    return tests.filter((test) => test !== null);
  }

  private leaf(endpoint: string, difference: Difference): Leaf | null {
    const name = `${endpoint}\n${placeKey(difference)}`;
    const known = this.leaves.get(name);
    if (known !== undefined) return known;
    if (this.leaves.size >= mostLeaves) return null;
    const leaf = new Leaf(difference.kind, isTiming(difference, difference));
    this.leaves.set(name, leaf);
    return leaf;
  }
}

/** One comparison by place. */
class Sides {
  readonly values = new Map<string, Difference>();
  /** Another status or body: what stands at the same place says nothing. */
  readonly isWhollyOther: boolean;
  private readonly others = new Set<string>();

  constructor({ differences }: Comparison) {
    this.isWhollyOther = differences.some(
      ({ location, kind, transition }) =>
        location === "transport" || location === "status" || (kind.startsWith("body.") && !isOverLimit(transition)),
    );
    for (const difference of differences) {
      if (valueKinds.has(difference.kind) && difference.level === "value") this.values.set(placeKey(difference), difference);
      else this.others.add(`${difference.location}\n${difference.path}`);
    }
  }

  /** The place, or one that holds it, differs in another way than by value. */
  hides({ location, path }: Difference): boolean {
    if (this.others.size === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (this.others.has(`${location}\n${path.slice(0, end)}`)) return true;
    }
    return this.others.has(`${location}\n`);
  }
}

interface Values {
  readonly primary: string;
  readonly control: string;
  readonly candidate: string;
}

function count(leaf: Leaf, place: PairPlace, shown: Values): void {
  const [primary, control, candidate] = [unquoted(shown.primary), unquoted(shown.control), unquoted(shown.candidate)];
  leaf.pairs++;
  if (leaf.timing !== null) {
    leaf.timing.add(place, control, candidate);
  } else if (number.test(primary) && number.test(control) && number.test(candidate)) {
    leaf.values.add(place, Number(candidate) - Number(control));
    side(leaf.valueSides, Number(control) - Number(primary));
  } else {
    leaf.lengths.add(place, candidate.length - control.length);
    side(leaf.lengthSides, control.length - primary.length);
  }
  const [candidateHash, controlHash] = [hash(candidate), hash(control)];
  // Both are looked up before either is kept: the order must not favour one.
  const [candidateRepeats, controlRepeats] = [leaf.seen.has(candidateHash), leaf.seen.has(controlHash)];
  if (candidateRepeats) leaf.candidateRepeats++;
  if (controlRepeats) leaf.controlRepeats++;
  if (leaf.lastOfControl !== null && leaf.lastOfControl !== controlHash) leaf.controlChanges++;
  leaf.lastOfControl = controlHash;
  leaf.repeats.add(place, Number(candidateRepeats) - Number(controlRepeats));
  if (leaf.seen.size < mostSeen) leaf.seen.add(candidateHash).add(controlHash);
}

function side(sides: { above: number; below: number }, difference: number): void {
  if (difference > 0) sides.above++;
  else if (difference < 0) sides.below++;
}

function isJitter({ above, below }: { readonly above: number; readonly below: number }): boolean {
  return above + below >= fewestPairs && Math.min(above, below) >= rarerSide * (above + below);
}

/** Control all distinct and candidate repeating. */
function constantTest(leaf: Leaf, isSmall: boolean): MaskedTest | null {
  const { repeats, pairs, candidateRepeats } = leaf;
  if (candidateRepeats === 0 || !isFresh(leaf)) return null;
  const isEverywhere = candidateRepeats >= everywhereShare * pairs;
  const isPlain = repeats.c === 0 && candidateRepeats >= leastRepeats && candidateRepeats >= leastRepeatShare * pairs;
  return {
    kind: leaf.kind === "json.value" ? "json.constant" : leaf.kind,
    transition: "constant",
    b: repeats.b,
    c: repeats.c,
    logE: repeats.oneSided(unitsFor(isSmall, isEverywhere)),
    requests: repeats.requests,
    isPlain,
  };
}

function shiftTest(leaf: Leaf, test: SignTest, words: readonly [less: string, more: string], isSmall: boolean): MaskedTest | null {
  const { b, c } = test;
  // What stays the same from answer to answer is an instance's own.
  if (leaf.controlChanges < leastChanges * leaf.pairs || Math.abs(b - c) < leastImbalance * (b + c)) return null;
  return {
    kind: leaf.kind,
    transition: b > c ? words[1] : words[0],
    b: Math.max(b, c),
    c: Math.min(b, c),
    logE: test.twoSided(unitsFor(isSmall, isFresh(leaf))),
    requests: 0,
    isPlain: false,
  };
}

/** New at every answer: then it cannot stick to a record, and lanes do not depend on each other through one. */
function isFresh({ controlRepeats, pairs }: Leaf): boolean {
  return controlRepeats <= repeatedShare * pairs;
}

function unitsFor(isSmall: boolean, lanesSuffice: boolean): Units {
  if (isSmall) return "requests";
  return lanesSuffice ? "lanes" : "both";
}

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** FNV-1a: 32 bits are plenty for `mostSeen` values, and a collision favours neither side. */
function hash(text: string): number {
  let h = fnvOffset;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), fnvPrime);
  return h >>> 0;
}
