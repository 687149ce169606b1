/** Markdown as a forge shows it: rendered as GitHub-flavoured Markdown with its HTML left in, then read as a browser reads HTML. What a
 * sanitizer would take out afterwards is still here, so that the tests rely on none. */

import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

export interface RenderedElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** With that of everything inside. */
  readonly text: string;
  readonly children: readonly RenderedElement[];
}

/** All elements in document order; the parser's complaints fail the test that asks. */
export function renderedElements(markdown: string): RenderedElement[] {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const problems: string[] = [];
  const fragment = parseFragment(html, { onParseError: ({ code }) => problems.push(code) });
  if (problems.length > 0) throw new Error(`the rendered HTML is not well-formed: ${problems.join(", ")}`);
  return fragment.childNodes.flatMap(elementOf).flatMap(withDescendants);
}

/** Rows of all tables, each as the text of its cells, head rows first. */
export function tablesOf(elements: readonly RenderedElement[]): string[][][] {
  return elements
    .filter(({ name }) => name === "table")
    .map((table) =>
      withDescendants(table)
        .filter(({ name }) => name === "tr")
        .map(({ children }) => children.map(({ text }) => text)),
    );
}

function withDescendants(element: RenderedElement): RenderedElement[] {
  return [element, ...element.children.flatMap(withDescendants)];
}

function elementOf(node: DefaultTreeAdapterTypes.ChildNode): RenderedElement[] {
  if (!("tagName" in node)) return [];
  return [
    {
      name: node.tagName,
      attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
      text: textOf(node),
      children: node.childNodes.flatMap(elementOf),
    },
  ];
}

function textOf(node: DefaultTreeAdapterTypes.ChildNode): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}
