/** Finds the values that a text is made of: a URL's segments and parameters, JSON, base64 of either, percent-escapes, lists,
 * entity tags and the claims of a JSON Web Token.
 *
 *    "eyJwIjoiOGExYiJ9" ─base64─► {"p":"8a1b"} ─JSON─► p = 8a1b        and, filled in, back the same way
 *
 * Only texts that decode to something readable count, and nothing is written back that does not change. */

import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { JsonTemplate } from "./json-template.ts";
import { compositeOfPieces, decoded, held, type Piece, targetPieces } from "./pieces.ts";
import type { Composite, Place, PlaceMaker, Where } from "./place.ts";
import { isSurprising } from "./surprise.ts";

/** A URL in JSON in base64 in a parameter has as many. */
const deepest = 4;
/** Shorter texts are plain. */
const minLength = 6;
/** Longer ones are documents. */
const maxLength = 64 * 1024;
const urlShape = /^(?:https?:\/\/[^\s/]+)?\/[^\s"<>]*$/i;
const jsonShape = /^\s*(?:\{[^]*\}|\[[^]*\])\s*$/;
const tokenShape = /^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/;
const base64Shape = /^(?:[A-Za-z0-9+/]{8,}|[A-Za-z0-9_-]{8,})={0,2}$/;
const entityTag = /^((?:W\/)?")([^"]+)(")$/;
/** Text as people and programs write it; random bytes hardly ever are. */
const readable = /^[\t\n\r -~]+$/;
const escape = /%[0-9a-f]{2}/i;
const separators = /([,;|:&=])/;
const prose = /\s/;

/** A place, with what its value is made of. */
export function placeOf(where: Where, value: string, depth: number = deepest): Place {
  if (depth <= 0) return { where, value, composite: null };
  const inside: PlaceMaker = (innerWhere, inner) => placeOf(innerWhere, inner, depth - 1);
  return { where, value, composite: compositeOf(value, where, inside) };
}

function compositeOf(text: string, where: Where, make: PlaceMaker): Composite | null {
  if (text.length < minLength || text.length > maxLength) return null;
  if (urlShape.test(text)) return urlParts(text, make);
  if (jsonShape.test(text)) return jsonParts(Buffer.from(text), make, (bytes) => Buffer.from(bytes).toString("utf8"));
  if (tokenShape.test(text)) return claims(text, make);
  if (base64Shape.test(text)) return base64Parts(text, where, make);
  const [, before = "", tag, after = ""] = entityTag.exec(text) ?? [];
  if (tag !== undefined) return compositeOfPieces([before, held(make({ kind: "bare" }, tag), tag), after], () => "tag");
  if (escape.test(text)) return escapedParts(text, where, make);
  return listParts(text, where, make);
}

function urlParts(text: string, make: PlaceMaker): Composite | null {
  const pieces = targetPieces(text, make);
  const segments = pieces.filter((piece) => typeof piece !== "string" && piece.place.where.kind === "segment").length;
  return compositeOfPieces(pieces, ({ where }, index) => (where.kind === "query" ? `?${where.name}` : `/${index}:${segments}`));
}

function jsonParts(bytes: Uint8Array, make: PlaceMaker, spell: (bytes: Uint8Array) => string): Composite | null {
  const root = parsed(bytes);
  if (root === null) return null;
  const template = new JsonTemplate(root, make);
  return {
    parts: template.parts,
    write: (fill) => {
      const filled = template.filled(fill);
      return filled === root ? null : spell(writeJson(filled));
    },
  };
}

/** RFC 7519: nobody but the issuer can sign others. */
function claims(text: string, make: PlaceMaker): Composite | null {
  const [header = "", payload = ""] = text.split(".");
  const [head, root] = [header, payload].map((part) => parsed(Buffer.from(part, "base64url")));
  if (head?.kind !== "object" || root?.kind !== "object") return null;
  return { parts: new JsonTemplate(root, make).parts, write: () => null };
}

function base64Parts(text: string, where: Where, make: PlaceMaker): Composite | null {
  const bytes = Buffer.from(text, "base64");
  const spell = (plain: Uint8Array): string => spelledBase64(plain, text);
  if (spell(bytes) !== text) return null;
  const plain = bytes.toString("utf8");
  if (jsonShape.test(plain)) return jsonParts(bytes, make, spell);
  if (!readable.test(plain)) return null;
  return within(make(where, plain), (filled) => spell(Buffer.from(filled)));
}

/** In the alphabet and with the padding of another. */
function spelledBase64(bytes: Uint8Array, like: string): string {
  const standard = Buffer.from(bytes).toString("base64");
  const padded = like.endsWith("=") || (like.length % 4 === 0 && !/[-_]/.test(like)) ? standard : standard.replace(/=+$/, "");
  return /[-_]/.test(like) ? padded.replaceAll("+", "-").replaceAll("/", "_") : padded;
}

function escapedParts(text: string, where: Where, make: PlaceMaker): Composite | null {
  const plain = decoded(text);
  if (plain === text) return null;
  return within(make(where, plain), encodeURIComponent);
}

/** One value in an encoding. */
function within(inner: Place, encode: (text: string) => string): Composite {
  return {
    parts: new Map([["text", inner]]),
    write: (fill) => {
      const filled = fill(inner);
      return filled === null ? null : encode(filled.text);
    },
  };
}

/** `15,16`, `user:8a1b…`: only where one of them is a name that surprises. */
function listParts(text: string, where: Where, make: PlaceMaker): Composite | null {
  if (prose.test(text)) return null;
  const texts = text.split(separators);
  if (texts.length < 2 || !texts.some((part, index) => index % 2 === 0 && isSurprising(part))) return null;
  const pieces = texts.map((part, index): Piece => (index % 2 === 1 || part === "" ? part : held(make(where, part), part)));
  return compositeOfPieces(pieces, (_place, index) => `${index}:${texts.length}`);
}

function parsed(bytes: Uint8Array): JsonNode | null {
  const result = parseJson(bytes);
  return result.kind === "parsed" ? result.root : null;
}
