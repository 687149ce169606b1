/** Decides which element of one JSON array belongs to which of the other.
 *
 *    equal head and tail   ─► matched by position
 *    objects with a key    ─► matched by the key, wherever they stand
 *    anything else         ─► matched by content, what is left over by likeness
 *
 * A key is a scalar member that every element has and that no two of one side share. */

import type { JsonNode } from "../../model/json/node.ts";
import { align, type IndexPair, isPermuted } from "./alignment.ts";
import { isGloballyUnique, isToken } from "./formats.ts";
import { alignByKey } from "./given-key.ts";
import { readIdName, readIds } from "./identity.ts";
import type { Interner } from "./intern.ts";
import { memberOf, sameNode, scalarTextOf } from "./nodes.ts";
import type { Work } from "./work.ts";

export interface ElementMatch {
  /** In left order. */
  readonly pairs: readonly IndexPair[];
  readonly missing: readonly number[];
  readonly extra: readonly number[];
  /** Elements that both sides have stand in another order. */
  readonly permuted: boolean;
}

/** What is known about ids: the right id that stands for `left`, or undefined. */
export type RightOf = (idClass: string, left: string) => string | undefined;

/** Members of one element that are tried as a key. */
const maxKeyCandidates = 16;
/** A member that is not named like an id is a key only when at least this share of the values is on both sides. */
const minOverlap = 0.5;
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
  const innerLeft = left.slice(head, left.length - tail);
  const innerRight = right.slice(head, right.length - tail);
  const key = inferKey(left, right, context);
  const inner =
    key === null
      ? matchByContent(innerLeft, innerRight, context)
      : matchByKey(innerLeft, innerRight, key, { ...context, agreed: [...left.slice(0, head), ...left.slice(left.length - tail)] });
  for (const [i, j] of inner.pairs) pairs.push([i + head, j + head]);
  for (let i = tail; i > 0; i--) pairs.push([left.length - i, right.length - i]);
  return { pairs, missing: inner.missing.map((i) => i + head), extra: inner.extra.map((j) => j + head), permuted: inner.permuted };
}

function matchByGivenKey(left: readonly JsonNode[], right: readonly JsonNode[], member: string, context: MatchContext): ElementMatch {
  const translate = translator(member, context);
  const { matched, leftOver, rightOver } = alignByKey(left, right, { member, translate }, context.interner);
  return { pairs: matched, missing: leftOver, extra: rightOver, permuted: isPermuted(matched) };
}

/** From the left side's ids to the right side's, as far as they are known. */
function translator(name: string, { owner, rightOf }: Pick<MatchContext, "owner" | "rightOf">): (text: string) => string {
  return (text) => rightOf(readIds(text, text, name, owner)?.idClass ?? "", text) ?? text;
}

function sameAt(left: readonly JsonNode[], i: number, right: readonly JsonNode[], j: number, interner: Interner): boolean {
  const a = left[i];
  const b = right[j];
  return a !== undefined && b !== undefined && (a === b || (interner.sameIfKnown(a, b) ?? sameNode(a, b)));
}

interface Key {
  readonly name: string;
  /** The key on the right side that a left key stands for. */
  readonly translate: (left: string) => string;
  /** The element's own id, not just a member that happens to be unique. */
  readonly isOwnId: boolean;
  /** Random keys have no partner at all: each side made its own. */
  readonly isRemade: boolean;
}

function inferKey(left: readonly JsonNode[], right: readonly JsonNode[], { owner, rightOf }: MatchContext): Key | null {
  const first = left[0];
  if (first?.kind !== "object") return null;
  let best: { readonly key: Key; readonly overlap: number } | null = null;
  for (const { key: name } of first.members.slice(0, maxKeyCandidates)) {
    const before = uniqueTexts(left, name);
    const after = before === null ? null : uniqueTexts(right, name);
    if (before === null || after === null) continue;
    const translate = translator(name, { owner, rightOf });
    const common = [...before].filter((text) => after.has(translate(text)));
    const overlap = common.length;
    if (overlap === 0) continue;
    const isOwnId = readIdName(name).kind === "own";
    const key = { name, translate, isOwnId, isRemade: !common.some(isRandom) };
    if (isOwnId) return key;
    const enough = overlap >= minOverlap * Math.min(before.size, after.size);
    if (enough && (best === null || overlap > best.overlap)) best = { key, overlap };
  }
  return best?.key ?? null;
}

/** The texts of member `name` of all elements, or null when one has none or two have the same. */
function uniqueTexts(elements: readonly JsonNode[], name: string): Set<string> | null {
  const texts = new Set<string>();
  for (const element of elements) {
    const text = scalarTextOf(memberOf(element, name));
    if (text === null || texts.has(text)) return null;
    texts.add(text);
  }
  return texts;
}

