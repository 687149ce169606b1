/** Matches the elements of two arrays by the member that the user named, instead of one that was inferred. */

import type { JsonNode } from "../../model/json/node.ts";
import { align, isPermuted } from "./alignment.ts";
import type { ElementMatch, MatchContext } from "./elements.ts";
import { readIds } from "./identity.ts";
import { memberOf, scalarTextOf } from "./nodes.ts";

/** Elements with equal keys belong together, the k-th of a key with the k-th; those without a key, in turn. An element whose key
 * the other side does not have is missing or extra, however much it looks like another. */
export function matchByGivenKey(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  key: string,
  { owner, rightOf, interner }: MatchContext,
): ElementMatch {
  const idOf = (text: string | null): number => (text === null ? noKey : interner.idOfText(`"${text}`));
  const keyOf = (element: JsonNode): string | null => scalarTextOf(memberOf(element, key));
  const translated = (text: string | null): string | null =>
    text === null ? null : (rightOf(readIds(text, text, key, owner)?.idClass ?? "", text) ?? text);
  const { matched, leftOver, rightOver } = align(
    left.map((element) => idOf(translated(keyOf(element)))),
    right.map((element) => idOf(keyOf(element))),
  );
  return { pairs: matched, missing: leftOver, extra: rightOver, permuted: isPermuted(matched) };
}

const noKey = -1;
