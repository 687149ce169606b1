/** XML as a tree with everything taken out that says nothing: comments, processing instructions, white space
 * between elements, the order of attributes, the spelling of entities, and prefixes: names are compared by
 * namespace, wherever it is declared. Nothing outside of the text is ever read. */

import { parseXml, XmlDocumentType, XmlElement, XmlText } from "@rgrove/parse-xml";
import type { MediaType } from "../../model/media-type.ts";
import { bodyText } from "./body-kind.ts";
import type { Interner } from "./intern.ts";
import type { MarkupElement, MarkupNode } from "./markup-tree.ts";

export type XmlTree =
  | { readonly kind: "parsed"; readonly nodes: readonly MarkupNode[] }
  | { readonly kind: "invalid" }
  | { readonly kind: "over-limit" };

/** The parser and the comparison are recursive. */
const maxDepth = 512;
const declaredEncoding = /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;
/** As far as a declaration of the encoding reaches. */
const prologueBytes = 256;
/** Bound by the specification (XML Names §3), never declared. */
const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

/** The bytes as text: by a byte order mark, the charset of the media type, or the XML declaration (RFC 7303 §3). */
export function xmlText(bytes: Uint8Array, type: MediaType | null): string {
  const charset = markedCharset(bytes) ?? type?.charset ?? encodingOf(bytes);
  return bodyText(bytes, { essence: "", parameters: new Map(), charset });
}

function markedCharset([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function encodingOf(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, prologueBytes)).toString("latin1");
  return declaredEncoding.exec(start)?.[1]?.toLowerCase() ?? null;
}

/** Reads a document.
 * @param interner shared by the trees that are to be compared
 * @throws never */
export function parseXmlTree(text: string, interner: Interner, maxElements: number): XmlTree {
  if (!isBounded(text, maxElements)) return { kind: "over-limit" };
  try {
    // An entity that only a DTD outside could define stays as it is written.
    const document = parseXml(text, { preserveDocumentType: true, resolveUndefinedEntity: (reference) => reference });
    const conversion = new Conversion(interner);
    const nodes = document.children.map((child) => {
      if (child instanceof XmlElement) return conversion.element(child, "");
      return child instanceof XmlDocumentType ? entitiesOf(child, interner) : null;
    });
    return { kind: "parsed", nodes: nodes.filter((node) => node !== null) };
  } catch {
    // The parser reports malformed documents by exception; for us that is a fact about the body.
    return { kind: "invalid" };
  }
}

