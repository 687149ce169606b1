/** Aligns the elements of two arrays by the member that the user named, instead of one that was inferred. */

import type { JsonNode } from "../../model/json/node.ts";
import { type Alignment, align } from "./alignment.ts";
import type { Interner } from "./intern.ts";
import { memberOf, scalarTextOf } from "./nodes.ts";

interface GivenKey {
  readonly member: string;
  /** The key on the right side that a left key stands for. */
  readonly translate: (left: string) => string;
}

/** Of elements without the key. */
const noKey = -1;

/** Elements with equal keys belong together, the k-th of a key with the k-th; those without a key, in turn. An element whose key
 * the other side does not have is left over, however much it looks like another. */
export function alignByKey(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  { member, translate }: GivenKey,
  interner: Interner,
): Alignment {
  const keyOf = (element: JsonNode, read: (text: string) => string): number => {
    const text = scalarTextOf(memberOf(element, member));
    return text === null ? noKey : interner.idOfText(read(text));
  };
  return align(
    left.map((element) => keyOf(element, translate)),
    right.map((element) => keyOf(element, (text) => text)),
  );
}