/** In place of an element that cannot be missing. */
const nothing: JsonNode = { kind: "null" };

interface Around extends MatchContext {
  /** Elements before and after, equal on both sides. */
  readonly agreed: readonly JsonNode[];
}

function matchByKey(left: readonly JsonNode[], right: readonly JsonNode[], key: Key, around: Around): ElementMatch {
  const keyOf = (element: JsonNode): string => scalarTextOf(memberOf(element, key.name)) ?? "";
  const waiting = new Map(right.map((element, j) => [keyOf(element), j]));
  const pairs: IndexPair[] = [];
  const leftOver: number[] = [];
  left.forEach((element, i) => {
    const wanted = key.translate(keyOf(element));
    const j = waiting.get(wanted);
    if (j === undefined) {
      leftOver.push(i);
    } else {
      pairs.push([i, j]);
      waiting.delete(wanted);
    }
  });
  const { kept, swapped } = repairSwapped(left, right, pairs, key, around);
  const rest = pairRenamed(left, right, leftOver, [...waiting.values()], key, around);
  return { ...rest, pairs: [...kept, ...swapped, ...rest.pairs].sort(([a], [b]) => a - b), permuted: isPermuted(kept) };
}

/** Two writers at the same time: each copy counts them in its own order, so that the same ids stand for each other's things.
 * Elements that differ from their partner by key, and are in all but the id what another such element is, are paired with
 * that one instead. Only counted ids of elements made last, after all that both sides agree about: swapped ids of older
 * things are what they look like. */
function repairSwapped(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  pairs: readonly IndexPair[],
  key: Key,
  { interner, agreed }: Around,
): { readonly kept: IndexPair[]; readonly swapped: IndexPair[] } {
  const unchanged = { kept: [...pairs], swapped: [] };
  if (!key.isOwnId) return unchanged;
  const without = (element: JsonNode | undefined): number => (element === undefined ? -1 : interner.idWithout(element, key.name));
  const counted = (element: JsonNode | undefined): number =>
    element === undefined ? Number.NaN : Number(scalarTextOf(memberOf(element, key.name)) ?? Number.NaN);
  if (pairs.filter(([i]) => !Number.isNaN(counted(left[i]))).length < 2) return unchanged;
  const agreeing = pairs.map(([i, j]) => interner.same(left[i] ?? nothing, right[j] ?? nothing, key.name));
  let lastAgreed = Number.NEGATIVE_INFINITY;
  for (const element of agreed) lastAgreed = Math.max(lastAgreed, counted(element));
  for (const [at, [i]] of pairs.entries()) if (agreeing[at] === true) lastAgreed = Math.max(lastAgreed, counted(left[i]));
  const made = pairs.filter(([i], at) => agreeing[at] === false && counted(left[i]) > lastAgreed);
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
  key: Key,
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
  const hasRandomKey = (element: JsonNode | undefined): boolean =>
    element !== undefined && isRandom(scalarTextOf(memberOf(element, key.name)) ?? "");
  const randomLeft = alignment.leftOver.map((i) => leftOver[i] ?? 0).filter((i) => hasRandomKey(left[i]));
  const randomRight = alignment.rightOver.map((j) => rightOver[j] ?? 0).filter((j) => hasRandomKey(right[j]));
  const alike = pairAlike(left, right, randomLeft, randomRight, context);
  const rest = remaining(alike, randomLeft, randomRight);
  const inTurn = key.isRemade && rest.missing.length === rest.extra.length ? pairInTurn(rest.missing, rest.extra) : [];
  return remaining([...same, ...alike, ...inTurn], leftOver, rightOver);
}

function isRandom(text: string): boolean {
  return isGloballyUnique(text) || isToken(text);
}

type Rest = Omit<ElementMatch, "permuted">;

function matchByContent(left: readonly JsonNode[], right: readonly JsonNode[], context: MatchContext): ElementMatch {
  // Nothing to choose between.
  if (left.length === 1 && right.length === 1) return { pairs: [[0, 0]], missing: [], extra: [], permuted: false };
  const alignment = align(
    left.map((element) => context.interner.idOf(element)),
    right.map((element) => context.interner.idOf(element)),
  );
  const { matched, leftOver, rightOver } = alignment;
  const sameCount = leftOver.length === rightOver.length;
  const paired = sameCount ? pairInTurn(leftOver, rightOver) : pairAlike(left, right, leftOver, rightOver, context);
  const rest = remaining(paired, leftOver, rightOver);
  return { ...rest, pairs: [...matched, ...rest.pairs].sort(([a], [b]) => a - b), permuted: isPermuted(matched) };
}

function remaining(pairs: readonly IndexPair[], left: readonly number[], right: readonly number[]): Rest {
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