/** One declaration of a DTD inside the document; of parameter entities no text makes use. */
const entityDeclaration = /<!ENTITY\s+([^\s%"'<>]+)\s+("[^"]*"|'[^']*'|[^"'<>]+(?:"[^"]*"|'[^']*')?)/g;

/** What the entities of a document stand for, which its texts do not say, as an element with an attribute each. Null when it
 * declares none. */
function entitiesOf({ internalSubset }: XmlDocumentType, interner: Interner): MarkupElement | null {
  const attributes = new Map<string, string>();
  for (const [, name = "", definition = ""] of (internalSubset ?? "").matchAll(entityDeclaration)) {
    // Of several the first one binds (XML §4.2).
    if (!attributes.has(name)) attributes.set(name, definition.replace(/^(["'])(.*)\1$/s, "$2"));
  }
  if (attributes.size === 0) return null;
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return { kind: "element", tag: "!DOCTYPE", attributes, children: [], content: interner.idOfText(`!DOCTYPE ${JSON.stringify(sorted)}`) };
}

/** Counts elements and their nesting before a recursive parser does. Linear. */
function isBounded(text: string, maxElements: number): boolean {
  let depth = 0;
  let elements = 0;
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at)) {
    const opaque = opaqueEnd(text, at);
    if (opaque < 0) return true;
    if (opaque > at) at = opaque;
    else if (text.startsWith("</", at)) {
      depth--;
      at += 2;
    } else if (text.startsWith("<!", at)) at += 2;
    else {
      const end = tagEnd(text, at + 1);
      if (text[end - 1] !== "/") depth++;
      if (++elements > maxElements || depth > maxDepth) return false;
      at = end;
    }
  }
  return true;
}

/** Behind a comment, CDATA section or processing instruction that begins at `at`; `at` for none, −1 for one without end. */
function opaqueEnd(text: string, at: number): number {
  const closing = opaqueParts.find(([open]) => text.startsWith(open, at))?.[1];
  if (closing === undefined) return at;
  const end = text.indexOf(closing, at);
  return end < 0 ? -1 : end + closing.length;
}

const opaqueParts: readonly (readonly [open: string, close: string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
];

/** The `>` of a tag, outside of quotes; the end of the text where there is none. */
function tagEnd(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at;
  }
  return text.length;
}

class Conversion {
  private readonly interner: Interner;
  private readonly namespaces = new Namespaces();

  constructor(interner: Interner) {
    this.interner = interner;
  }

  /** @param outer namespace of the element around it */
  element(element: XmlElement, outer: string): MarkupElement {
    const declared = Object.entries(element.attributes).filter(([name]) => isDeclaration(name));
    for (const [name, uri] of declared) this.namespaces.open(prefixOf(name), uri);
    const { uri, local } = this.namespaces.resolve(element.name, true);
    const attributes = this.attributes(element);
    // Shown once where it changes, as if it were declared there without a prefix.
    if (uri !== outer) attributes.set("xmlns", uri);
    const children = this.children(element, uri);
    for (const [name] of declared) this.namespaces.close(prefixOf(name));
    const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
    const content = this.interner.idOfText(JSON.stringify([local, sorted, children.map((child) => child.content)]));
    return { kind: "element", tag: local, attributes, children, content };
  }

  private attributes(element: XmlElement): Map<string, string> {
    const attributes = new Map<string, string>();
    for (const [name, value] of Object.entries(element.attributes)) {
      if (isDeclaration(name)) continue;
      const { uri, local } = this.namespaces.resolve(name, false);
      attributes.set(uri === "" ? local : `{${uri}}${local}`, value);
    }
    return attributes;
  }

  /** Between elements white space is layout; where there is only text, it is text. */
  private children(element: XmlElement, uri: string): MarkupNode[] {
    const isLayout = element.children.some((child) => child instanceof XmlElement) && !element.preserveWhitespace;
    const children: MarkupNode[] = [];
    let text = "";
    const endText = (): void => {
      if (text !== "" && !(isLayout && text.trim() === "")) {
        children.push({ kind: "text", tag: "#text", value: text, content: this.interner.idOfText(`"${text}`) });
      }
      text = "";
    };
    for (const child of element.children) {
      // A CDATA section is text in another spelling.
      if (child instanceof XmlText) text += child.text;
      else if (child instanceof XmlElement) {
        endText();
        children.push(this.element(child, uri));
      }
    }
    endText();
    return children;
  }
}

/** URIs by prefix, innermost declaration last; "" = the default namespace. */
class Namespaces {
  private readonly declared = new Map<string, string[]>([["xml", [xmlNamespace]]]);

  open(prefix: string, uri: string): void {
    const uris = this.declared.get(prefix);
    if (uris === undefined) this.declared.set(prefix, [uri]);
    else uris.push(uri);
  }

  close(prefix: string): void {
    this.declared.get(prefix)?.pop();
  }

  /** A prefix that nobody declared stays part of the name; the default namespace is one of elements only. */
  resolve(name: string, isElement: boolean): { readonly uri: string; readonly local: string } {
    const colon = name.indexOf(":");
    if (colon < 0) return { uri: isElement ? (this.declared.get("")?.at(-1) ?? "") : "", local: name };
    const uri = this.declared.get(name.slice(0, colon))?.at(-1);
    return uri === undefined ? { uri: "", local: name } : { uri, local: name.slice(colon + 1) };
  }
}

function isDeclaration(name: string): boolean {
  return name === "xmlns" || name.startsWith("xmlns:");
}

function prefixOf(declaration: string): string {
  return declaration.slice("xmlns:".length);
}
