/** Takes the mirror's own header out of answers that repeat what they were asked with. The primary was not sent it, so an
 * echo of it would be a difference that no build makes. It is found by its value, which nothing else can hold: in
 * header fields, in JSON (members, pairs, name and value side by side) and in texts that have a line for it. An echo of
 * another form stays; candidate and control show it alike then. */

import { decodeContent, encodeContent } from "../model/content.ts";
import { type Answer, type Body, type HeaderList, type Outcome, trailersIfAny, withLengthOf } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { markSeparator } from "./loop-guard.ts";

/** `x-penumbra`, also as CGI and its heirs spell it: `HTTP_X_PENUMBRA`. */
const headerName = /^(?:http[-_])?x[-_]penumbra$/i;
/** A line that holds the name, the value and what stands between and around them. */
const nameInLine = /^\W*(?:http[-_])?x[-_]penumbra\W+$/i;
/** Above this an answer is not looked into: as much as a body may have without being capped, many times over. */
const decodedCap = 16 * 1024 * 1024;

/** The same object when nothing of the header is in it.
 * @param token the value that the request was sent with */
export function withoutEcho(outcome: Outcome, token: string): Outcome {
  if (outcome.kind !== "answered") return outcome;
  const { answer } = outcome;
  const headers = cleanFields(answer.headers, token);
  const { trailers, ...rest } = answer;
  const after = trailers === undefined ? undefined : cleanFields(trailers, token);
  const body = cleanBody(answer, token);
  if (body === answer.body && headers === answer.headers && after === trailers) return outcome;
  const kept = body === answer.body ? headers : withLengthOf(headers, body);
  return { ...outcome, answer: { ...rest, headers: kept, body, ...trailersIfAny(after) } };
}

/** The same list when nothing of the header is in it. */
function cleanFields(fields: HeaderList, token: string): HeaderList {
  if (!fields.some(([, value]) => value.includes(token))) return fields;
  return fields.filter(([, value]) => value !== token).map(([name, value]) => [name, withoutPrefix(value, token)]);
}

/** Leaves what the client had written into the header: the primary was sent that too. */
function withoutPrefix(text: string, token: string): string {
  return text.replaceAll(token + markSeparator, "");
}

function cleanBody({ headers, body }: Answer, token: string): Body {
  if (body.kind !== "whole") return body;
  const content = decodeContent(headers, body.bytes, decodedCap);
  if (content.kind === "undecodable") return body;
  const asSent = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength);
  if (!asSent.includes(token)) return body;
  const bytes = Buffer.from(withoutPrefix(asSent.toString("latin1"), token), "latin1");
  const cleaned = isJson(mediaTypeOf(headers)?.essence ?? "") ? cleanJson(bytes, token) : cleanText(bytes.toString("latin1"), token);
  return { kind: "whole", bytes: encodeContent(cleaned, content.codings) };
}

function cleanJson(bytes: Uint8Array, token: string): Uint8Array {
  const parsed = parseJson(bytes);
  return parsed.kind === "parsed" ? writeJson(cleanNode(parsed.root, token)) : bytes;
}

function cleanText(text: string, token: string): Uint8Array {
  return Buffer.from(withoutLine(text, token), "latin1");
}

function withoutLine(text: string, token: string): string {
  if (!text.includes(token)) return text;
  return text.replace(/[^\n]*(?:\n|$)/g, (line) => {
    const at = line.indexOf(token);
    return at > 0 && nameInLine.test(line.slice(0, at)) && !/\w/.test(line.slice(at + token.length)) ? "" : line;
  });
}

/** The depth is bounded by the parser's. */
function cleanNode(node: JsonNode, token: string): JsonNode {
  switch (node.kind) {
    case "object": {
      const members = node.members.filter(({ value }) => !isEcho(value, token));
      return { kind: "object", members: members.map(({ key, value }) => ({ key, value: cleanNode(value, token) })) };
    }
    case "array": {
      const elements = node.elements.filter((element, index) => {
        const next = node.elements[index + 1];
        const isNameBefore = isName(element) && next !== undefined && isToken(next, token);
        return !isNameBefore && !isEcho(element, token) && !isPair(element, token);
      });
      return { kind: "array", elements: elements.map((element) => cleanNode(element, token)) };
    }
    case "string":
      return { kind: "string", value: withoutLine(node.value, token) };
    case "number":
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

/** The value, or a list of nothing else (`{"x-penumbra": ["…"]}`). */
function isEcho(node: JsonNode, token: string): boolean {
  return isToken(node, token) || (node.kind === "array" && node.elements.length > 0 && node.elements.every((each) => isToken(each, token)));
}

/** `["x-penumbra", "…"]` or `{"name": "x-penumbra", "value": "…"}`. */
function isPair(node: JsonNode, token: string): boolean {
  const values = node.kind === "array" ? node.elements : node.kind === "object" ? node.members.map(({ value }) => value) : [];
  return values.some(isName) && values.some((value) => isEcho(value, token));
}

function isToken(node: JsonNode, token: string): boolean {
  return node.kind === "string" && node.value === token;
}

function isName(node: JsonNode): boolean {
  return node.kind === "string" && headerName.test(node.value);
}
