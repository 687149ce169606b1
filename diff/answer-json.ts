/** The JSON of an answer, for those who look at answers outside of a comparison. */

import { decodeContent } from "../model/content.ts";
import type { Answer } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";

/** As much as a body may have without being capped, many times over. */
const decodedCap = 16 * 1024 * 1024;

/** Null when it is none, or not whole. */
export function answerJson({ headers, body }: Answer): JsonNode | null {
  if (body.kind !== "whole" || !isJson(mediaTypeOf(headers)?.essence ?? "")) return null;
  const content = decodeContent(headers, body.bytes, decodedCap);
  if (content.kind === "undecodable") return null;
  const parsed = parseJson(content.bytes);
  return parsed.kind === "parsed" ? parsed.root : null;
}
