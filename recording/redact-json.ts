/** Redacts a lossless JSON tree: every string and number below a sensitive key, at any depth, and what
 * strings hide inside (a URL with a token, JSON in a string). */

import type { JsonMember, JsonNode } from "../model/json/node.ts";
import type { Rules } from "./redact-parameters.ts";
import { byteString, fromByteString } from "./secrets.ts";

/** Redacts the text of one string value; given by redact-text.ts, which in turn comes back here for JSON. */
export type RedactString = (text: string) => string;

/** The same node when there is nothing to redact, so that the caller can keep the bytes. */
export function redactJson(node: JsonNode, rules: Rules, redactString: RedactString): JsonNode {
  switch (node.kind) {
    case "object":
      return withMembers(node, (member) => redactMember(member, rules, redactString));
    case "array":
      return withElements(node, (element) => redactJson(element, rules, redactString));
    case "string": {
      if (!rules.names.mayOccurIn(node.value) || !node.value.isWellFormed()) return node;
      const before = byteString(node.value);
      const after = redactString(before);
      return after === before ? node : { kind: "string", value: fromByteString(after) };
    }
    case "number":
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

/** Null = drop the member. */
function redactMember(member: JsonMember, rules: Rules, redactString: RedactString): JsonMember | null {
  const sensitive = rules.names.matches(member.key);
  if (sensitive && rules.secrets.mode === "drop") return null;
  const value = sensitive ? redactLeaves(member.value, rules) : redactJson(member.value, rules, redactString);
  return value === member.value ? member : { key: member.key, value };
}

/** Everything below a sensitive key; booleans and null say nothing. */
function redactLeaves(node: JsonNode, rules: Rules): JsonNode {
  switch (node.kind) {
    case "object":
      return withMembers(node, (member) => {
        const value = redactLeaves(member.value, rules);
        return value === member.value ? member : { key: member.key, value };
      });
    case "array":
      return withElements(node, (element) => redactLeaves(element, rules));
    case "string": {
      const before = byteString(node.value);
      const after = rules.secrets.replaceValue(before);
      return after === before ? node : { kind: "string", value: after };
    }
    case "number":
      return { kind: "string", value: rules.secrets.replaceValue(node.lexeme) };
    case "boolean":
    case "null":
      return node;
    default:
      return node satisfies never;
  }
}

function withMembers(node: JsonNode & { kind: "object" }, change: (member: JsonMember) => JsonMember | null): JsonNode {
  const changed = node.members.map(change);
  if (changed.every((member, index) => member === node.members[index])) return node;
  return { kind: "object", members: changed.filter((member) => member !== null) };
}

function withElements(node: JsonNode & { kind: "array" }, change: (element: JsonNode) => JsonNode): JsonNode {
  const changed = node.elements.map(change);
  return changed.every((element, index) => element === node.elements[index]) ? node : { kind: "array", elements: changed };
}
