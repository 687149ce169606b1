/** Reads single values out of an answer, and finds the same place in another answer. */

import { decodeContent } from "../model/content.ts";
import { parseSetCookie } from "../model/cookies.ts";
import { type Answer, headerValue, headerValues } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { isIdentityName, namesItemOf, splitPath } from "./collection.ts";
import { type PageValue, pageValues } from "./page-values.ts";
import type { JsonScalarType } from "./place.ts";
import { pathOf } from "./scope.ts";
import { isSurprising } from "./surprise.ts";

/** A scalar as text, with the type it has in JSON. */
export interface Scalar {
  readonly text: string;
  readonly type: JsonScalarType;
}

/** One step into a JSON document. An element is the same one in another array when that has as many elements, and its
 * plain fields mostly hold the same values as those of the recorded element `like`. */
export type Step =
  | { readonly kind: "member"; readonly key: string }
  | { readonly kind: "element"; readonly index: number; readonly of: number; readonly like: JsonNode };

/** Where an answer names the item it created. */
export interface Identity {
  readonly path: readonly Step[];
  readonly scalar: Scalar;
}

/** Decoded answers above this teach nothing; as much as a body may have without being capped, many times over. */
const decodedCap = 16 * 1024 * 1024;
const htmlTypes: ReadonlySet<string> = new Set(["text/html", "application/xhtml+xml"]);
/** Longer texts are read, not sent back. */
const longestText = 8192;
const noValues: ReadonlyMap<string, readonly PageValue[]> = new Map();
/** Share of an element's plain fields that must agree. */
const agreement = 0.5;
/** Enough fields to tell whether two elements are the same thing. */
const maxFields = 8;

export class AnswerReader {
  readonly answer: Answer;
  #root: JsonNode | null | undefined;
  #page: ReadonlyMap<string, readonly PageValue[]> | undefined;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  get succeeded(): boolean {
    return this.answer.status >= 200 && this.answer.status < 300;
  }

  /** The JSON document; null when the body is none. */
  get root(): JsonNode | null {
    if (this.#root === undefined) this.#root = isJson(this.#essence) ? jsonOf(this.#content()) : null;
    return this.#root;
  }

  /** What an HTML page gives to send back, by key; nothing when the body is none. */
  get pageValues(): ReadonlyMap<string, readonly PageValue[]> {
    this.#page ??= htmlTypes.has(this.#essence) ? Map.groupBy(pageValues(textOf(this.#content())), ({ key }) => key) : noValues;
    return this.#page;
  }

  /** A body that is one short text. */
  get text(): string | null {
    const { body } = this.answer;
    if (this.#essence !== "text/plain" || body.kind !== "whole" || body.bytes.byteLength > longestText) return null;
    return textOf(this.#content()).trim();
  }

  get #essence(): string {
    return mediaTypeOf(this.answer.headers)?.essence ?? "";
  }

  /** The scalar at the end of a path that was taken from another answer. */
  at(path: readonly Step[]): Scalar | null {
    let node: JsonNode | null = this.root;
    for (const step of path) {
      if (node === null) return null;
      node = stepInto(node, step);
    }
    return node === null ? null : scalarOf(node);
  }

  cookie(name: string): string | null {
    const cookies = headerValues(this.answer.headers, "set-cookie").map(parseSetCookie);
    return cookies.findLast((cookie) => cookie.name === name)?.value ?? null;
  }

  header(name: string): string | null {
    return headerValue(this.answer.headers, name) ?? null;
  }

  /** Path segments of the Location header; null without one. */
  get locationPath(): string | null {
    const location = this.header("location");
    return location === null ? null : pathOf(location);
  }

  /** The fields that name the item that was created in a collection, at depth 1, or at depth 2 under the one key that
   * has such a field; the plainest name first. */
  identities(collection: string): Identity[] {
    const { root } = this;
    if (root?.kind !== "object") return [];
    const own = identitiesIn(root, [], collection);
    if (own.length > 0) return own;
    const nested = root.members.map(({ key, value }) => identitiesIn(value, [{ kind: "member", key }], collection));
    const [only, ...others] = nested.filter((found) => found.length > 0);
    return only !== undefined && others.length === 0 ? only : [];
  }

  #content(): Uint8Array | null {
    const { headers, body } = this.answer;
    if (body.kind !== "whole") return null;
    const content = decodeContent(headers, body.bytes, decodedCap);
    return content.kind === "undecodable" ? null : content.bytes;
  }

  /** Last segment of Location, as an identity without a place in the body. */
  get locationItem(): string | null {
    const path = this.locationPath;
    if (path === null) return null;
    const { last } = splitPath(path);
    return last === "" ? null : last;
  }
}

export function scalarOf(node: JsonNode): Scalar | null {
  if (node.kind === "string") return { text: node.value, type: "string" };
  return node.kind === "number" ? { text: node.lexeme, type: "number" } : null;
}

function jsonOf(bytes: Uint8Array | null): JsonNode | null {
  if (bytes === null) return null;
  const parsed = parseJson(bytes);
  return parsed.kind === "parsed" ? parsed.root : null;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function stepInto(node: JsonNode, step: Step): JsonNode | null {
  if (step.kind === "member") return node.kind === "object" ? memberOf(node, step.key) : null;
  if (node.kind !== "array" || node.elements.length !== step.of) return null;
  const element = node.elements[step.index];
  if (element === undefined) return null;
  return sameThing(step.like, element) ? element : null;
}

/** Values that are made anew and identities may differ; most of the others, as far as there are any, must not. */
function sameThing(recorded: JsonNode, actual: JsonNode): boolean {
  if (recorded.kind !== "object") return true;
  let [fields, agreeing] = [0, 0];
  for (const { key, value } of recorded.members) {
    const text = scalarOf(value)?.text;
    if (text === undefined || isIdentityName(key) || isSurprising(text)) continue;
    fields += 1;
    const other = memberOf(actual, key);
    if (other !== null && scalarOf(other)?.text === text) agreeing += 1;
    if (fields === maxFields) break;
  }
  return agreeing >= fields * agreement;
}

function memberOf(node: JsonNode, key: string): JsonNode | null {
  return node.kind === "object" ? (node.members.find((member) => member.key === key)?.value ?? null) : null;
}

function identitiesIn(node: JsonNode, path: readonly Step[], collection: string): Identity[] {
  if (node.kind !== "object") return [];
  const found = node.members.flatMap(({ key, value }): (Identity & { readonly key: string })[] => {
    const scalar = scalarOf(value);
    if (scalar === null || scalar.text === "" || !namesItemOf(collection, key)) return [];
    return [{ key, path: [...path, { kind: "member", key }], scalar }];
  });
  return found.sort((a, b) => plainness(a.key) - plainness(b.key));
}

function plainness(key: string): number {
  if (key === "id" || key === "_id") return 0;
  return isIdentityName(key) ? 2 : 1;
}
