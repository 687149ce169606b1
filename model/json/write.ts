/** Writes a lossless JSON tree back as bytes: the pair of parse.ts. */

import type { JsonNode } from "./node.ts";

/** What is still to be written: text as it is, or a node. */
type Pending = string | JsonNode;

/** Compact JSON in UTF-8; number lexemes verbatim, order and duplicate keys kept, lone surrogates
 * as hexadecimal escapes (they have no UTF-8 form). Never recursive.
 * `parseJson(writeJson(node))` gives `node` again. */
export function writeJson(node: JsonNode): Uint8Array {
  const pieces: string[] = [];
  const pending: Pending[] = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") {
      pieces.push(next);
      continue;
    }
    switch (next.kind) {
      case "object":
        pending.push("}");
        for (let i = next.members.length - 1; i >= 0; i--) {
          const member = next.members[i];
          if (member === undefined) continue;
          pending.push(member.value, `${i === 0 ? "" : ","}${quoted(member.key)}:`);
        }
        pieces.push("{");
        break;
      case "array":
        pending.push("]");
        for (let i = next.elements.length - 1; i >= 0; i--) {
          const element = next.elements[i];
          if (element === undefined) continue;
          pending.push(element);
          if (i > 0) pending.push(",");
        }
        pieces.push("[");
        break;
      case "string":
        pieces.push(quoted(next.value));
        break;
      case "number":
        pieces.push(next.lexeme);
        break;
      case "boolean":
        pieces.push(next.value ? "true" : "false");
        break;
      case "null":
        pieces.push("null");
        break;
      default:
        next satisfies never;
    }
  }
  return Buffer.from(pieces.join(""));
}

/** JSON.stringify of a string is well-formed: it escapes lone surrogates and nothing it need not. */
function quoted(value: string): string {
  return JSON.stringify(value);
}
