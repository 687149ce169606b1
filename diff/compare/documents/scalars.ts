/** JSON nodes for what binary formats hold. */

import type { JsonMember, JsonNode } from "../../../model/json/node.ts";
import { writeJson } from "../../../model/json/write.ts";

export function stringNode(value: string): JsonNode {
  return { kind: "string", value };
}

export function integerNode(value: number | bigint): JsonNode {
  return { kind: "number", lexeme: String(value) };
}

/** `1.0` stays another lexeme than the integer 1. What JSON has no number for is a string: "NaN". */
export function floatNode(value: number): JsonNode {
  if (!Number.isFinite(value)) return stringNode(String(value));
  const lexeme = Object.is(value, -0) ? "-0" : String(value);
  return { kind: "number", lexeme: /^-?\d+$/.test(lexeme) ? `${lexeme}.0` : lexeme };
}

/** Bytes are told from text, and are looked at as hexadecimal: many are ids. */
export function bytesNode(bytes: Buffer): JsonNode {
  return objectNode([["bytes", stringNode(bytes.toString("hex"))]]);
}

export function objectNode(members: readonly (readonly [key: string, value: JsonNode])[]): JsonNode {
  return { kind: "object", members: members.map(([key, value]): JsonMember => ({ key, value })) };
}

/** The name that a key of any type has as the key of a JSON object. */
export function keyOf(node: JsonNode): string {
  if (node.kind === "string") return node.value;
  return node.kind === "number" ? node.lexeme : Buffer.from(writeJson(node)).toString("utf8");
}
