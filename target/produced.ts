/** What a recorded answer taught the client that later requests may use, and under which keys those find it.
 *
 * Three kinds of links, each with its own evidence:
 *   value       surprising values, wherever they appear        value:8a1b…
 *   cookie      cookies by name                                cookie:sid=8a1b…
 *   created     the item that an unsafe request created, any   path:/comments:15   name:comment:15
 *               surprise, under its collection and its name
 * and validators (ETag, Last-Modified) of one request target, which come back in conditional requests. */

import { parseSetCookie } from "../model/cookies.ts";
import { type Answer, headerValues, isSafeMethod } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { AnswerReader, type Scalar, type Step, scalarOf } from "./answer-reader.ts";
import { fieldWords, isIdentityName, itemWords, splitPath, withoutTrailingSlash } from "./collection.ts";
import type { JsonScalarType, Place, RequestTemplate } from "./request-template.ts";
import { pathOf } from "./scope.ts";
import { isSurprising } from "./surprise.ts";

export type AnswerPlace =
  | { readonly kind: "json"; readonly path: readonly Step[] }
  /** As `json`; where that place is empty, wherever else the target names what it created. */
  | { readonly kind: "created"; readonly path: readonly Step[]; readonly collection: string }
  | { readonly kind: "location-item"; readonly collection: string }
  | { readonly kind: "location-segment"; readonly index: number; readonly of: number }
  | { readonly kind: "location-query"; readonly name: string }
  | { readonly kind: "cookie"; readonly name: string }
  | { readonly kind: "header"; readonly name: string };

export interface Produced {
  readonly keys: readonly string[];
  readonly recorded: string;
  readonly recordedType: JsonScalarType;
  readonly at: AnswerPlace;
  /** `first`: what is known stays. `newest`: each time anew, for requests that begin after this answer. */
  readonly policy: "first" | "newest";
  /** It came into being with this answer: a target that did not give one cannot know it. */
  readonly created: boolean;
}

/** More than any page of results has; the rest of an answer teaches nothing. */
const maxProduced = 2000;
/** Representation, connection and time: differs always, and no request sends it back. */
const neverProducing: ReadonlySet<string> = new Set([
  "set-cookie",
  "location",
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
  "link",
  "alt-svc",
]);
const validatorOf: Readonly<Record<string, string>> = {
  "if-none-match": "etag",
  "if-match": "etag",
  "if-modified-since": "last-modified",
  "if-unmodified-since": "last-modified",
};

/** The values that a recorded answer brought into the session. */
export function producedBy(template: RequestTemplate, answer: Answer, lane: string): Produced[] {
  const reader = new AnswerReader(answer);
  const sent = new Set(template.places.map(({ value }) => value));
  return [
    ...cookies(template, answer, lane),
    ...createdItems(template, reader),
    ...locationValues(reader, sent),
    ...validators(template, reader),
    ...headerTokens(answer, sent),
    ...jsonTokens(reader, sent, !isSafeMethod(template.request.method) && reader.succeeded),
  ];
}

/** The keys under which the value of a place may be known, the most specific first. */
export function keysOf({ where, value }: Place, template: RequestTemplate, lane: string): string[] {
  const anywhere = valueKey(value);
  switch (where.kind) {
    case "segment":
      return [itemKey(where.collection, value), anywhere];
    case "cookie":
      return [cookieKey(where.name, value, lane), anywhere];
    case "header": {
      const validator = validatorOf[where.name];
      return validator === undefined ? [anywhere] : [validatorKey(validator, template.request.target, value)];
    }
    case "query":
    case "form":
      return [...fieldKeys(where.name, null, value, template), anywhere];
    case "json":
      return [...(where.name === null ? [] : fieldKeys(where.name, where.parent, value, template)), anywhere];
    default:
      return where satisfies never;
  }
}

/** The value that a target's answer has at the place of a produced one. `sentCookie`: the cookie of that name which the
 * target was sent; a client keeps it when the answer does not set another. */
