/** Compares two XML documents by structure. Paths name the element as those of HTML do; unlike there, texts and
 * attributes may be ids: `<orderId>` is the id of an order, as the member of that name would be in JSON. */

import { Interner } from "./intern.ts";
import { compareXmlTrees } from "./markup.ts";
import type { AnswerPair } from "./pair.ts";
import { parseXmlTree, type XmlTree } from "./xml-tree.ts";

/** Why two texts were not compared. */
export interface UnreadXml {
  readonly left: XmlTree["kind"];
  readonly right: XmlTree["kind"];
}

/** Compares two documents; null when that was done, and nothing is reported otherwise. */
export function compareXml(left: string, right: string, pair: AnswerPair): UnreadXml | null {
  const interner = new Interner();
  const before = parseXmlTree(left, interner, pair.limits.nodes);
  const after = parseXmlTree(right, interner, pair.limits.nodes);
  if (before.kind !== "parsed" || after.kind !== "parsed") return { left: before.kind, right: after.kind };
  compareXmlTrees(before.nodes, after.nodes, pair);
  return null;
}
