/** The values of an answer, each with where it stands, so that the same place can be found in another answer.
 *
 *    recorded answer ─ valuesIn ─► {at, place: "15"}                     what is worth following
 *    target's answer ─ readAt(at) ─────────────────► "RCgs9u4cTCI"       what it is called there      */

import type { JsonNode } from "../model/json/node.ts";
import { type AnswerReader, type Scalar, type Step, scalarOf } from "./answer-reader.ts";
import { placeOf } from "./composite.ts";
import { shownWords } from "./link-words.ts";
import type { Composite, JsonScalarType, Place, Where } from "./place.ts";
import { requestTargetOf } from "./scope.ts";

export type ValuePlace =
  | { readonly kind: "json"; readonly path: readonly Step[] }
  | { readonly kind: "page"; readonly key: string; readonly index: number; readonly of: number }
  /** The whole body, where it is one value. */
  | { readonly kind: "text" }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "cookie"; readonly name: string }
  /** Of what stands at another place. */
  | { readonly kind: "part"; readonly of: ValuePlace; readonly where: Where; readonly key: string };

export interface AnswerValue {
  readonly at: ValuePlace;
  readonly place: Place;
  readonly type: JsonScalarType;
  /** The link that it is a part of, as a client would request it. */
  readonly link: string | null;
}

/** What is in a value that redaction has replaced; null = nobody knows. */
export type Sealed = (token: string) => Composite | null;

/** Representation, connection and time: differs always, and no request sends it back. Cookies and validators have rules of
 * their own (produced.ts). */
const neverProducing: ReadonlySet<string> = new Set([
  "set-cookie",
  "etag",
  "last-modified",
  "date",
  "expires",
  "content-type",
  "content-length",
  "content-encoding",
  "cache-control",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "vary",
  "server",
  "age",
  "via",
  "alt-svc",
]);

/** The rest of a longer body is a catalogue: nobody acts on all of it, and reading it would hold up everything else. */
const mostLooked = 10_000;

/** Every value of body and header fields, and those that they are made of. */
export function* valuesIn(reader: AnswerReader, sealed: Sealed): Generator<AnswerValue> {
  for (const [name, value] of reader.answer.headers) {
    const key = name.toLowerCase();
    if (!neverProducing.has(key)) yield* textValue({ kind: "header", name: key }, { kind: "header", name: key }, value, sealed);
  }
  yield* valuesInBody(reader, sealed);
}

function* valuesInBody(reader: AnswerReader, sealed: Sealed): Generator<AnswerValue> {
  let looked = 0;
  for (const value of allInBody(reader, sealed)) {
    if (looked === mostLooked) return;
    looked += 1;
    yield value;
  }
}

function* allInBody(reader: AnswerReader, sealed: Sealed): Generator<AnswerValue> {
  if (reader.root !== null) yield* jsonValues(reader.root, [], null, null, sealed);
  for (const [key, values] of reader.pageValues) {
    for (const [index, { where, text }] of values.entries()) {
      yield* textValue({ kind: "page", key, index, of: values.length }, where, text, sealed);
    }
  }
  if (reader.text !== null) yield* textValue({ kind: "text" }, { kind: "bare" }, reader.text, sealed);
}

/** Which texts the body of an answer holds, read when first asked for. */
export class AnswerTexts {
  readonly reader: AnswerReader;
  #texts: ReadonlySet<string> | undefined;
  #named: ReadonlySet<string> | undefined;

  constructor(reader: AnswerReader) {
    this.reader = reader;
  }

  holds(text: string): boolean {
    this.#texts ??= new Set(bodyPlaces(this.reader).map(({ value }) => value));
    return this.#texts.has(text);
  }

  /** Whether the body holds a value that names such a thing. */
  holdsNamed(where: Where, text: string): boolean {
    this.#named ??= new Set(bodyPlaces(this.reader).flatMap((place) => shownWords(place.where).map((word) => `${word}:${place.value}`)));
    return shownWords(where).some((word) => this.#named?.has(`${word}:${text}`));
  }
}

function bodyPlaces(reader: AnswerReader): Place[] {
  return [...valuesInBody(reader, nothingSealed)].map(({ place }) => place);
}

const nothingSealed: Sealed = () => null;

/** What a cookie of an answer is made of. */
export function* valuesInCookie(name: string, value: string, sealed: Sealed): Generator<AnswerValue> {
  const [, ...parts] = textValue({ kind: "cookie", name }, { kind: "cookie", name }, value, sealed);
  yield* parts;
}

/** The value at the same place of another answer; null = there is none. */
export function readAt(at: ValuePlace, reader: AnswerReader): Scalar | null {
  switch (at.kind) {
    case "json":
      return reader.at(at.path);
    case "page": {
      const values = reader.pageValues.get(at.key) ?? [];
      return values.length === at.of ? asText(values[at.index]?.text) : null;
    }
    case "text":
      return asText(reader.text);
    case "header":
      return asText(reader.header(at.name));
    case "cookie":
      return asText(reader.cookie(at.name));
    case "part": {
      const whole = readAt(at.of, reader);
      return whole === null ? null : asText(placeOf(at.where, whole.text).composite?.parts.get(at.key)?.value);
    }
    default:
      return at satisfies never;
  }
}

function* jsonValues(
  node: JsonNode,
  path: readonly Step[],
  name: string | null,
  parent: string | null,
  sealed: Sealed,
): Generator<AnswerValue> {
  if (node.kind === "object") {
    for (const { key, value } of node.members) yield* jsonValues(value, [...path, { kind: "member", key }], key, name, sealed);
  } else if (node.kind === "array") {
    const of = node.elements.length;
    for (const [index, element] of node.elements.entries()) {
      yield* jsonValues(element, [...path, { kind: "element", index, of, like: element }], name, parent, sealed);
    }
  } else {
    const scalar = scalarOf(node);
    if (scalar === null) return;
    const at: ValuePlace = { kind: "json", path };
    const where: Where = { kind: "json", name, parent };
    if (scalar.type === "number") yield { at, place: { where, value: scalar.text, composite: null }, type: "number", link: null };
    else yield* textValue(at, where, scalar.text, sealed);
  }
}

function* textValue(at: ValuePlace, where: Where, text: string, sealed: Sealed): Generator<AnswerValue> {
  const place = placeOf(where, text);
  yield { at, place, type: "string", link: null };
  yield* partsOf(at, { ...place, composite: sealed(text) ?? place.composite });
}

function* partsOf(at: ValuePlace, { where, value, composite }: Place): Generator<AnswerValue> {
  for (const [key, place] of composite?.parts ?? []) {
    const part: ValuePlace = { kind: "part", of: at, where, key };
    const isOfLink = place.where.kind === "segment" || place.where.kind === "query";
    yield { at: part, place, type: "string", link: isOfLink ? requestTargetOf(value) : null };
    yield* partsOf(part, place);
  }
}

function asText(text: string | null | undefined): Scalar | null {
  return text === null || text === undefined || text === "" ? null : { text, type: "string" };
}
