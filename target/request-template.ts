/** A request taken apart into the places that may hold a value from an earlier answer, to be filled in per target.
 *
 *    GET /comments/15?after=c7f3…      places: segment "15" under /comments, query after="c7f3…",
 *    Cookie: sid=8a1b…                         cookie sid="8a1b…"
 *
 * Filling in is one simultaneous substitution: 15 → 16 and 16 → 15 in the same request do not chain. What is not
 * replaced keeps its bytes. */

import { type HttpRequest, headerValue } from "../model/exchange.ts";
import type { JsonMember, JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { pathOf } from "./scope.ts";

export type Where =
  /** `collection`: the recorded path before the segment, without a trailing slash. */
  | { readonly kind: "segment"; readonly collection: string }
  | { readonly kind: "query" | "form"; readonly name: string }
  /** `name` of the member, of the array around it, or null; `parent`: of the object around that. */
  | { readonly kind: "json"; readonly name: string | null; readonly parent: string | null }
  | { readonly kind: "cookie"; readonly name: string }
  /** `name` in lower case. */
  | { readonly kind: "header"; readonly name: string };

export interface Place {
  readonly where: Where;
  /** Decoded. */
  readonly value: string;
}

export type JsonScalarType = "number" | "string";

/** What to put in a place. `recordedType` and `type`: of the JSON values that the recorded and the target's answer held. */
export interface Substitute {
  readonly text: string;
  readonly recordedType: JsonScalarType;
  readonly type: JsonScalarType;
}

export type Substitutes = ReadonlyMap<Place, Substitute>;

/** Bytes that stay, or a place with the bytes it has in the recording. */
type Piece = string | { readonly place: Place; readonly raw: string };
type BodyTemplate =
  | { readonly kind: "fixed" }
  | { readonly kind: "form"; readonly pieces: readonly Piece[] }
  | { readonly kind: "json"; readonly root: JsonNode; readonly leaves: ReadonlyMap<JsonNode, Place> };

/** Lists of entity tags (RFC 9110 §13.1). */
const entityTagHeaders: ReadonlySet<string> = new Set(["if-none-match", "if-match"]);
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class RequestTemplate {
  readonly request: HttpRequest;
  readonly places: readonly Place[];
  readonly #target: readonly Piece[];
  readonly #headers: readonly (readonly Piece[])[];
  readonly #body: BodyTemplate;

  constructor(request: HttpRequest) {
    this.request = request;
    this.#target = targetPieces(request.target);
    this.#headers = request.headers.map(([name, value]) => headerPieces(name.toLowerCase(), value));
    this.#body = bodyTemplate(request);
    const pieces = [...this.#target, ...this.#headers.flat(), ...(this.#body.kind === "form" ? this.#body.pieces : [])];
    const inText = pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.place]));
    this.places = this.#body.kind === "json" ? [...inText, ...this.#body.leaves.values()] : inText;
  }

  withSubstitutes(substitutes: Substitutes): HttpRequest {
    if (substitutes.size === 0) return this.request;
    const headers = this.request.headers.map(([name], index): [string, string] => [name, filled(this.#headers[index] ?? [], substitutes)]);
    return { ...this.request, target: filled(this.#target, substitutes), headers, body: this.#filledBody(substitutes) };
  }

  #filledBody(substitutes: Substitutes): HttpRequest["body"] {
    const template = this.#body;
    switch (template.kind) {
      case "fixed":
        return this.request.body;
      case "form":
        return { kind: "whole", bytes: Buffer.from(filled(template.pieces, substitutes), "latin1") };
      case "json": {
        const root = filledJson(template.root, template.leaves, substitutes);
        return root === template.root ? this.request.body : { kind: "whole", bytes: writeJson(root) };
      }
      default:
        return template satisfies never;
    }
  }
}

function filled(pieces: readonly Piece[], substitutes: Substitutes): string {
  return pieces
    .map((piece) => {
      if (typeof piece === "string") return piece;
      const substitute = substitutes.get(piece.place);
      return substitute === undefined ? piece.raw : encoded(substitute.text, piece.place.where.kind);
    })
    .join("");
}

function encoded(text: string, kind: Where["kind"]): string {
  if (kind === "header" || kind === "cookie") return text;
  const escaped = encodeURIComponent(text);
  // RFC 3986 §3.3: these may stand in a segment as they are, and servers compare paths as bytes.
  return kind === "segment" ? escaped.replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent) : escaped;
}

function targetPieces(target: string): Piece[] {
  const question = target.indexOf("?");
  const beforeQuery = question < 0 ? target : target.slice(0, question);
  const path = pathOf(target);
  const pieces: Piece[] = [beforeQuery.slice(0, beforeQuery.length - path.length)];
  const segments = path.split("/");
  segments.forEach((raw, index) => {
    if (index > 0) pieces.push("/");
    const collection = segments.slice(0, index).join("/");
    pieces.push(raw === "" ? "" : { place: { where: { kind: "segment", collection }, value: decoded(raw) }, raw });
  });
  if (question >= 0) pieces.push("?", ...pairPieces(target.slice(question + 1), "query"));
  return pieces;
}

/** `a=1&b=2`, as in queries and forms. */
function pairPieces(text: string, kind: "query" | "form"): Piece[] {
  return text.split("&").flatMap((pair, index): Piece[] => {
    const separator = index === 0 ? "" : "&";
    const equals = pair.indexOf("=");
    const raw = pair.slice(equals + 1);
    if (equals < 0 || raw === "") return [separator + pair];
    const name = decodedForm(pair.slice(0, equals));
    return [separator + pair.slice(0, equals + 1), { place: { where: { kind, name }, value: decodedForm(raw) }, raw }];
  });
}

function headerPieces(name: string, value: string): Piece[] {
  const where: Where = { kind: "header", name };
  if (name === "cookie") return cookiePieces(value);
  // `Bearer TOKEN`, `Token TOKEN`: the credentials after the scheme (RFC 9110 §11.4).
  const parts = name === "authorization" ? value.split(/( +)/) : entityTagHeaders.has(name) ? value.split(/(\s*,\s*)/) : [value];
  return parts.map((raw, index) => (index % 2 === 1 || raw === "" ? raw : { place: { where, value: raw }, raw }));
}

function cookiePieces(value: string): Piece[] {
  return value.split(/(;\s*)/).flatMap((part, index): Piece[] => {
    const equals = part.indexOf("=");
    const raw = part.slice(equals + 1);
    if (index % 2 === 1 || equals < 0 || raw === "") return [part];
    return [part.slice(0, equals + 1), { place: { where: { kind: "cookie", name: part.slice(0, equals).trim() }, value: raw }, raw }];
  });
}

function bodyTemplate({ headers, body }: HttpRequest): BodyTemplate {
  if (body.kind !== "whole" || (headerValue(headers, "content-encoding") ?? "identity") !== "identity") return { kind: "fixed" };
  const essence = mediaTypeOf(headers)?.essence ?? "";
  if (essence === "application/x-www-form-urlencoded") {
    return { kind: "form", pieces: pairPieces(Buffer.from(body.bytes).toString("latin1"), "form") };
  }
  if (!isJson(essence)) return { kind: "fixed" };
  const parsed = parseJson(body.bytes);
  if (parsed.kind !== "parsed") return { kind: "fixed" };
  const leaves = new Map<JsonNode, Place>();
  collectLeaves(parsed.root, null, null, leaves);
  return { kind: "json", root: parsed.root, leaves };
}

function collectLeaves(node: JsonNode, name: string | null, parent: string | null, leaves: Map<JsonNode, Place>): void {
  if (node.kind === "object") for (const { key, value } of node.members) collectLeaves(value, key, name, leaves);
  else if (node.kind === "array") for (const element of node.elements) collectLeaves(element, name, parent, leaves);
  else if (node.kind === "string") leaves.set(node, { where: { kind: "json", name, parent }, value: node.value });
  else if (node.kind === "number") leaves.set(node, { where: { kind: "json", name, parent }, value: node.lexeme });
}

/** The same node where nothing below it changes. */
function filledJson(node: JsonNode, leaves: ReadonlyMap<JsonNode, Place>, substitutes: Substitutes): JsonNode {
  if (node.kind === "object") {
    const members = node.members.map((member): JsonMember => {
      const value = filledJson(member.value, leaves, substitutes);
      return value === member.value ? member : { key: member.key, value };
    });
    return members.every((member, index) => member === node.members[index]) ? node : { kind: "object", members };
  }
  if (node.kind === "array") {
    const elements = node.elements.map((element) => filledJson(element, leaves, substitutes));
    return elements.every((element, index) => element === node.elements[index]) ? node : { kind: "array", elements };
  }
  const place = leaves.get(node);
  const substitute = place === undefined ? undefined : substitutes.get(place);
  if (substitute === undefined || (node.kind !== "number" && node.kind !== "string")) return node;
  // A client writes an id back as it got it; where the type of the id changed, so does what it writes.
  const type = substitute.type === substitute.recordedType ? node.kind : substitute.type;
  if (type === "number" && jsonNumber.test(substitute.text)) return { kind: "number", lexeme: substitute.text };
  return { kind: "string", value: substitute.text };
}

function decodedForm(raw: string): string {
  return decoded(raw.replaceAll("+", " "));
}

/** Percent-decoding (RFC 3986 §2.1) as UTF-8; what is not that stays as it is. */
function decoded(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    // Malformed escapes are legal bytes on the wire; then the raw text is the value.
    return raw;
  }
}
