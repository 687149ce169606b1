/** A place in a message that may hold a value which another message named, and what to put there.
 *
 *    GET /comments/15?next=eyJwIjoi…        segment "15"
 *                                           query next="eyJwIjoi…", which is made of ─► json p="8a1b…"
 *
 * A value may be made of others (an encoding, an URL, a list): those count where the whole is not known. */

export type Where =
  /** `collection`: the path before the segment, without a trailing slash. */
  | { readonly kind: "segment"; readonly collection: string }
  | { readonly kind: "query" | "form"; readonly name: string }
  /** `name` of the member, of the array around it, or null; `parent`: of the object around that. */
  | { readonly kind: "json"; readonly name: string | null; readonly parent: string | null }
  | { readonly kind: "cookie"; readonly name: string }
  /** `name` in lower case. */
  | { readonly kind: "header"; readonly name: string }
  /** Without a name. */
  | { readonly kind: "bare" };

export interface Place {
  readonly where: Where;
  /** Decoded. */
  readonly value: string;
  /** Null: nothing is known to be in it. */
  readonly composite: Composite | null;
}

/** Looks into a value that stands somewhere. */
export type PlaceMaker = (where: Where, value: string) => Place;

/** A text that is made of values. */
export interface Composite {
  /** With keys under which the same parts are found in another text that is made alike. */
  readonly parts: ReadonlyMap<string, Place>;
  /** The text with some of its parts replaced; null = none of them is, or it cannot be written (a signature). */
  write(fill: Fill): string | null;
}

export type JsonScalarType = "number" | "string";

/** What to put in a place. `recordedType` and `type`: of the JSON values that the recorded and the target's answer held. */
export interface Substitute {
  readonly text: string;
  readonly recordedType: JsonScalarType;
  readonly type: JsonScalarType;
}

export type Substitutes = ReadonlyMap<Place, Substitute>;

/** What goes into a place; null = what it holds. */
export type Fill = (place: Place) => Substitute | null;

/** Fills places, and those that are made of them. */
export function filling(substitutes: Substitutes): Fill {
  const fill = (place: Place): Substitute | null => {
    const substitute = substitutes.get(place);
    if (substitute !== undefined) return substitute;
    const text = place.composite?.write(fill) ?? null;
    return text === null ? null : { text, recordedType: "string", type: "string" };
  };
  return fill;
}

/** Places and those within, from the outside in. */
export function* withParts(places: Iterable<Place>): Generator<Place> {
  for (const place of places) {
    yield place;
    if (place.composite !== null) yield* withParts(place.composite.parts.values());
  }
}
