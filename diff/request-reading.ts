/** What shapes, features and probes read of a message alike: its query and its JSON. */

import { type Body, type HeaderList, headerValue } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";

/** Query parameters, percent-decoded where that works (`%` alone is legal on the wire and stays as it is). */
export function queryPairs(target: string): [name: string, value: string][] {
  const start = target.indexOf("?");
  if (start < 0 || start === target.length - 1) return [];
  return [...new URLSearchParams(target.slice(start + 1))];
}

/** A body as JSON; null when it is none, or coded. */
export function jsonOf({ headers, body }: { readonly headers: HeaderList; readonly body: Body }): JsonNode | null {
  if (body.kind !== "whole" || body.bytes.length === 0 || headerValue(headers, "content-encoding") !== undefined) return null;
  if (!isJson(mediaTypeOf(headers)?.essence ?? "")) return null;
  const parsed = parseJson(body.bytes);
  return parsed.kind === "parsed" ? parsed.root : null;
}
