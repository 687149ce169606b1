/** Documents inside of texts: JSON that was written as a string, and the claims of a JWT. */

import type { JsonNode } from "../../model/json/node.ts";
import { parseJson } from "../../model/json/parse.ts";
import { countNodes } from "./nodes.ts";
import type { Work } from "./work.ts";

/** Embedded documents are small; the bound keeps what is in them in what is in them off the stack. */
const maxDepth = 64;
/** {} and []. */
const shortestDocument = 2;
const jwt = /^(eyJ[\w-]+)\.([\w-]+)\.([\w-]*)$/;

/** A document, null for a text that holds none, or `beyond` for one that there is no work left to read. */
export type Embedded = JsonNode | "beyond" | null;

/** What a text holds: a JSON object or array, or a JWT. */
export function readEmbedded(text: string, work: Work): Embedded {
  return looksLikeJson(text) ? parsed(Buffer.from(text), work) : readJwt(text, work);
}

function looksLikeJson(text: string): boolean {
  if (text.length < shortestDocument) return false;
  const first = text.charAt(0);
  if (first !== "{" && first !== "[" && first.trim() !== "") return false;
  return /^\s*[[{]/.test(text) && /[\]}]\s*$/.test(text.slice(-maxTrailingSpace));
}

/** Writers end a document with a line end at most; looking for more would be looking at every text twice. */
const maxTrailingSpace = 8;

/** Header and claims of a JWT (RFC 7519), and whether it is signed; the signature itself says nothing that they do not. */
export function readJwt(text: string, work: Work): Embedded {
  const match = text.startsWith("eyJ") ? jwt.exec(text) : null;
  if (match === null) return null;
  const [, header = "", claims = "", signature = ""] = match;
  const before = parsed(Buffer.from(header, "base64url"), work);
  const after = parsed(Buffer.from(claims, "base64url"), work);
  if (before === null || after === null) return null;
  if (before === "beyond" || after === "beyond") return "beyond";
  return {
    kind: "object",
    members: [
      { key: "header", value: before },
      { key: "claims", value: after },
      { key: "signed", value: { kind: "boolean", value: signature !== "" } },
    ],
  };
}

/** A document that is too deep is a text like others: there is no end to what may be deeper. */
function parsed(bytes: Buffer, work: Work): Embedded {
  const parse = parseJson(bytes, { maxDepth, maxNodes: work.left });
  if (parse.kind === "parsed") return work.spend(countNodes(parse.root)) ? parse.root : "beyond";
  return parse.kind === "over-limit" && parse.limit === "nodes" ? "beyond" : null;
}