export function actualOf(
  produced: Produced,
  reader: AnswerReader,
  recorded: AnswerReader,
  sentCookie: (name: string) => string | null,
): Scalar | null {
  const { at, recordedType } = produced;
  const asRecorded = (text: string | null | undefined): Scalar | null =>
    text === null || text === undefined || text === "" ? null : { text, type: recordedType };
  switch (at.kind) {
    case "json": {
      const scalar = reader.at(at.path);
      return scalar === null || movedElsewhere(produced.recorded, scalar.text, recorded, reader) ? null : scalar;
    }
    case "created": {
      if (!reader.succeeded) return null;
      return reader.at(at.path) ?? reader.identities(at.collection)[0]?.scalar ?? asRecorded(reader.locationItem);
    }
    case "location-item": {
      if (reader.answer.status >= 400) return null;
      return asRecorded(reader.locationItem) ?? reader.identities(at.collection)[0]?.scalar ?? null;
    }
    case "location-segment": {
      const segments = reader.locationPath?.split("/") ?? [];
      return segments.length === at.of ? asRecorded(segments[at.index]) : null;
    }
    case "location-query":
      return asRecorded(locationQuery(reader).find(([name]) => name === at.name)?.[1]);
    case "cookie":
      return asRecorded(reader.cookie(at.name) ?? sentCookie(at.name));
    case "header":
      return asRecorded(reader.header(at.name));
    default:
      return at satisfies never;
  }
}

/** Two lists of the same things in another order are no evidence that one thing became another. */
function movedElsewhere(recordedText: string, actualText: string, recorded: AnswerReader, reader: AnswerReader): boolean {
  if (recordedText === actualText) return false;
  return recorded.holds(actualText) || reader.holds(recordedText);
}

function cookies(template: RequestTemplate, answer: Answer, lane: string): Produced[] {
  return headerValues(answer.headers, "set-cookie")
    .map(parseSetCookie)
    .filter(
      ({ name, value }) =>
        value !== "" && !template.places.some(({ where, value: sent }) => where.kind === "cookie" && where.name === name && sent === value),
    )
    .map(({ name, value }) => ({
      keys: isSurprising(value) ? [cookieKey(name, value, lane), valueKey(value)] : [cookieKey(name, value, lane)],
      recorded: value,
      recordedType: "string",
      at: { kind: "cookie", name },
      policy: "newest",
      created: true,
    }));
}

function createdItems(template: RequestTemplate, reader: AnswerReader): Produced[] {
  const { method, target } = template.request;
  if (method !== "POST" && method !== "PUT") return [];
  const path = withoutTrailingSlash(pathOf(target));
  const { locationPath, locationItem } = reader;
  const { status } = reader.answer;
  const items: Produced[] = [];

  const namedByLocation = locationPath !== null && locationItem !== null && status < 400 && (reader.succeeded || /\d/.test(locationItem));
  const collection = namedByLocation ? splitPath(locationPath).parent : path;
  // A PUT says itself what it creates, unless the answer says where that went.
  const identities = reader.succeeded && (method === "POST" || namedByLocation) ? reader.identities(collection) : [];
  for (const { path: place, scalar } of identities) {
    if (status !== 201 && givenByClient(template, scalar.text)) continue;
    const at: AnswerPlace = place === identities[0]?.path ? { kind: "created", path: place, collection } : { kind: "json", path: place };
    items.push(createdItem([path, collection], scalar, at));
  }
  if (
    namedByLocation &&
    !identities.some(({ scalar }) => scalar.text === locationItem) &&
    !pathOf(target).split("/").includes(locationItem)
  ) {
    items.push(createdItem([collection], { text: locationItem, type: "string" }, { kind: "location-item", collection }));
  }
  return items;
}

function createdItem(collections: readonly string[], { text, type }: Scalar, at: AnswerPlace): Produced {
  const distinct = [...new Set(collections)];
  const named = new Set(distinct.flatMap(itemWords));
  const keys = [...distinct.map((collection) => itemKey(collection, text)), ...[...named].map((word) => nameKey(word, text))];
  if (isSurprising(text)) keys.push(valueKey(text));
  return { keys, recorded: text, recordedType: type, at, policy: "newest", created: true };
}

