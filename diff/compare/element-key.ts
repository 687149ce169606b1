/** The key of the elements of two arrays: a scalar member that every element has and that no two of one side share. */

import type { JsonNode } from "../../model/json/node.ts";
import { isGloballyUnique, isToken } from "./formats.ts";
import { readIdName, readIds } from "./identity.ts";
import { memberOf, scalarTextOf } from "./nodes.ts";

/** What is known about ids: the right id that stands for `left`, or undefined. */
export type RightOf = (idClass: string, left: string) => string | undefined;

/** Members of one element that are tried as a key. */
const maxKeyCandidates = 16;
/** A member that is not named like an id is a key only when at least this share of the values is on both sides. */
const minOverlap = 0.5;

export interface ElementKey {
  readonly name: string;
  /** By element of the left array. */
  readonly left: readonly string[];
  /** By element of the left array: the key that it has to have on the right. */
  readonly wanted: readonly string[];
  /** By element of the right array. */
  readonly right: readonly string[];
  /** The element's own id, not just a member that happens to be unique. */
  readonly isOwnId: boolean;
  /** Random keys have no partner at all: each side made its own. */
  readonly isRemade: () => boolean;
}

/** What is known about the ids of the elements. */
interface ElementIds {
  /** Class of ids of the elements (identity.ts). */
  readonly owner: string;
  readonly rightOf: RightOf;
}

/** From the left side's ids to the right side's, as far as they are known. */
export function translator(name: string, { owner, rightOf }: ElementIds): (text: string) => string {
  return (text) => rightOf(readIds(text, text, name, owner)?.idClass ?? "", text) ?? text;
}

/** The key of two arrays; null when they have none, and `disjoint` when it is known besides that no element of one is an element
 * of the other. */
export function inferKey(left: readonly JsonNode[], right: readonly JsonNode[], ids: ElementIds): ElementKey | "disjoint" | null {
  const first = left[0];
  if (first?.kind !== "object") return null;
  let isDisjoint = false;
  let best: { readonly key: ElementKey; readonly overlap: number } | null = null;
  for (const { key: name } of first.members.slice(0, maxKeyCandidates)) {
    const candidate = keyOf(left, right, name, ids);
    if (candidate === null) continue;
    if (candidate.overlap === 0) {
      // No id stands for another one, so that equal elements would have had a partner.
      isDisjoint ||= areSame(candidate.key.left, candidate.key.wanted);
      continue;
    }
    if (candidate.key.isOwnId) return candidate.key;
    const enough = candidate.overlap >= minOverlap * Math.min(left.length, right.length);
    if (enough && (best === null || candidate.overlap > best.overlap)) best = candidate;
  }
  return best?.key ?? (isDisjoint ? "disjoint" : null);
}

/** The member `name` as a key, and how many keys have a partner; null when it is none. */
function keyOf(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  name: string,
  ids: ElementIds,
): { readonly key: ElementKey; readonly overlap: number } | null {
  const before = uniqueTextsOf(left, name);
  if (before === null) return null;
  const after = textsOf(right, name);
  if (after === null) return null;
  // Mostly the same elements in the same order, of which one side has been looked at.
  const isSameList = areSame(before, after);
  if (!isSameList && !areUnique(after)) return null;
  const translate = translator(name, ids);
  const wanted = before.map(translate);
  const known = isSameList && areSame(before, wanted) ? null : new Set(after);
  const hasPartner = (index: number): boolean => known === null || known.has(wanted[index] ?? "");
  let overlap = 0;
  for (let index = 0; index < before.length; index++) if (hasPartner(index)) overlap++;
  const isRemade = (): boolean => !before.some((text, index) => hasPartner(index) && isRandom(text));
  return { key: { name, left: before, wanted, right: after, isOwnId: readIdName(name).kind === "own", isRemade }, overlap };
}

export function isRandom(text: string): boolean {
  return isGloballyUnique(text) || isToken(text);
}

/** The texts of member `name` of all elements, or null when one has none. */
function textsOf(elements: readonly JsonNode[], name: string): string[] | null {
  const texts: string[] = [];
  for (const element of elements) {
    const text = scalarTextOf(memberOf(element, name));
    if (text === null) return null;
    texts.push(text);
  }
  return texts;
}

/** The same, or null when two have one text: most members that are no keys repeat soon. */
function uniqueTextsOf(elements: readonly JsonNode[], name: string): string[] | null {
  const seen = new Set<string>();
  for (const element of elements) {
    const text = scalarTextOf(memberOf(element, name));
    const before = seen.size;
    if (text === null || seen.add(text).size === before) return null;
  }
  return [...seen];
}

function areUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

function areSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}
