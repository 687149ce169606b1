/** A form (application/x-www-form-urlencoded) as a JSON tree: an object of its fields. */

import type { JsonNode } from "../../../model/json/node.ts";
import { objectNode, stringNode } from "./scalars.ts";

/** A repeated field is an array of its values. Order between fields says nothing. */
export function readForm(text: string): JsonNode {
  return collectFields([...new URLSearchParams(text)].map(([name, value]) => [name, stringNode(value)] as const));
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
