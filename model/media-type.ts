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

/** A service knows few Content-Types, and every exchange is asked for its own several times. Values with a part that is new each
 * time (the boundary of a multipart body) only empty it more often. */
const known = new Map<string, MediaType | null>();
const mostKnown = 64;

/** Reads one Content-Type value; null when it is not a media type. */
export function parseMediaType(value: string): MediaType | null {
  const before = known.get(value);
  if (before !== undefined) return before;
  const type = read(value);
  if (known.size >= mostKnown) known.clear();
  known.set(value, type);
  return type;
}

function read(value: string): MediaType | null {
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