/** The client named the item itself, in the path or in a field for that. */
function givenByClient(template: RequestTemplate, id: string): boolean {
  return template.places.some(({ where, value }) => {
    if (value !== id) return false;
    return (
      where.kind === "segment" || ((where.kind === "json" || where.kind === "form") && where.name !== null && isIdentityName(where.name))
    );
  });
}

function locationValues(reader: AnswerReader, sent: ReadonlySet<string>): Produced[] {
  const segments = reader.locationPath?.split("/") ?? [];
  const inPath = segments.map((text, index) => tokenOf(text, { kind: "location-segment", index, of: segments.length }));
  const inQuery = locationQuery(reader).map(([name, text]) => tokenOf(text, { kind: "location-query", name }));
  return [...inPath, ...inQuery].filter(({ recorded }) => isSurprising(recorded) && !sent.has(recorded));
}

function locationQuery(reader: AnswerReader): [string, string][] {
  const [, query = ""] = (reader.header("location") ?? "").split("?");
  return [...new URLSearchParams(query.replace(/#.*$/, ""))];
}

function validators(template: RequestTemplate, reader: AnswerReader): Produced[] {
  if (!reader.succeeded && reader.answer.status !== 304) return [];
  return ["etag", "last-modified"].flatMap((name): Produced[] => {
    const value = reader.header(name);
    if (value === null) return [];
    const keys = [validatorKey(name, template.request.target, value)];
    return [{ keys, recorded: value, recordedType: "string", at: { kind: "header", name }, policy: "newest", created: false }];
  });
}

function headerTokens(answer: Answer, sent: ReadonlySet<string>): Produced[] {
  return answer.headers
    .filter(([name, value]) => !neverProducing.has(name.toLowerCase()) && isSurprising(value) && !sent.has(value))
    .map(([name, value]) => tokenOf(value, { kind: "header", name: name.toLowerCase() }));
}

function jsonTokens(reader: AnswerReader, sent: ReadonlySet<string>, created: boolean): Produced[] {
  const tokens: Produced[] = [];
  const visit = (node: JsonNode, path: readonly Step[]): void => {
    if (tokens.length >= maxProduced) return;
    if (node.kind === "object") for (const { key, value } of node.members) visit(value, [...path, { kind: "member", key }]);
    else if (node.kind === "array") {
      const of = node.elements.length;
      node.elements.forEach((element, index) => visit(element, [...path, { kind: "element", index, of, like: element }]));
    } else {
      const scalar = scalarOf(node);
      if (scalar === null || !isSurprising(scalar.text) || sent.has(scalar.text)) return;
      tokens.push({ ...tokenOf(scalar.text, { kind: "json", path }), recordedType: scalar.type, created });
    }
  };
  if (reader.root !== null) visit(reader.root, []);
  return tokens;
}

function tokenOf(text: string, at: AnswerPlace): Produced {
  return { keys: [valueKey(text)], recorded: text, recordedType: "string", at, policy: "first", created: false };
}

function fieldKeys(name: string, parent: string | null, value: string, template: RequestTemplate): string[] {
  if (!isIdentityName(name)) return fieldWords(name).map((word) => nameKey(word, value));
  if (parent !== null) return fieldWords(parent).map((word) => nameKey(word, value));
  // `id` of the item or collection that the request itself is about.
  const path = withoutTrailingSlash(pathOf(template.request.target));
  return [itemKey(path, value), itemKey(splitPath(path).parent, value)];
}

const valueKey = (value: string): string => `value:${value}`;
const itemKey = (collection: string, id: string): string => `path:${collection}:${id}`;
const nameKey = (word: string, id: string): string => `name:${word}:${id}`;
const validatorKey = (name: string, target: string, value: string): string => `${name}:${target}:${value}`;
/** Plain values (`theme=dark`) say something only within the lane that they were set in. */
const cookieKey = (name: string, value: string, lane: string): string =>
  isSurprising(value) ? `cookie:${name}=${value}` : `cookie:${lane}:${name}=${value}`;
