/** Texts in which places stand between bytes that stay: request targets, forms, header fields.
 *
 *    /comments/15?after=c7f3        "/" segment "comments" "/" segment "15" "?after=" query "c7f3"
 *
 * What is not replaced keeps its bytes. */

import type { Composite, Fill, Place, PlaceMaker } from "./place.ts";
import { pathOf } from "./scope.ts";

/** Bytes that stay, or a place with the bytes that it has. */
export type Piece = string | HeldPlace;

export interface HeldPlace {
  readonly place: Place;
  readonly raw: string;
  /** How a text is spelt there. */
  readonly spell: (text: string) => string;
}

export function placesIn(pieces: readonly Piece[]): Place[] {
  return pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.place]));
}

export function written(pieces: readonly Piece[], fill: Fill): string {
  return pieces
    .map((piece) => {
      if (typeof piece === "string") return piece;
      const substitute = fill(piece.place);
      return substitute === null ? piece.raw : piece.spell(substitute.text);
    })
    .join("");
}

/** @param keyOf what the same piece is called in another text of the kind */
export function compositeOfPieces(pieces: readonly Piece[], keyOf: (place: Place, index: number) => string): Composite | null {
  const places = placesIn(pieces);
  if (places.length === 0) return null;
  return {
    parts: new Map(places.map((place, index) => [keyOf(place, index), place])),
    write: (fill) => {
      const text = written(pieces, fill);
      return text === written(pieces, () => null) ? null : text;
    },
  };
}

/** Path segments and query values of a request target or URL. */
export function targetPieces(target: string, make: PlaceMaker): Piece[] {
  const [beforeFragment = "", ...fragment] = target.split(/(?=#)/);
  const question = beforeFragment.indexOf("?");
  const beforeQuery = question < 0 ? beforeFragment : beforeFragment.slice(0, question);
  const path = pathOf(beforeQuery);
  const pieces: Piece[] = [beforeQuery.slice(0, beforeQuery.length - path.length)];
  const segments = path.split("/");
  segments.forEach((raw, index) => {
    if (index > 0) pieces.push("/");
    const collection = segments.slice(0, index).join("/");
    pieces.push(raw === "" ? "" : held(make({ kind: "segment", collection }, decoded(raw)), raw, spelledSegment));
  });
  if (question >= 0) pieces.push("?", ...pairPieces(beforeFragment.slice(question + 1), "query", make));
  return [...pieces, ...fragment];
}

/** `a=1&b=2`, as in queries and forms. */
export function pairPieces(text: string, kind: "query" | "form", make: PlaceMaker): Piece[] {
  return text.split("&").flatMap((pair, index): Piece[] => {
    const separator = index === 0 ? "" : "&";
    const equals = pair.indexOf("=");
    const raw = pair.slice(equals + 1);
    if (equals < 0 || raw === "") return [separator + pair];
    const name = decodedForm(pair.slice(0, equals));
    const value = held(make({ kind, name }, decodedForm(raw)), raw, (spelt) => spelledLike(spelt, raw));
    return [separator + pair.slice(0, equals + 1), value];
  });
}

export function held(place: Place, raw: string, spell: (text: string) => string = asItIs): HeldPlace {
  return { place, raw, spell };
}

function asItIs(text: string): string {
  return text;
}

/** RFC 3986 §3.3: these may stand in a segment as they are, and servers compare paths as bytes. */
function spelledSegment(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

/** Characters that need no escape in a value (RFC 3986 §3.4) have one only if the recorded spelling escapes them. */
function spelledLike(text: string, raw: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:2F|3A|3F|40|2C|3B|24|3D)/g, (escape) => {
    const character = decodeURIComponent(escape);
    return raw.includes(character) ? character : escape;
  });
}

function decodedForm(raw: string): string {
  return decoded(raw.replaceAll("+", " "));
}

/** Percent-decoding (RFC 3986 §2.1) as UTF-8; what is not that stays as it is. */
export function decoded(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    // Malformed escapes are legal bytes on the wire; then the raw text is the value.
    return raw;
  }
}
