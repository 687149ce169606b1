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

/** A JSON object or array that a text holds; null for any other text, and where the work does not reach. */
export function embeddedJson(text: string, work: Work): JsonNode | null {
  return looksLikeJson(text) ? parsed(Buffer.from(text), work) : null;
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
export function readJwt(text: string, work: Work): JsonNode | null {
  const match = text.startsWith("eyJ") ? jwt.exec(text) : null;
  if (match === null) return null;
  const [, header = "", claims = "", signature = ""] = match;
  const before = parsed(Buffer.from(header, "base64url"), work);
  const after = before === null ? null : parsed(Buffer.from(claims, "base64url"), work);
  if (before === null || after === null) return null;
  return {
    kind: "object",
    members: [
      { key: "header", value: before },
      { key: "claims", value: after },
      { key: "signed", value: { kind: "boolean", value: signature !== "" } },
    ],
  };
}

function parsed(bytes: Buffer, work: Work): JsonNode | null {
  const parse = parseJson(bytes, { maxDepth, maxNodes: work.left });
  return parse.kind === "parsed" && work.spend(countNodes(parse.root)) ? parse.root : null;
}
