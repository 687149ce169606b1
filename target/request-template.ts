/** A request taken apart into the places that may hold a value from an earlier answer, to be filled in per target.
 *
 *    GET /comments/15?after=c7f3…      places: segment "15" under /comments, query after="c7f3…",
 *    Cookie: sid=8a1b…                         cookie sid="8a1b…"
 *
 * Filling in is one simultaneous substitution: 15 → 16 and 16 → 15 in the same request do not chain. What is not
 * replaced keeps its bytes. */

import type { HttpRequest } from "../model/exchange.ts";
import { type BodyTemplate, bodyTemplate } from "./body-template.ts";
import { placeOf } from "./composite.ts";
import { shownWords } from "./link-words.ts";
import { held, type Piece, placesIn, targetPieces, written } from "./pieces.ts";
import { type Fill, filling, type Place, type Substitutes, withParts } from "./place.ts";

/** Lists of entity tags (RFC 9110 §13.1). */
const entityTagHeaders: ReadonlySet<string> = new Set(["if-none-match", "if-match"]);
/** About the message, the connection and the client: they name nothing that an answer named. */
const plainHeaders =
  /^(?:accept|accept-.*|user-agent|host|connection|content-type|content-length|content-encoding|transfer-encoding|sec-.*|cache-control|pragma|date|origin|te|dnt|priority|upgrade-insecure-requests)$/;

export class RequestTemplate {
  readonly request: HttpRequest;
  /** What they are made of is within. */
  readonly places: readonly Place[];
  readonly #target: readonly Piece[];
  readonly #headers: readonly (readonly Piece[])[];
  readonly #body: BodyTemplate;
  #texts: ReadonlySet<string> | undefined;

  constructor(request: HttpRequest) {
    this.request = request;
    this.#target = targetPieces(request.target, placeOf);
    this.#headers = request.headers.map(([name, value]) => headerPieces(name.toLowerCase(), value));
    this.#body = bodyTemplate(request);
    this.places = [...placesIn(this.#target), ...placesIn(this.#headers.flat()), ...this.#body.places];
  }

  /** Whether a text stands in any place, or in what one is made of. */
  holds(text: string): boolean {
    this.#texts ??= new Set([...withParts(this.places)].map(({ value }) => value));
    return this.#texts.has(text);
  }

  /** Whether the client itself says the same of such a thing. */
  names({ where, value }: Place): boolean {
    if (!this.holds(value)) return false;
    const words = shownWords(where);
    return [...withParts(this.places)].some(
      (place) => place.value === value && shownWords(place.where).some((word) => words.includes(word)),
    );
  }

  withSubstitutes(substitutes: Substitutes): HttpRequest {
    if (substitutes.size === 0) return this.request;
    const fill = filling(substitutes);
    const headers = this.request.headers.map(([name], index): [string, string] => [name, written(this.#headers[index] ?? [], fill)]);
    return { ...this.request, target: written(this.#target, fill), headers, body: this.#filledBody(fill) };
  }

  #filledBody(fill: Fill): HttpRequest["body"] {
    const bytes = this.#body.write(fill);
    return bytes === null ? this.request.body : { kind: "whole", bytes };
  }
}

function headerPieces(name: string, value: string): Piece[] {
  if (plainHeaders.test(name)) return [value];
  if (name === "cookie") return cookiePieces(value);
  // `Bearer TOKEN`, `Token TOKEN`: the credentials after the scheme (RFC 9110 §11.4).
  const parts = name === "authorization" ? value.split(/( +)/) : entityTagHeaders.has(name) ? value.split(/(\s*,\s*)/) : [value];
  return parts.map((raw, index) => (index % 2 === 1 || raw === "" ? raw : held(placeOf({ kind: "header", name }, raw), raw)));
}

function cookiePieces(value: string): Piece[] {
  return value.split(/(;\s*)/).flatMap((part, index): Piece[] => {
    const equals = part.indexOf("=");
    const raw = part.slice(equals + 1);
    if (index % 2 === 1 || equals < 0 || raw === "") return [part];
    return [part.slice(0, equals + 1), held(placeOf({ kind: "cookie", name: part.slice(0, equals).trim() }, raw), raw)];
  });
}
