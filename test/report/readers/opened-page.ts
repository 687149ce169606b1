/** Reads an HTML report back, as its own script does: the index, and what the chunks hold. */

import { inflateRawSync } from "node:zlib";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import type { DetailsChunk, PageIndex, SamplesChunk } from "../../../report/page/payload.ts";

export type Element = DefaultTreeAdapterTypes.Element;

export interface OpenedPage {
  /** Every element, as a browser's parser (with scripts on) sees it. */
  readonly elements: readonly Element[];
  readonly index: PageIndex;
  readonly details: DetailsChunk;
  readonly samples: SamplesChunk;
}

/** @throws Error for HTML that a strict parser complains about */
export function openedPage(html: string): OpenedPage {
  const elements = elementsOf(html);
  const blocks = elements.filter(({ tagName, attrs }) => tagName === "script" && attrs.some(({ name }) => name === "id"));
  const [index, ...chunks] = blocks.map((block) => unpacked(textOf(block)));
  const detailChunks = Math.ceil(
    (index as PageIndex).data.groups.flatMap(({ findings }) => findings).length / (index as PageIndex).detailsPerChunk,
  );
  return {
    elements,
    index: index as PageIndex,
    details: Object.assign({}, ...chunks.slice(0, detailChunks)) as DetailsChunk,
    samples: Object.assign({}, ...chunks.slice(detailChunks)) as SamplesChunk,
  };
}

export function elementsOf(html: string): Element[] {
  const errors: string[] = [];
  const document = parse(html, { scriptingEnabled: true, onParseError: ({ code }) => errors.push(code) });
  if (errors.length > 0) throw new Error(`the page is no proper HTML: ${errors.join(", ")}`);
  const found: Element[] = [];
  const walk = (nodes: readonly DefaultTreeAdapterTypes.ChildNode[]): void => {
    for (const node of nodes) {
      if (!("tagName" in node)) continue;
      found.push(node);
      walk(node.childNodes);
    }
  };
  walk(document.childNodes);
  return found;
}

export function textOf(element: Element | undefined): string {
  return element?.childNodes.map((node) => ("value" in node ? node.value : "")).join("") ?? "";
}

function unpacked(base64: string): unknown {
  return JSON.parse(inflateRawSync(Buffer.from(base64, "base64")).toString());
}
