/** HTML as a tree with everything taken out that says nothing: comments, white space between
 * elements, the order of attributes, the spelling of entities. */

import { parse, parseFragment, type DefaultTreeAdapterTypes as Tree } from "parse5";
import type { Interner } from "./intern.ts";

export type MarkupNode = MarkupElement | MarkupText;

export interface MarkupElement {
  readonly kind: "element";
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly MarkupNode[];
  /** Equal for equal subtrees of one interner. */
  readonly content: number;
}

export interface MarkupText {
  readonly kind: "text";
  readonly tag: "#text";
  readonly value: string;
  readonly content: number;
}

/** The tree builder's work grows with tags × open elements; pages stay far below, bombs do not. */
const maxWork = 5_000_000;
/** Open elements at one time: the trees are walked recursively. */
const maxDepth = 1_000;
const tagShape = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)/g;
const documentShape = /<(?:!doctype|html|head|body)[\s>]/i;
/** How far into the text a document says that it is one. */
const prologue = 2_048;
/** Elements without an end tag, or whose end tag is often left out because the next one closes them. */
const selfClosing: ReadonlySet<string> = new Set(
  "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option optgroup".split(" "),
);
/** Text in these is kept to the letter. */
const verbatim: ReadonlySet<string> = new Set(["pre", "textarea", "script", "style"]);

/** Whether a text is a whole page rather than a piece of one. */
export function isDocument(text: string): boolean {
  return documentShape.test(text.slice(0, prologue));
}

/** The top-level nodes of a page or piece of one, or null when parsing it would take too long.
 * @param interner shared by the trees that are to be compared */
export function parseMarkup(text: string, asDocument: boolean, interner: Interner): readonly MarkupNode[] | null {
  if (!isBounded(text)) return null;
  const root = asDocument ? parse(text) : parseFragment(text);
  return new Conversion(interner).children(root, false, 0);
}

/** A cheap upper bound of what the tree builder will do, before it does it. */
function isBounded(text: string): boolean {
  let open = 0;
  let deepest = 0;
  let tags = 0;
  for (const [, slash, name = ""] of text.matchAll(tagShape)) {
    tags++;
    if (selfClosing.has(name.toLowerCase())) continue;
    open = Math.max(0, open + (slash === "" ? 1 : -1));
    deepest = Math.max(deepest, open);
  }
  return deepest <= maxDepth && tags * deepest <= maxWork;
}

class Conversion {
  private readonly interner: Interner;

  constructor(interner: Interner) {
    this.interner = interner;
  }

  children(parent: Tree.ParentNode, keepSpace: boolean, depth: number): MarkupNode[] {
    // Twice the bound: the builder adds elements of its own (tbody, formatting that it opens again).
    if (depth > 2 * maxDepth) return [];
    const children = "content" in parent ? parent.content.childNodes : parent.childNodes;
    const converted: MarkupNode[] = [];
    for (const child of children) {
      if ("value" in child) this.text(child.value, keepSpace, converted);
      else if ("tagName" in child) converted.push(this.element(child, keepSpace, depth));
    }
    return converted;
  }

  private text(raw: string, keepSpace: boolean, into: MarkupNode[]): void {
    const value = keepSpace ? raw : raw.replace(/\s+/g, " ").trim();
    if (value !== "") into.push({ kind: "text", tag: "#text", value, content: this.interner.idOfText(`"${value}`) });
  }

  private element(node: Tree.Element, keepSpace: boolean, depth: number): MarkupElement {
    const tag = node.tagName;
    const attributes = new Map(node.attrs.map((attribute) => [attributeName(attribute), attribute.value]));
    const children = this.children(node, keepSpace || verbatim.has(tag), depth + 1);
    const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
    const content = this.interner.idOfText(JSON.stringify([tag, sorted, children.map((child) => child.content)]));
    return { kind: "element", tag, attributes, children, content };
  }
}

function attributeName(attribute: Tree.Element["attrs"][number]): string {
  return attribute.prefix ? `${attribute.prefix}:${attribute.name}` : attribute.name;
}
