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

/** A node among others. */
interface Child {
  readonly node: MarkupNode;
  /** From 1. */
  readonly column: number;
}

function compareChildren(left: readonly MarkupNode[], right: readonly MarkupNode[], parent: Parent, pair: AnswerPair): void {
  const [before, after] = [left, right].map((nodes) => nodes.map((node, index): Child => ({ node, column: index + 1 })));
  if (before === undefined || after === undefined) return;
  const equal = matching(before, after, ({ node }) => node.content);
  for (const [leftGap, rightGap] of gapsOf(before, after, equal)) compareGap(leftGap, rightGap, parent, pair);
  for (const [i] of equal) pair.ledger.agree(leavesOf(left[i]));
}

/** Those that are the same by their number, in order. */
function matching(left: readonly Child[], right: readonly Child[], numberOf: (child: Child) => number): IndexPair[] {
  return inOrder(align(left.map(numberOf), right.map(numberOf)).matched);
}

/** What is between the matched ones. */
function gapsOf(left: readonly Child[], right: readonly Child[], matched: readonly IndexPair[]): (readonly [Child[], Child[]])[] {
  const ends: IndexPair[] = [...matched, [left.length, right.length]];
  return ends.map(([i, j], index) => {
    const [before, after] = ends[index - 1] ?? [-1, -1];
    return [left.slice(before + 1, i), right.slice(after + 1, j)];
  });
}

/** Children between two equal ones: those of one name belong together, in order, and of the others those of one tag. */
function compareGap(left: readonly Child[], right: readonly Child[], parent: Parent, pair: AnswerPair): void {
  const names = new Interner();
  const named = matching(left, right, ({ node }) => names.idOfText(node.kind === "text" ? node.tag : nameOf(node, parent)));
  for (const [leftGap, rightGap] of gapsOf(left, right, named)) {
    const tagged = matching(leftGap, rightGap, ({ node }) => names.idOfText(node.tag));
    const [leftTaken, rightTaken] = [new Set(tagged.map(([i]) => i)), new Set(tagged.map(([, j]) => j))];
    leftGap.forEach((child, i) => {
      if (!leftTaken.has(i)) presence(child, null, parent, pair);
    });
    rightGap.forEach((child, j) => {
      if (!rightTaken.has(j)) presence(null, child, parent, pair);
    });
    for (const [i, j] of tagged) compareNodes(leftGap[i], rightGap[j], parent, pair);
  }
  for (const [i, j] of named) compareNodes(left[i], right[j], parent, pair);
}

function nameOf(element: MarkupElement, { place, places }: Parent): string {
  return places(place, element).path;
}

function compareNodes(left: Child | undefined, right: Child | undefined, parent: Parent, pair: AnswerPair): void {
  const [before, after] = [left?.node, right?.node];
  if (before?.kind === "text" && after?.kind === "text") {
    compareText(before.value, after.value, site(textPath(parent.place), "markup.text", parent.tag, parent.owner), pair);
  } else if (left !== undefined && before?.kind === "element" && after?.kind === "element") {
    const owner = parent.owner === null || parent.tag === "" ? parent.owner : ownerClass(parent.tag, parent.owner);
    const place = parent.places(parent.place, before, left);
    const pathOf = (attribute: string): string => {
      return `${parent.places(parent.place, before, { column: left.column, except: attribute }).path}@${attribute}`;
    };
    compareAttributes(before, after, { pathOf, owner }, pair);
    compareChildren(before.children, after.children, { ...parent, tag: before.tag, owner, place }, pair);
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

function presence(left: Child | null, right: Child | null, parent: Parent, pair: AnswerPair): void {
  const child = left ?? right;
  if (child === null) return;
  const { node, column } = child;
  const [from = null, to = null] = [left, right].map((side) => (side === null ? null : summary(side.node)));
  if (node.kind === "text") differPresence("markup.text", textPath(parent.place), from, to, pair);
  else differPresence("markup.element", parent.places(parent.place, node, { column }).path, from, to, pair);
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
