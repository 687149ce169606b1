/** A form (application/x-www-form-urlencoded) as a JSON tree: an object of its fields. */

import type { JsonNode, JsonParse } from "../../../model/json/node.ts";
import type { DocumentLimits } from "./limits.ts";
import { objectNode, stringNode } from "./scalars.ts";

/** A repeated field is an array of its values. Order between fields says nothing. */
export function readForm(text: string, limits: DocumentLimits): JsonParse {
  let pieces = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    if (++pieces > limits.nodes) return { kind: "over-limit", limit: "nodes" };
  }
  const fields = [...new URLSearchParams(text)].map(([name, value]) => [name, stringNode(value)] as const);
  return { kind: "parsed", root: collectFields(fields), duplicateKeys: false };
}

/** Fields as an object; those of one name as an array. */
export function collectFields(fields: Iterable<readonly [name: string, value: JsonNode]>): JsonNode {
  const byName = new Map<string, JsonNode[]>();
  for (const [name, value] of fields) {
    const values = byName.get(name);
    if (values === undefined) byName.set(name, [value]);
    else values.push(value);
  }
  return objectNode(
    [...byName].map(([name, values]) => {
      const [only] = values;
      return [name, values.length === 1 && only !== undefined ? only : { kind: "array", elements: values }] as const;
    }),
  );
}
