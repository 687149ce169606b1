/** Several JSON documents in one body, under one budget of nodes. */

import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import { parseJson } from "../../../model/json/parse.ts";
import { countNodes } from "../nodes.ts";
import type { DocumentLimits } from "./limits.ts";

const recordSeparator = 0x1e;
const lineFeed = 0x0a;

/** One JSON document a line, as an array of them. */
export function readJsonLines(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  return readSeries(bytes, lineFeed, limits);
}

/** A JSON text sequence (RFC 7464): each document begins with a record separator. */
export function readJsonSequence(bytes: Uint8Array, limits: DocumentLimits): JsonParse {
  return readSeries(bytes, recordSeparator, limits);
}

function readSeries(bytes: Uint8Array, separator: number, limits: DocumentLimits): JsonParse {
  const elements: JsonNode[] = [];
  let duplicateKeys = false;
  let left = limits.nodes;
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(separator, from);
    const piece = bytes.subarray(from, end < 0 ? bytes.length : end);
    const offset = from;
    from += piece.length + 1;
    if (piece.every((byte) => byte <= 0x20)) continue;
    const parse = parseJson(piece, { maxNodes: left });
    if (parse.kind === "invalid") return { ...parse, offset: offset + parse.offset };
    if (parse.kind === "over-limit") {
      if (parse.limit === "depth" || elements.length === 0) return parse;
      // What is left is not counted: it has about as many values to a byte.
      const nodes = Math.round(((limits.nodes - left) * bytes.length) / offset);
      return { ...parse, beginning: { root: { kind: "array", elements }, open: 1, end: offset, nodes, duplicateKeys } };
    }
    duplicateKeys ||= parse.duplicateKeys;
    left -= countNodes(parse.root);
    elements.push(parse.root);
  }
  return { kind: "parsed", root: { kind: "array", elements }, duplicateKeys };
}
