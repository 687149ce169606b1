/** Decides which element of one JSON array belongs to which of the other.
 *
 *    equal head and tail   ─► matched by position
 *    objects with a key    ─► matched by the key, wherever they stand (element-key.ts)
 *    anything else         ─► matched by content, what is left over by likeness */

import type { JsonNode } from "../../model/json/node.ts";
import { align, type IndexPair, isPermuted } from "./alignment.ts";
import { type ElementKey, inferKey, isRandom, type RightOf, translator } from "./element-key.ts";
import { alignByKey } from "./given-key.ts";
import { withoutGlobalIds } from "./global-ids.ts";
import type { Interner } from "./intern.ts";
import { memberOf, sameNode } from "./nodes.ts";
import type { Work } from "./work.ts";

export interface ElementMatch {
  /** In left order. */
  readonly pairs: readonly IndexPair[];
  readonly missing: readonly number[];
  readonly extra: readonly number[];
  /** Elements that both sides have stand in another order. */
  readonly permuted: boolean;
}

/** Two objects are the same one, changed, when they share at least this share of their members. */
const minLikeness = 0.5;
/** Pairs of left-over objects whose likeness is computed; over it they are paired by position. */
const likenessBudget = 10_000;

/** What the matching knows beside the elements. */
export interface MatchContext {
  /** Class of ids of the elements (identity.ts). */
  readonly owner: string;
  readonly rightOf: RightOf;
  /** Shared by all arrays of two documents, so that nested ones are read once. */
  readonly interner: Interner;
  readonly work: Work;
  /** The member by which the user says that elements are the same; null = it is inferred. */
  readonly givenKey: string | null;
}

/** Matches the elements of two arrays of which neither is empty. */
export function matchElements(left: readonly JsonNode[], right: readonly JsonNode[], context: MatchContext): ElementMatch {
  const { interner, givenKey } = context;
  if (givenKey !== null) return matchByGivenKey(left, right, givenKey, context);
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && sameAt(left, head, right, head, interner)) head++;
  let tail = 0;
  while (tail < shorter - head && sameAt(left, left.length - 1 - tail, right, right.length - 1 - tail, interner)) tail++;
  const pairs: IndexPair[] = [];
  for (let i = 0; i < head; i++) pairs.push([i, i]);
  // All that is left to say is which is which: no key is needed.
  if (head === left.length && head === right.length) return { pairs, missing: [], extra: [], permuted: false };
  const key = inferKey(left, right, context);
  const inner =
    key === null
      ? matchByContent(left, right, { head, tail }, context)
      : key === "disjoint"
        ? { ...pairLeftOver(left, right, range(head, left.length - tail), range(head, right.length - tail), context), permuted: false }
        : matchByKey(left, right, key, { head, tail }, context);
  for (const pair of inner.pairs) pairs.push(pair);
  for (let i = tail; i > 0; i--) pairs.push([left.length - i, right.length - i]);
  return { ...inner, pairs };
}

/** How many elements at either end are equal. */
interface Ends {
  readonly head: number;
  readonly tail: number;
}

function matchByGivenKey(left: readonly JsonNode[], right: readonly JsonNode[], member: string, context: MatchContext): ElementMatch {
  const translate = translator(member, context);
  const { matched, leftOver, rightOver } = alignByKey(left, right, { member, translate }, context.interner);
  return { pairs: matched, missing: leftOver, extra: rightOver, permuted: isPermuted(matched) };
}

function sameAt(left: readonly JsonNode[], i: number, right: readonly JsonNode[], j: number, interner: Interner): boolean {
  const a = left[i];
  const b = right[j];
  return a !== undefined && b !== undefined && (a === b || (interner.sameIfKnown(a, b) ?? sameNode(a, b)));
}

/** In place of an element that cannot be missing. */
const nothing: JsonNode = { kind: "null" };

function matchByKey(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  key: ElementKey,
  { head, tail }: Ends,
  context: MatchContext,
): ElementMatch {
  const pairs: IndexPair[] = [];
  const leftOver: number[] = [];
  const [leftEnd, rightEnd] = [left.length - tail, right.length - tail];
  // Mostly they stand in the same order.
  let inTurn = head;
  while (inTurn < leftEnd && inTurn < rightEnd && key.wanted[inTurn] === key.right[inTurn]) pairs.push([inTurn, inTurn++]);
  const waiting = new Map<string, number>();
  for (let j = inTurn; j < rightEnd; j++) waiting.set(key.right[j] ?? "", j);
  for (let i = inTurn; i < leftEnd; i++) {
    const wanted = key.wanted[i] ?? "";
    const j = waiting.get(wanted);
    if (j === undefined) {
      leftOver.push(i);
    } else {
      pairs.push([i, j]);
      waiting.delete(wanted);
    }
  }
  const { kept, swapped } = repairSwapped(left, right, pairs, key, { head, tail }, context);
  const rest = pairRenamed(left, right, leftOver, [...waiting.values()], key, context);
  const permuted = isPermuted(kept) && !(key.isOwnId && (areCounted(kept, key, 1) || areCounted(kept, key, -1)));
  if (swapped.length + rest.pairs.length === 0) return { ...rest, pairs: kept, permuted };
  return { ...rest, pairs: [...kept, ...swapped, ...rest.pairs].sort(([a], [b]) => a - b), permuted };
}

