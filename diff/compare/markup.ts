/** Compares two HTML texts, or XML documents, as trees. Paths name the element, not its ancestors, so that one change
 * of a template is one path on every page: `h1@id`, `a`, `p/#text`. */

import type { DifferenceKind } from "../../model/difference.ts";
import { align, type IndexPair, inOrder } from "./alignment.ts";
import { excerpt } from "./excerpt.ts";
import { ownerClass } from "./identity.ts";
import { Interner } from "./intern.ts";
import { compareText, type Site } from "./leaf.ts";
import { isDocument, type MarkupElement, type MarkupNode, parseMarkup } from "./markup-tree.ts";
import type { AnswerPair } from "./pair.ts";
import { compareUrls } from "./urls.ts";

/** Attributes that hold URLs. */
const urlAttributes: ReadonlySet<string> = new Set(["href", "src", "action", "formaction", "cite", "poster"]);
/** Attributes whose value is a set of words. */
const setAttributes: ReadonlySet<string> = new Set(["class", "rel"]);

/** Compares two pages or pieces of pages.
 * @returns false when they are too large or nested to be parsed; nothing is reported then */
export function compareMarkup(left: string, right: string, pair: AnswerPair): boolean {
  const interner = new Interner();
  const asDocument = isDocument(left) || isDocument(right);
  const before = parseMarkup(left, asDocument, interner);
  const after = before === null ? null : parseMarkup(right, asDocument, interner);
  if (before === null || after === null) return false;
  compareChildren(before, after, page, pair);
  return true;
}

/** Compares two XML documents (xml.ts). */
export function compareXmlTrees(left: readonly MarkupNode[], right: readonly MarkupNode[], pair: AnswerPair): void {
  compareChildren(left, right, { tag: "", owner: pair.anchors.resource }, pair);
}

/** What the nodes are in: the tag, and the class of the element around that, for ids. Null where texts are no ids. */
interface Parent {
  readonly tag: string;
  readonly owner: string | null;
}

/** In a page values are for people. */
const page: Parent = { tag: "", owner: null };

function compareChildren(left: readonly MarkupNode[], right: readonly MarkupNode[], parent: Parent, pair: AnswerPair): void {
  const equal = inOrder(
    align(
      left.map((node) => node.content),
      right.map((node) => node.content),
    ).matched,
  );
  let i = 0;
  let j = 0;
  for (const [equalLeft, equalRight] of [...equal, [left.length, right.length] as const]) {
    compareGap(left.slice(i, equalLeft), right.slice(j, equalRight), parent, pair);
    const same = left[equalLeft];
    if (same !== undefined) pair.ledger.agree(leavesOf(same));
    i = equalLeft + 1;
    j = equalRight + 1;
  }
}

/** Children between two equal ones: those of one tag belong together, in order. */
function compareGap(left: readonly MarkupNode[], right: readonly MarkupNode[], parent: Parent, pair: AnswerPair): void {
  const matched = sameTags(left, right);
  const matchedLeft = new Set(matched.map(([i]) => i));
  const matchedRight = new Set(matched.map(([, j]) => j));
  left.forEach((node, i) => {
    if (!matchedLeft.has(i)) presence(node, null, parent.tag, pair);
  });
  right.forEach((node, j) => {
    if (!matchedRight.has(j)) presence(null, node, parent.tag, pair);
  });
  for (const [i, j] of matched) compareNodes(left[i], right[j], parent, pair);
}

function sameTags(left: readonly MarkupNode[], right: readonly MarkupNode[]): IndexPair[] {
  const tags = new Interner();
  return inOrder(
    align(
      left.map((node) => tags.idOfText(node.tag)),
      right.map((node) => tags.idOfText(node.tag)),
    ).matched,
  );
}

function compareNodes(left: MarkupNode | undefined, right: MarkupNode | undefined, parent: Parent, pair: AnswerPair): void {
  if (left?.kind === "text" && right?.kind === "text") {
    compareText(left.value, right.value, site(`${parent.tag}/#text`, "markup.text", parent.tag, parent.owner), pair);
  } else if (left?.kind === "element" && right?.kind === "element") {
    const owner = parent.owner === null || parent.tag === "" ? parent.owner : ownerClass(parent.tag, parent.owner);
    compareAttributes(left, right, owner, pair);
    compareChildren(left.children, right.children, { tag: left.tag, owner }, pair);
  }
}

function compareAttributes(left: MarkupElement, right: MarkupElement, owner: string | null, pair: AnswerPair): void {
  const holder = owner === null ? null : ownerClass(left.tag, owner);
  for (const [name, value] of left.attributes) {
    const path = `${left.tag}@${name}`;
    const partner = right.attributes.get(name);
    if (partner === undefined) differPresence("markup.attribute", path, value, null, pair);
    else if (urlAttributes.has(name)) compareUrls(value, partner, site(path, "markup.attribute"), pair);
    else if (owner === null && setAttributes.has(name) && words(value) === words(partner)) pair.ledger.agree();
    else compareText(value, partner, site(path, "markup.attribute", name, holder), pair);
  }
  for (const [name, value] of right.attributes) {
    if (!left.attributes.has(name)) differPresence("markup.attribute", `${left.tag}@${name}`, null, value, pair);
  }
}

function words(value: string): string {
  return [...new Set(value.split(/\s+/))].sort().join(" ").trim();
}

function presence(left: MarkupNode | null, right: MarkupNode | null, parent: string, pair: AnswerPair): void {
  const node = left ?? right;
  if (node === null) return;
  const shown = [left, right].map((side) => (side === null ? null : summary(side)));
  if (node.kind === "text") differPresence("markup.text", `${parent}/#text`, shown[0] ?? null, shown[1] ?? null, pair);
  else differPresence("markup.element", node.tag, shown[0] ?? null, shown[1] ?? null, pair);
}

function differPresence(kind: DifferenceKind, path: string, left: string | null, right: string | null, pair: AnswerPair): void {
  const sides = { from: left === null ? null : excerpt(left), to: right === null ? null : excerpt(right) };
  pair.ledger.differ({
    location: "body",
    path,
    kind,
    level: "presence",
    ...sides,
    transition: left === null ? "absent→present" : "present→absent",
  });
}

/** The start tag, or the text. */
function summary(node: MarkupNode): string {
  if (node.kind === "text") return node.value;
  return `<${[node.tag, ...[...node.attributes].map(([name, value]) => `${name}="${value}"`)].join(" ")}>`;
}

function leavesOf(node: MarkupNode): number {
  if (node.kind === "text") return 1;
  return node.children.reduce((sum, child) => sum + leavesOf(child), Math.max(1, node.attributes.size));
}

function site(path: string, kind: DifferenceKind, name = "", owner: string | null = null): Site {
  const id = owner === null ? null : ({ kind, name, owner, inArray: true } as const);
  return { location: "body", path, formatKind: kind, valueKind: kind, id, render: excerpt };
}
