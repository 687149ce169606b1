/** A multipart body as a JSON tree (RFC 2046 §5.1, RFC 7578): a part is its headers and what it holds, read
 * by its own media type. The boundary, preamble and epilogue say nothing.
 *
 *    multipart/form-data     ─►  { "parts": { NAME: part, … } }
 *    multipart/anything-else ─►  { "parts": [ part, … ] }
 *    part                    ─►  { "content-type": "…", …, "content": … }                       */

import type { HeaderList } from "../../../model/exchange.ts";
import { headerValue } from "../../../model/exchange.ts";
import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { mediaTypeOf } from "../../../model/media-type.ts";
import { collectFields } from "./form.ts";
import type { DocumentLimits } from "./limits.ts";
import { objectNode, stringNode } from "./scalars.ts";

/** A header section and the bytes after it. */
export interface Part {
  readonly headers: HeaderList;
  readonly content: Buffer;
}

/** Header fields of a part that follow from its content. */
const framing: ReadonlySet<string> = new Set(["content-length", "content-transfer-encoding"]);
const lineFeed = 0x0a;
/** What a delimiter may have after it (RFC 2046 §5.1.1: transport padding). */
const padding = /^[ \t]*\r?$/;

/** Reads a multipart body.
 * @param boundary of the media type; null = taken from the first line that looks like a delimiter
 * @param readContent makes a node of what one part holds */
export function readMultipart(
  bytes: Uint8Array,
  { boundary, isForm }: { readonly boundary: string | null; readonly isForm: boolean },
  limits: DocumentLimits,
  readContent: (part: Part) => JsonNode,
): JsonParse {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = boundary === null ? /^--([^\r\n]{1,70})\r?$/m.exec(body.toString("latin1"))?.[1]?.trimEnd() : boundary;
  const parts = delimiter === undefined ? null : splitParts(body, `--${delimiter}`, limits.nodes);
  if (parts === null) return { kind: "invalid", offset: 0, problem: "no multipart delimiter" };
  if (parts.length > limits.nodes) return { kind: "over-limit", limit: "nodes" };
  const nodes = parts.map((part) => [dispositionOf(part).get("name") ?? "", partNode(part, readContent)] as const);
  const content: JsonNode = isForm ? collectFields(nodes) : { kind: "array", elements: nodes.map(([, node]) => node) };
  return { kind: "parsed", root: objectNode([["parts", content]]), duplicateKeys: false };
}

/** Null without any delimiter; at most one more than `most`. */
function splitParts(body: Buffer, delimiter: string, most: number): Part[] | null {
  const parts: Part[] = [];
  let start = -1;
  for (let at = body.indexOf(delimiter); at >= 0 && parts.length <= most; at = body.indexOf(delimiter, at + delimiter.length)) {
    const end = body.indexOf(lineFeed, at);
    const rest = body.subarray(at + delimiter.length, end < 0 ? body.length : end).toString("latin1");
    const isLast = rest.startsWith("--");
    if ((at > 0 && body[at - 1] !== lineFeed) || !(isLast || padding.test(rest))) continue;
    if (start >= 0) parts.push(splitPart(body.subarray(start, Math.max(start, withoutLineEnd(body, at)))));
    start = end < 0 ? body.length : end + 1;
    if (isLast) return parts;
  }
  if (start < 0) return null;
  // Cut off before the last delimiter.
  if (start < body.length) parts.push(splitPart(body.subarray(start)));
  return parts;
}

/** The line end before a delimiter belongs to the delimiter. */
function withoutLineEnd(body: Buffer, at: number): number {
  return body[at - 2] === 0x0d ? at - 2 : at - 1;
}

function splitPart(bytes: Buffer): Part {
  // No header at all: the empty line comes at once.
  if (bytes[0] === lineFeed) return { headers: [], content: bytes.subarray(1) };
  if (bytes[0] === 0x0d && bytes[1] === lineFeed) return { headers: [], content: bytes.subarray(2) };
  const [end, length] = endOfHeaders(bytes);
  const lines = bytes
    .subarray(0, end)
    .toString("latin1")
    .split(/\r?\n(?![ \t])/);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(0, colon)).trim(), line.slice(colon + 1).trim()];
  });
  return { headers, content: bytes.subarray(end + length) };
}

function endOfHeaders(bytes: Buffer): [at: number, length: number] {
  const strict = bytes.indexOf("\r\n\r\n");
  const bare = bytes.indexOf("\n\n");
  if (strict < 0 && bare < 0) return [bytes.length, 0];
  return bare < 0 || (strict >= 0 && strict < bare) ? [strict, 4] : [bare, 2];
}

function partNode(part: Part, readContent: (part: Part) => JsonNode): JsonNode {
  const fields = part.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !framing.has(name))
    .map(([name, value]) => [name, headerNode(name, value, part)] as const);
  return objectNode([...fields, ["content", readContent(part)]]);
}

function headerNode(name: string, value: string, part: Part): JsonNode {
  if (name === "content-disposition") return objectNode([...dispositionOf(part)].map(([key, text]) => [key, stringNode(text)] as const));
  // A nested boundary is as random as the outer one.
  const type = name === "content-type" ? mediaTypeOf(part.headers) : null;
  return stringNode(type?.essence.startsWith("multipart/") ? type.essence : value);
}

/** Content-Disposition (RFC 6266): its type under "type", and its parameters. */
function dispositionOf({ headers }: Part): Map<string, string> {
  const value = headerValue(headers, "content-disposition");
  const fields = new Map<string, string>();
  if (value === undefined) return fields;
  const [type = ""] = value.split(";", 1);
  fields.set("type", type.trim().toLowerCase());
  for (const [, name = "", quoted, token] of value.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g)) {
    fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? token ?? "");
  }
  return fields;
}