/** Whether both sides list these by their counted ids, up or down: then the order is the same one, whichever of the things was counted first. */
function areCounted(pairs: readonly IndexPair[], key: ElementKey, direction: 1 | -1): boolean {
  const rises = (ids: readonly (string | undefined)[]): boolean => {
    const numbers = ids.map((id) => direction * Number(id));
    return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? Number.NaN));
  };
  const onRight = pairs.map(([, j]) => j).sort((a, b) => a - b);
  return rises(pairs.map(([i]) => key.left[i])) && rises(onRight.map((j) => key.right[j]));
}

/** Two writers at the same time: each copy counts them in its own order, so that the same ids stand for each other's things.
 * Elements that differ from their partner by key, and are in all but the id what another such element is, are paired with
 * that one instead. Only counted ids of elements made last, after all that both sides agree about: swapped ids of older
 * things are what they look like. */
function repairSwapped(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  pairs: readonly IndexPair[],
  key: ElementKey,
  { head, tail }: Ends,
  { interner }: MatchContext,
): { readonly kept: readonly IndexPair[]; readonly swapped: readonly IndexPair[] } {
  const unchanged = { kept: pairs, swapped: [] };
  if (!key.isOwnId) return unchanged;
  const without = (element: JsonNode | undefined): number => (element === undefined ? -1 : interner.idWithout(element, key.name));
  const counted = key.left.map(Number);
  const isCounted = ([i]: IndexPair): boolean => !Number.isNaN(counted[i]);
  if (pairs.length < 2 || pairs.filter(isCounted).length < 2) return unchanged;
  let lastAgreed = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < head; i++) lastAgreed = Math.max(lastAgreed, counted[i] ?? Number.NaN);
  for (let i = left.length - tail; i < left.length; i++) lastAgreed = Math.max(lastAgreed, counted[i] ?? Number.NaN);
  const disagreeing: IndexPair[] = [];
  for (const pair of pairs) {
    const [i, j] = pair;
    if (interner.same(left[i] ?? nothing, right[j] ?? nothing, key.name)) lastAgreed = Math.max(lastAgreed, counted[i] ?? Number.NaN);
    else disagreeing.push(pair);
  }
  const made = disagreeing.filter(([i]) => (counted[i] ?? Number.NaN) > lastAgreed);
  if (made.length < 2) return unchanged;
  const { matched } = align(
    made.map(([i]) => without(left[i])),
    made.map(([, j]) => without(right[j])),
  );
  const free = new Map(made.map(([i, j]) => [i, j]));
  const taken = new Set<number>();
  const swapped = matched.map(([a, b]): IndexPair => [made[a]?.[0] ?? 0, made[b]?.[1] ?? 0]);
  for (const [i, j] of swapped) {
    free.delete(i);
    taken.add(j);
  }
  // Only whole exchanges: what one element lost another one has.
  const isWhole = swapped.length > 1 && [...free.values()].every((j) => !taken.has(j));
  const moved = new Set(swapped.map(([i]) => i));
  return isWhole ? { kept: pairs.filter(([i]) => !moved.has(i)), swapped } : unchanged;
}

/** Of elements whose keys have no partner: those that are alike but for the key are the same thing
 * under another id. Ids that were counted out need to agree in all the rest, random ones in most,
 * and where all random ones were made anew their order has to do. */
function pairRenamed(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  leftOver: readonly number[],
  rightOver: readonly number[],
  key: ElementKey,
  context: MatchContext,
): Rest {
  // Nothing to pair.
  if (leftOver.length === 0 || rightOver.length === 0) return { pairs: [], missing: leftOver, extra: rightOver };
  const without = (element: JsonNode | undefined): number => (element === undefined ? -1 : context.interner.idWithout(element, key.name));
  const alignment = align(
    leftOver.map((i) => without(left[i])),
    rightOver.map((j) => without(right[j])),
  );
  const same = alignment.matched.map(([i, j]): IndexPair => [leftOver[i] ?? 0, rightOver[j] ?? 0]);
  const randomLeft = alignment.leftOver.map((i) => leftOver[i] ?? 0).filter((i) => isRandom(key.left[i] ?? ""));
  const randomRight = alignment.rightOver.map((j) => rightOver[j] ?? 0).filter((j) => isRandom(key.right[j] ?? ""));
  const remade = pairRemade(left, right, randomLeft, randomRight, context);
  const others = remaining(remade, randomLeft, randomRight);
  const alike = [...remade, ...pairAlike(left, right, others.missing, others.extra, context)];
  const rest = remaining(alike, randomLeft, randomRight);
  const inTurn = rest.missing.length === rest.extra.length && key.isRemade() ? pairInTurn(rest.missing, rest.extra) : [];
  return remaining([...same, ...alike, ...inTurn], leftOver, rightOver);
}

