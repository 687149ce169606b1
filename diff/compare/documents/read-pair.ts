/** Reads the documents of two bodies that are compared. Of JSON the second one takes over what it has in common with the first,
 * so that equal parts are read once and are known to be equal. */

import type { JsonParse } from "../../../model/json/node.ts";
import { type JsonOriginal, parseJsonBeside, parseJsonOriginal } from "../../../model/json/parse.ts";
import type { MediaType } from "../../../model/media-type.ts";
import type { DocumentKind } from "../body-kind.ts";
import type { DocumentLimits } from "./limits.ts";
import { readDocument } from "./read.ts";

/** A decoded body and what it is said to be. */
interface TypedBytes {
  readonly bytes: Uint8Array;
  readonly type: MediaType | null;
}

/** The baseline's answer is compared with the candidate's and then with the control's, and need not be read again for it. */
let latest: { readonly bytes: Uint8Array; readonly nodes: number; readonly original: JsonOriginal } | null = null;

/** Reads two decoded bodies of one kind. Their trees may share nodes.
 * @throws never */
export function readDocuments(
  kind: DocumentKind,
  left: TypedBytes,
  right: TypedBytes,
  limits: DocumentLimits,
): readonly [left: JsonParse, right: JsonParse] {
  if (kind !== "json") return [readDocument(kind, left.bytes, left.type, limits), readDocument(kind, right.bytes, right.type, limits)];
  const original = readOriginal(left.bytes, limits);
  return [original.parse, parseJsonBeside(original, right.bytes, { maxNodes: limits.nodes })];
}

function readOriginal(bytes: Uint8Array, { nodes }: DocumentLimits): JsonOriginal {
  if (latest?.bytes === bytes && latest.nodes === nodes) return latest.original;
  const original = parseJsonOriginal(bytes, { maxNodes: nodes });
  latest = { bytes, nodes, original };
  return original;
}
