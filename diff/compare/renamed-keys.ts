/** Which members of one object are which of another's, where their keys are ids that every copy makes anew.
 *
 *    {"6f1c…": {"price": 5}, "vat": 1}      {"90ab…": {"price": 5}, "vat": 1}      6f1c… is 90ab… */

import type { JsonMember } from "../../model/json/node.ts";
import { align } from "./alignment.ts";
import { isGloballyUnique } from "./formats.ts";
import { withoutGlobalIds } from "./global-ids.ts";
import type { Interner } from "./intern.ts";

export interface KeyContext {
  readonly interner: Interner;
  /** The right key that is known to stand for a left one. */
  readonly rightOf: (left: string) => string | undefined;
}

type Members = ReadonlyMap<string, JsonMember>;

/** Left keys with their right ones: those that are known, then those whose values are the same but for such ids, then in turn where as many are left. */
export function renamedKeys(left: Members, right: Members, { interner, rightOf }: KeyContext): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  let before = remade(left, right);
  let after = before.length === 0 ? [] : remade(right, left);
  if (after.length === 0) return pairs;
  const keep = (matched: readonly (readonly [string, string])[]): void => {
    for (const [key, partner] of matched) pairs.set(key, partner);
    const taken = new Set(pairs.values());
    before = before.filter((key) => !pairs.has(key));
    after = after.filter((key) => !taken.has(key));
  };
  const free = new Set(after);
  keep(before.flatMap((key) => (free.has(rightOf(key) ?? "") ? [[key, rightOf(key) ?? ""] as const] : [])));
  const contentOf = (members: Members, key: string): number => interner.idOf(withoutGlobalIds(members.get(key)?.value ?? { kind: "null" }));
  const { matched } = align(
    before.map((key) => contentOf(left, key)),
    after.map((key) => contentOf(right, key)),
  );
  keep(matched.map(([i, j]) => [before[i] ?? "", after[j] ?? ""] as const));
  if (before.length === after.length) keep(before.map((key, index) => [key, after[index] ?? ""] as const));
  return pairs;
}

/** Keys of one side alone that are unique everywhere. */
function remade(members: Members, others: Members): string[] {
  return [...members.keys()].filter((key) => isGloballyUnique(key) && !others.has(key));
}
