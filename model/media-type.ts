/** The media type of a message, read from its Content-Type (RFC 9110 §8.3.1). */

import { MIMEType } from "node:util";
import { type HeaderList, headerValue } from "./exchange.ts";

export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** Lower case; null when the header names none. */
  readonly charset: string | null;
  /** All parameters with their names in lower case, in order of appearance. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Null when there is no Content-Type, or one that is not a media type. */
export function mediaTypeOf(headers: HeaderList): MediaType | null {
  const value = headerValue(headers, "content-type");
  return value === undefined ? null : parseMediaType(value);
}

/** Services send a handful of types, over and over; the bound keeps boundaries, which are random, from filling memory. */
const maxKnownTypes = 1_000;
const knownTypes = new Map<string, MediaType | null>();

/** Reads one Content-Type value, and remembers it; null when it is not a media type. */
export function parseMediaType(value: string): MediaType | null {
  const known = knownTypes.get(value);
  if (known !== undefined) return known;
  if (knownTypes.size >= maxKnownTypes) knownTypes.clear();
  const type = readMediaType(value);
  knownTypes.set(value, type);
  return type;
}

function readMediaType(value: string): MediaType | null {
  try {
    const type = new MIMEType(value);
    const charset = type.params.get("charset")?.toLowerCase() ?? null;
    return { essence: type.essence.toLowerCase(), charset: charset === "utf8" ? "utf-8" : charset, parameters: new Map(type.params) };
  } catch {
    // MIMEType reports malformed values by exception only; for us that is "no media type".
    return null;
  }
}

/** One JSON document: `application/json`, `text/json`, or a `+json` suffix (RFC 6839 §3.1). */
export function isJson(essence: string): boolean {
  return essence === "application/json" || essence === "text/json" || essence.endsWith("+json");
}
