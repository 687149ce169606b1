/** Reads a body of any kind that has a structure as one JSON tree, so that all of them are compared by the
 * same rules: by value, format, type and presence, with ids and elements matched. */

import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";
import { type MediaType, mediaTypeOf } from "../../../model/media-type.ts";
import { bodyText, type DocumentKind, isDocumentKind, kindOfBytes, kindOfType } from "../body-kind.ts";
import { readCbor, readCborSequence } from "./cbor.ts";
import { readEventStream } from "./event-stream.ts";
import { readForm } from "./form.ts";
import type { DocumentLimits } from "./limits.ts";
import { readMessagePack } from "./message-pack.ts";
import { type Part, readMultipart } from "./multipart.ts";
import { readProtobuf } from "./protobuf.ts";
import { integerNode, objectNode, stringNode } from "./scalars.ts";
import { readJsonLines, readJsonSequence } from "./series.ts";

/** Multipart in multipart: mail goes no deeper. */
const maxNesting = 4;

/** Reads a decoded body as a document of that kind.
 * @throws never */
export function readDocument(
  kind: DocumentKind,
  bytes: Uint8Array,
  type: MediaType | null,
  limits: DocumentLimits,
  nesting = 0,
): JsonParse {
  switch (kind) {
    case "json":
      return parseJson(bytes, { maxNodes: limits.nodes });
    case "json-lines":
      return readJsonLines(bytes, limits);
    case "json-sequence":
      return readJsonSequence(bytes, limits);
    case "form":
      return readForm(bodyText(bytes, type), limits);
    case "event-stream":
      return readEventStream(bodyText(bytes, null), limits);
    case "multipart": {
      const boundary = type?.parameters.get("boundary") ?? null;
      const isForm = type?.essence === "multipart/form-data";
      return readMultipart(bytes, { boundary, isForm }, limits, (part) => readContent(part, limits, nesting));
    }
    case "message-pack":
      return readMessagePack(bytes, limits);
    case "cbor":
      return readCbor(bytes, limits);
    case "cbor-sequence":
      return readCborSequence(bytes, limits);
    case "protobuf":
      return readProtobuf(bytes, limits);
    default:
      return kind satisfies never;
  }
}

/** What one part of a multipart body holds: a document, text, or the size and hash of bytes. */
function readContent({ headers, content }: Part, limits: DocumentLimits, nesting: number): JsonNode {
  const type = mediaTypeOf(headers);
  const kind = kindOfType(type) ?? (type === null && isUtf8(content) ? "text" : kindOfBytes(content));
  if (isDocumentKind(kind) && nesting < maxNesting) {
    const parse = readDocument(kind, content, type, limits, nesting + 1);
    if (parse.kind === "parsed") return parse.root;
  }
  if (kind !== "bytes" && ((type?.charset ?? null) !== null || isUtf8(content))) return stringNode(bodyText(content, type));
  return objectNode([
    ["length", integerNode(content.length)],
    ["sha256", stringNode(hash("sha256", content, "hex"))],
  ]);
}
