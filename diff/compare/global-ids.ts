/** A value without the ids that are unique everywhere: what is left is the same in every copy that makes such ids anew. */

import type { JsonNode } from "../../model/json/node.ts";
import { isGloballyUnique } from "./formats.ts";

const anyId: JsonNode = { kind: "string", value: "*" };

export function withoutGlobalIds(node: JsonNode): JsonNode {
  switch (node.kind) {
    case "string":
      return isGloballyUnique(node.value) ? anyId : node;
    case "array":
      return { ...node, elements: node.elements.map(withoutGlobalIds) };
    case "object":
      return { ...node, members: node.members.map((member) => ({ ...member, value: withoutGlobalIds(member.value) })) };
    case "number":
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}
