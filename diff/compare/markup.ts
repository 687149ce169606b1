/** Compares two HTML texts, or XML documents, as trees. Places are called after the left side's elements (markup-places.ts), so that
 * the primary's page has the same places whatever it is compared with. */

import type { DifferenceKind } from "../../model/difference.ts";
import { align, type IndexPair, inOrder } from "./alignment.ts";
import { excerpt } from "./excerpt.ts";
import { ownerClass } from "./identity.ts";
import { Interner } from "./intern.ts";
import { compareText, type Site } from "./leaf.ts";
import { type MarkupPlace, type NamePlaces, pagePlaces, textPath, topPlace, xmlPlaces } from "./markup-places.ts";
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
  compareChildren(left, right, { tag: "", owner: pair.anchors.resource, place: topPlace, places: xmlPlaces }, pair);
}

/** What the nodes are in. */
interface Parent {
  readonly tag: string;
  /** Class of the element around that, for ids; null where texts are no ids. */
  readonly owner: string | null;
  readonly place: MarkupPlace;
  readonly places: NamePlaces;
}

/** In a page values are for people. */
const page: Parent = { tag: "", owner: null, place: topPlace, places: pagePlaces };

/** What both sides have in an element. */
interface Inside extends Parent {
  readonly children: readonly [left: readonly MarkupNode[], right: readonly MarkupNode[]];
}

function compareChildren(left: readonly MarkupNode[], right: readonly MarkupNode[], parent: Parent, pair: AnswerPair): void {
  const equal = matching(left, right, ({ content }) => content);
  const inside: Inside = { ...parent, children: [left, right] };
  for (const [leftGap, rightGap] of gapsOf(left, right, equal)) compareGap(leftGap, rightGap, inside, pair);
  for (const [i] of equal) pair.ledger.agree(leavesOf(left[i]));
}

/** Those that are the same by their number, in order. */
function matching(left: readonly MarkupNode[], right: readonly MarkupNode[], numberOf: (node: MarkupNode) => number): IndexPair[] {
  return inOrder(align(left.map(numberOf), right.map(numberOf)).matched);
}

type Gap = readonly [left: readonly MarkupNode[], right: readonly MarkupNode[]];

/** What is between the matched ones. */
function gapsOf(left: readonly MarkupNode[], right: readonly MarkupNode[], matched: readonly IndexPair[]): readonly Gap[] {
  if (matched.length === 0) return [[left, right]];
  const gaps: Gap[] = [];
  let [before, after] = [-1, -1];
  for (const [i, j] of [...matched, [left.length, right.length] as const]) {
    if (i > before + 1 || j > after + 1) gaps.push([left.slice(before + 1, i), right.slice(after + 1, j)]);
    [before, after] = [i, j];
  }
  return gaps;
}

/** Children between two equal ones: those of one name belong together, in order, and of the others those of one tag. */
function compareGap(left: readonly MarkupNode[], right: readonly MarkupNode[], parent: Inside, pair: AnswerPair): void {
  if (sameTags(left, right)) {
    left.forEach((node, i) => compareNodes(node, right[i], parent, pair));
    return;
  }
  const names = new Interner();
  const named = matching(left, right, (node) => names.idOfText(node.kind === "text" ? node.tag : placeOf(node, parent).path));
  for (const [leftGap, rightGap] of gapsOf(left, right, named)) {
    const tagged = matching(leftGap, rightGap, ({ tag }) => names.idOfText(tag));
    const [leftTaken, rightTaken] = [new Set(tagged.map(([i]) => i)), new Set(tagged.map(([, j]) => j))];
    leftGap.forEach((node, i) => {
      if (!leftTaken.has(i)) presence(node, null, parent, pair);
    });
    rightGap.forEach((node, j) => {
      if (!rightTaken.has(j)) presence(null, node, parent, pair);
    });
    for (const [i, j] of tagged) compareNodes(leftGap[i], rightGap[j], parent, pair);
  }
  for (const [i, j] of named) compareNodes(left[i], right[j], parent, pair);
}

/** Nothing came or went. */
function sameTags(left: readonly MarkupNode[], right: readonly MarkupNode[]): boolean {
  return left.length === right.length && left.every(({ tag }, i) => tag === right[i]?.tag);
}

/** @param except an attribute that must not name it */
function placeOf(element: MarkupElement, { place, places, children }: Inside, except?: string): MarkupPlace {
  return places(place, element, { siblings: children, ...(except === undefined ? {} : { except }) });
}

function compareNodes(left: MarkupNode | undefined, right: MarkupNode | undefined, parent: Inside, pair: AnswerPair): void {
  if (left?.kind === "text" && right?.kind === "text") {
    compareText(left.value, right.value, site(textPath(parent.place), "markup.text", parent.tag, parent.owner), pair);
  } else if (left?.kind === "element" && right?.kind === "element") {
    const owner = parent.owner === null || parent.tag === "" ? parent.owner : ownerClass(parent.tag, parent.owner);
    const pathOf = (attribute: string): string => `${placeOf(left, parent, attribute).path}@${attribute}`;
    compareAttributes(left, right, { pathOf, owner }, pair);
    const { places } = parent;
    compareChildren(left.children, right.children, { tag: left.tag, owner, place: placeOf(left, parent), places }, pair);
  }
}

interface Attributes {
  readonly pathOf: (attribute: string) => string;
  readonly owner: string | null;
}

function compareAttributes(left: MarkupElement, right: MarkupElement, { pathOf, owner }: Attributes, pair: AnswerPair): void {
  const holder = owner === null ? null : ownerClass(left.tag, owner);
  for (const [name, value] of left.attributes) {
    const partner = right.attributes.get(name);
    if (partner === value && holder === null) {
      pair.ledger.agree();
      continue;
    }
    const path = pathOf(name);
    if (partner === undefined) differPresence("markup.attribute", path, value, null, pair);
    else if (urlAttributes.has(name)) compareUrls(value, partner, site(path, "markup.attribute"), pair);
    else if (owner === null && setAttributes.has(name) && words(value) === words(partner)) pair.ledger.agree();
    else compareText(value, partner, site(path, "markup.attribute", name, holder), pair);
  }
  for (const [name, value] of right.attributes) {
    if (!left.attributes.has(name)) differPresence("markup.attribute", pathOf(name), null, value, pair);
  }
}

function words(value: string): string {
  return [...new Set(value.split(/\s+/))].sort().join(" ").trim();
}

function presence(left: MarkupNode | null, right: MarkupNode | null, parent: Inside, pair: AnswerPair): void {
  const node = left ?? right;
  if (node === null) return;
  const [from = null, to = null] = [left, right].map((side) => (side === null ? null : summary(side)));
  if (node.kind === "text") differPresence("markup.text", textPath(parent.place), from, to, pair);
  else differPresence("markup.element", placeOf(node, parent).path, from, to, pair);
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

function leavesOf(node: MarkupNode | undefined): number {
  if (node === undefined || node.kind === "text") return 1;
  return node.children.reduce((sum, child) => sum + leavesOf(child), Math.max(1, node.attributes.size));
}

function site(path: string, kind: DifferenceKind, name = "", owner: string | null = null): Site {
  const id = owner === null ? null : ({ kind, name, owner, inArray: true } as const);
  return { location: "body", path, formatKind: kind, valueKind: kind, id, render: excerpt };
}
