/** Under which keys a value is known, and looked up: what it takes for two equal values to be the same thing.
 *
 *   value       surprising values, wherever they appear          value:8a1b…
 *   cookie      cookies by name                                  cookie:sid=8a1b…
 *   created     the item that an unsafe request created, of any  path:/comments:15   name:comment:15
 *               surprise, under its collection and its name
 *   validator   ETag, Last-Modified of one request target        etag:/comments/15:"3"
 *   shown       a plain id that any answer named                 shown:comment:15 (shown-ids.ts)
 *   link        a part of a URL that is followed as a whole      link:/next?step=two ?step:two */

import { fieldWords, isIdentityName, splitPath, withoutTrailingSlash } from "./collection.ts";
import { shownWords } from "./link-words.ts";
import type { Place } from "./place.ts";
import type { RequestTemplate } from "./request-template.ts";
import { pathOf } from "./scope.ts";
import { isSurprising } from "./surprise.ts";

const validatorOf: Readonly<Record<string, string>> = {
  "if-none-match": "etag",
  "if-match": "etag",
  "if-modified-since": "last-modified",
  "if-unmodified-since": "last-modified",
};
/** Stands for every target: a validator that surprises is the same thing wherever it is sent. */
export const anyTarget = "*";
/** In a path words and versions (v2) are no ids that a target would name otherwise. */
const plainSegment = /^(?!v\d)(?=.*\d)[\w.-]{1,64}$/i;
/** A page that a link leads to, or how: another one there is another page. */
const plainWord = /^[a-z]+(?:[-_][a-z]+)*$/;
/** Longer ones hold documents. */
const longestLink = 2048;
/** Under a name anything that is no text may be one. */
const plainValue = /^[\w.~+/=-]{1,64}$/;

export const valueKey = (value: string): string => `value:${value}`;
export const itemKey = (collection: string, id: string): string => `path:${collection}:${id}`;
export const nameKey = (word: string, id: string): string => `name:${word}:${id}`;
export const validatorKey = (name: string, target: string, value: string): string => `${name}:${target}:${value}`;
/** Plain values (`theme=dark`) say something only within the lane that they were set in. */
export const cookieKey = (name: string, value: string, lane: string): string =>
  isSurprising(value) ? `cookie:${name}=${value}` : `cookie:${lane}:${name}=${value}`;

/** The keys under which the value of a place may be known, the most specific first.
 * @param surprises whether the value is one that can be known by itself */
export function keysOf({ where, value }: Place, template: RequestTemplate, lane: string, surprises: boolean): string[] {
  const anywhere = surprises ? [valueKey(value)] : [];
  switch (where.kind) {
    case "segment":
      return [itemKey(where.collection, value), ...anywhere];
    case "cookie":
      return [cookieKey(where.name, value, lane), ...anywhere];
    case "header": {
      const validator = validatorOf[where.name];
      if (validator === undefined) return anywhere;
      return [validatorKey(validator, template.request.target, value), validatorKey(validator, anyTarget, value)];
    }
    case "query":
    case "form":
      return [...fieldKeys(where.name, null, value, template), ...anywhere];
    case "json":
      return [...(where.name === null ? [] : fieldKeys(where.name, where.parent, value, template)), ...anywhere];
    case "bare":
      return anywhere;
    default:
      return where satisfies never;
  }
}

function fieldKeys(name: string, parent: string | null, value: string, template: RequestTemplate): string[] {
  if (!isIdentityName(name)) return fieldWords(name).map((word) => nameKey(word, value));
  if (parent !== null) return fieldWords(parent).map((word) => nameKey(word, value));
  // `id` of the item or collection that the request itself is about.
  const path = withoutTrailingSlash(pathOf(template.request.target));
  return [itemKey(path, value), itemKey(splitPath(path).parent, value)];
}

/** The key of any part of a link that a client follows as it is; null where it is none. */
export function linkKeyOf({ where, value }: Place, link: string): string | null {
  if (plainWord.test(value) || link.length > longestLink) return null;
  if (where.kind === "segment") return `link:${link} ${where.collection}/:${value}`;
  return where.kind === "query" ? `link:${link} ?${where.name}:${value}` : null;
}

/** The keys of a plain id: under its path, then by the words for what it names, in its lane first; none where nothing says
 * what it is. */
export function shownKeysOf({ where, value }: Place, lane: string): string[] {
  if (!(where.kind === "segment" ? plainSegment : plainValue).test(value)) return [];
  const words = new Set(shownWords(where));
  const named = [`${lane} `, ""].flatMap((scope) => [...words].map((word) => `shown:${scope}${word}:${value}`));
  return where.kind === "segment" ? [`shown:${where.collection}/:${value}`, ...named] : named;
}
