/** Documents of which one at least is too large to be read whole: their beginnings are compared, as far as both were read, and the rest as bytes.
 *
 *    {"id": 7, "rows": [{…}, {…}, {…} ┊ {…}, {…}]}          ┊ the bound
 *    {"id": 8, "rows": [{…}, {…}]}                          compared: id and two rows
 */

import type { JsonBeginning, JsonMember, JsonNode, JsonParse } from "../../model/json/node.ts";
import { countLeaves, countNodes } from "./nodes.ts";

const overLimit = "over-limit";
/** Bodies whose sizes are further apart are not the same one with other ids and times in it. */
const otherSize = 1.25;

/** Names what is known of two bodies of which one at least is beyond a bound: whether the other one is, or is another size altogether.
 * @param sizes in bytes, left and right */
export function overLimitTransition(before: JsonParse["kind"], after: JsonParse["kind"], [left, right]: readonly [number, number]): string {
  if (before !== after) return `${before}→${after}`;
  if (right < left * otherSize && left < right * otherSize) return overLimit;
  return `${overLimit}, ${right < left ? "shorter" : "longer"}`;
}

/** Whether a change of the body is one of those: what was read of it has been compared all the same. */
export function isOverLimit(transition: string): boolean {
  return transition.includes(overLimit);
}

/** What both documents have in common in extent. */
export interface CommonBeginning {
  readonly left: JsonNode;
  readonly right: JsonNode;
  readonly duplicateKeys: boolean;
  /** About how many leaves are not in it: as many of its values as of those that were read. */
  readonly rest: number;
  /** What lies behind it is the same, byte for byte. */
  readonly isRestSame: boolean;
}

/** The bytes of a document, and what they were read as. */
export interface Reading {
  readonly bytes: Uint8Array;
  readonly parse: JsonParse;
}

/** A document as far as it was read; `open` = containers whose end was not seen, from the root on. */
interface Extent {
  readonly node: JsonNode;
  readonly open: number;
}

/** The beginnings of two documents; null when there is none to compare. */
export function commonBeginning(left: Reading, right: Reading): CommonBeginning | null {
  const [before, after] = [beginningOf(left.parse), beginningOf(right.parse)];
  if (before === null || after === null) return null;
  const [leftNode, rightNode] = common({ node: before.root, open: before.open }, { node: after.root, open: after.open });
  const [ofLeft, ofRight] = [countNodes(leftNode), countNodes(rightNode)];
  const isUncut = ofLeft === countNodes(before.root) && ofRight === countNodes(after.root);
  return {
    left: leftNode,
    right: rightNode,
    duplicateKeys: before.duplicateKeys || after.duplicateKeys,
    rest: Math.max(1, Math.round((Math.max(before.nodes - ofLeft, after.nodes - ofRight) * countLeaves(leftNode)) / ofLeft)),
    isRestSame: isUncut && sameEnd(left.bytes, right.bytes, Math.max(left.bytes.length - before.end, right.bytes.length - after.end)),
  };
}

/** The last so many bytes. */
function sameEnd(left: Uint8Array, right: Uint8Array, length: number): boolean {
  return length <= Math.min(left.length, right.length) && Buffer.compare(left.subarray(-length), right.subarray(-length)) === 0;
}

function beginningOf(parse: JsonParse): JsonBeginning | null {
  if (parse.kind === "over-limit") return parse.beginning ?? null;
  if (parse.kind === "invalid") return null;
  const { root, duplicateKeys } = parse;
  return { root, duplicateKeys, open: 0, nodes: countNodes(root), end: Number.POSITIVE_INFINITY };
}

function common(left: Extent, right: Extent): readonly [JsonNode, JsonNode] {
  const isWhole = left.open <= 0 && right.open <= 0;
  if (!isWhole && left.node.kind === "array" && right.node.kind === "array")
    return commonElements(left, right, left.node.elements, right.node.elements);
  if (!isWhole && left.node.kind === "object" && right.node.kind === "object")
    return commonMembers(left, right, left.node.members, right.node.members);
  return [left.node, right.node];
}

/** As many as both have; the last of them may be unfinished itself. */
function commonElements(
  left: Extent,
  right: Extent,
  before: readonly JsonNode[],
  after: readonly JsonNode[],
): readonly [JsonNode, JsonNode] {
  const length = Math.min(before.length, after.length);
  const extent = (elements: readonly JsonNode[], open: number): Extent | null => {
    const node = elements[length - 1];
    return node === undefined ? null : { node, open: elements.length === length ? open - 1 : 0 };
  };
  const [first, second] = [extent(before, left.open), extent(after, right.open)];
  if (first === null || second === null) return [array([]), array([])];
  const [one, other] = common(first, second);
  return [array([...before.slice(0, length - 1), one]), array([...after.slice(0, length - 1), other])];
}

/** Those that an unfinished object does not have may have come later. */
function commonMembers(
  left: Extent,
  right: Extent,
  before: readonly JsonMember[],
  after: readonly JsonMember[],
): readonly [JsonNode, JsonNode] {
  const [keysBefore, keysAfter] = [before, after].map((members) => new Set(members.map(({ key }) => key)));
  const ofLeft = right.open > 0 ? before.filter(({ key }) => keysAfter?.has(key)) : before;
  const ofRight = left.open > 0 ? after.filter(({ key }) => keysBefore?.has(key)) : after;
  const unfinished = new Set([left.open > 1 ? before.at(-1)?.key : undefined, right.open > 1 ? after.at(-1)?.key : undefined]);
  const extent = (members: readonly JsonMember[], all: readonly JsonMember[], key: string, open: number): Extent | null => {
    const member = members.find((one) => one.key === key);
    return member === undefined ? null : { node: member.value, open: member === all.at(-1) ? open - 1 : 0 };
  };
  const cut = new Map<string, readonly [JsonNode, JsonNode]>();
  for (const key of unfinished) {
    if (key === undefined) continue;
    const [one, other] = [extent(ofLeft, before, key, left.open), extent(ofRight, after, key, right.open)];
    if (one !== null && other !== null) cut.set(key, common(one, other));
  }
  const withCut = (members: readonly JsonMember[], side: 0 | 1): JsonNode => ({
    kind: "object",
    members: members.map(({ key, value }) => ({ key, value: cut.get(key)?.[side] ?? value })),
  });
  return [withCut(ofLeft, 0), withCut(ofRight, 1)];
}

function array(elements: readonly JsonNode[]): JsonNode {
  return { kind: "array", elements };
}
