/** Takes an answer apart for the other arms: status, headers, body as a document where it is one, with values that they compare as such. */

import { gunzipSync } from "node:zlib";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { headerValue, type Outcome } from "../../../model/exchange.ts";

export interface LiftedAnswer {
  /** "answered", or why there is no answer. */
  readonly outcome: string;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** A parsed JSON document, a tree of HTML, or the text itself. */
  readonly content: unknown;
}

export function liftAnswer(outcome: Outcome): LiftedAnswer {
  if (outcome.kind !== "answered") return { outcome: outcome.kind, status: 0, headers: new Map(), content: null };
  const { status, headers, body } = outcome.answer;
  const fields = new Map<string, string>();
  for (const [name, value] of headers) fields.set(name, fields.has(name) ? `${fields.get(name) ?? ""}, ${value}` : value);
  const bytes = body.kind === "whole" ? decoded(body.bytes, headerValue(headers, "content-encoding")) : new Uint8Array();
  return { outcome: "answered", status, headers: fields, content: lift(Buffer.from(bytes).toString("utf8")) };
}

function decoded(bytes: Uint8Array, encoding: string | undefined): Uint8Array {
  if (encoding !== "gzip") return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    // A client that cannot decode it has the bytes.
    return bytes;
  }
}

/** An integer that a double cannot hold; the readers of other languages keep its digits, so these arms shall, too. */
const largeNumber = /([:[,]\s*)(\d{16,})(?=\s*[,}\]])/g;

/** Texts that hold JSON or a page are taken apart, also those within a document: Diffy does so (StringLifter). */
export function lift(text: string): unknown {
  if (text.startsWith("{") || text.startsWith("[")) {
    try {
      return JSON.parse(text.replace(largeNumber, '$1"$2"'));
    } catch {
      // Not JSON after all.
      return text;
    }
  }
  return text.startsWith("<!doctype html>") ? liftPage(parse(text).childNodes) : text;
}

type PageNode = DefaultTreeAdapterTypes.ChildNode;

function liftPage(nodes: readonly PageNode[]): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const node of nodes) {
    if (node.nodeName === "#text" && "value" in node) members["#text"] = node.value;
    else if ("attrs" in node && "childNodes" in node) {
      const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [`@${name}`, value]));
      members[node.tagName] = { ...attributes, ...liftPage(node.childNodes) };
    }
  }
  return members;
}
