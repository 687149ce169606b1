/** A lossless JSON tree as indented lines: number lexemes verbatim, duplicate keys kept. */

import type { JsonMember, JsonNode } from "../../model/json/node.ts";

const indentation = "  ";

/** One line per scalar, bracket and key. Key order means nothing in JSON, so members stand in the order of `like`
 * where it has them: side by side, only what differs differs.
 * @param like the document it is laid beside; null = own order */
export function prettyJson(node: JsonNode, like: JsonNode | null): string[] {
  const lines: string[] = [];
  // Bounded depth: the parser gives no tree deeper than its own limit.
  write(node, like, "", "", "", lines);
  return lines;
}

function write(node: JsonNode, like: JsonNode | null, indent: string, key: string, comma: string, lines: string[]): void {
  const deeper = indent + indentation;
  if (node.kind === "object" && node.members.length > 0) {
    lines.push(`${indent}${key}{`);
    const partners = like?.kind === "object" ? membersByKey(like.members) : null;
    for (const [index, member] of inOrderOf(node.members, partners).entries()) {
      const partner = partners?.get(member.key)?.value ?? null;
      write(member.value, partner, deeper, `${JSON.stringify(member.key)}: `, index < node.members.length - 1 ? "," : "", lines);
    }
    lines.push(`${indent}}${comma}`);
  } else if (node.kind === "array" && node.elements.length > 0) {
    lines.push(`${indent}${key}[`);
    for (const [index, element] of node.elements.entries()) {
      const partner = like?.kind === "array" ? (like.elements[index] ?? null) : null;
      write(element, partner, deeper, "", index < node.elements.length - 1 ? "," : "", lines);
    }
    lines.push(`${indent}]${comma}`);
  } else {
    lines.push(`${indent}${key}${onOneLine(node)}${comma}`);
  }
}

/** A scalar, or an empty container. */
function onOneLine(node: JsonNode): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value);
    case "number":
      return node.lexeme;
    case "boolean":
      return String(node.value);
    case "null":
      return "null";
    case "object":
      return "{}";
    case "array":
      return "[]";
    default:
      return node satisfies never;
  }
}

interface Placed {
  readonly place: number;
  readonly value: JsonNode;
}

function membersByKey(members: readonly JsonMember[]): Map<string, Placed> {
  const places = new Map<string, Placed>();
  for (const [place, { key, value }] of members.entries()) if (!places.has(key)) places.set(key, { place, value });
  return places;
}

/** The partner's keys first, in its order; new keys behind them in their own. */
function inOrderOf(members: readonly JsonMember[], partners: ReadonlyMap<string, Placed> | null): readonly JsonMember[] {
  if (partners === null) return members;
  const placeOf = ({ key }: JsonMember): number => partners.get(key)?.place ?? partners.size;
  return members.toSorted((a, b) => placeOf(a) - placeOf(b));
}