type Rest = Omit<ElementMatch, "permuted">;

/** Those that are the same in all but ids that are unique everywhere, wherever in them these stand. */
function pairRemade(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  leftOver: readonly number[],
  rightOver: readonly number[],
  { interner, work }: MatchContext,
): IndexPair[] {
  const count = leftOver.length + rightOver.length;
  if (leftOver.length === 0 || rightOver.length === 0 || !work.spend(count * membersOf(left[leftOver[0] ?? 0]))) return [];
  const idsOf = (elements: readonly JsonNode[], indices: readonly number[]): number[] =>
    indices.map((index) => interner.idOf(withoutGlobalIds(elements[index] ?? nothing)));
  const { matched } = align(idsOf(left, leftOver), idsOf(right, rightOver));
  return matched.map(([a, b]): IndexPair => [leftOver[a] ?? 0, rightOver[b] ?? 0]);
}

function matchByContent(left: readonly JsonNode[], right: readonly JsonNode[], { head, tail }: Ends, context: MatchContext): ElementMatch {
  // Nothing to choose between.
  if (left.length === right.length && head + tail === left.length - 1)
    return { pairs: [[head, head]], missing: [], extra: [], permuted: false };
  const idsOf = (elements: readonly JsonNode[]): number[] =>
    elements.slice(head, elements.length - tail).map((element) => context.interner.idOf(element));
  const alignment = align(idsOf(left), idsOf(right));
  const matched = alignment.matched.map(([i, j]): IndexPair => [i + head, j + head]);
  const [leftOver, rightOver] = [alignment.leftOver, alignment.rightOver].map((indices) => indices.map((index) => index + head));
  const rest = pairLeftOver(left, right, leftOver ?? [], rightOver ?? [], context);
  const pairs = rest.pairs.length === 0 ? matched : [...matched, ...rest.pairs].sort(([a], [b]) => a - b);
  return { ...rest, pairs, permuted: isPermuted(matched) };
}

function pairLeftOver(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  leftOver: readonly number[],
  rightOver: readonly number[],
  context: MatchContext,
): Rest {
  const sameCount = leftOver.length === rightOver.length;
  const paired = sameCount ? pairInTurn(leftOver, rightOver) : pairAlike(left, right, leftOver, rightOver, context);
  return remaining(paired, leftOver, rightOver);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function remaining(pairs: readonly IndexPair[], left: readonly number[], right: readonly number[]): Rest {
  if (pairs.length === 0) return { pairs, missing: left, extra: right };
  const pairedLeft = new Set(pairs.map(([i]) => i));
  const pairedRight = new Set(pairs.map(([, j]) => j));
  return { pairs, missing: left.filter((i) => !pairedLeft.has(i)), extra: right.filter((j) => !pairedRight.has(j)) };
}

function pairInTurn(left: readonly number[], right: readonly number[]): IndexPair[] {
  return left.slice(0, right.length).map((i, turn): IndexPair => [i, right[turn] ?? 0]);
}

/** Each left object with the most alike of the right ones that are still free. */
function pairAlike(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  leftOver: readonly number[],
  rightOver: readonly number[],
  { interner, work }: MatchContext,
): IndexPair[] {
  const likenesses = leftOver.length * rightOver.length;
  if (likenesses > likenessBudget || !work.spend(likenesses * membersOf(left[leftOver[0] ?? 0]))) return pairInTurn(leftOver, rightOver);
  const free = new Set(rightOver);
  const pairs: IndexPair[] = [];
  for (const i of leftOver) {
    let best = -1;
    let bestLikeness = minLikeness;
    for (const j of free) {
      const likeness = likenessOf(left[i], right[j], interner);
      if (likeness > bestLikeness || (likeness === bestLikeness && best < 0)) [best, bestLikeness] = [j, likeness];
    }
    if (best < 0) continue;
    free.delete(best);
    pairs.push([i, best]);
  }
  return pairs;
}

/** What looking at one element costs, told by the first one. */
function membersOf(node: JsonNode | undefined): number {
  return node?.kind === "object" ? node.members.length : 1;
}

/** The share of members that two objects have in common; 0 for anything else. */
function likenessOf(left: JsonNode | undefined, right: JsonNode | undefined, interner: Interner): number {
  if (left?.kind !== "object" || right?.kind !== "object") return 0;
  let common = 0;
  for (const { key, value } of left.members) {
    const partner = memberOf(right, key);
    if (partner !== undefined && interner.idOf(value) === interner.idOf(partner)) common++;
  }
  return common / Math.max(left.members.length, right.members.length, 1);
}
