/** Questions about JSON values that need no place: their text, a member, equality, size. */

import type { JsonMember, JsonNode } from "../../model/json/node.ts";

/** The text of a string or a number, so that 1 and "1" are one key; null for anything else. */
export function scalarTextOf(node: JsonNode | undefined): string | null {
  if (node?.kind === "string") return node.value;
  return node?.kind === "number" ? node.lexeme : null;
}

export function isContainer(node: JsonNode): boolean {
  return node.kind === "object" || node.kind === "array";
}

/** The last member of that name: readers let the last duplicate win. */
export function memberOf(node: JsonNode, key: string): JsonNode | undefined {
  if (node.kind !== "object") return undefined;
  for (let i = node.members.length - 1; i >= 0; i--) {
    const member = node.members[i];
    if (member?.key === key) return member.value;
  }
  return undefined;
}

/** Equal down to the number lexemes, with members in the same order: false says nothing about the rest. */
export function sameNode(left: JsonNode, right: JsonNode): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case "object":
      return right.kind === "object" && sameMembers(left.members, right.members);
    case "array":
      return right.kind === "array" && sameElements(left.elements, right.elements);
    case "string":
      return right.kind === "string" && left.value === right.value;
    case "number":
      return right.kind === "number" && left.lexeme === right.lexeme;
    case "boolean":
      return right.kind === "boolean" && left.value === right.value;
    case "null":
      return right.kind === "null";
    default:
      return left satisfies never;
  }
}

/** The same keys in the same order. */
export function sameKeys(left: readonly JsonMember[], right: readonly JsonMember[]): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i]?.key !== right[i]?.key) return false;
  return true;
}

function sameMembers(left: readonly JsonMember[], right: readonly JsonMember[]): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    const a = left[i];
    const b = right[i];
    if (a === undefined || b === undefined || a.key !== b.key || !sameNode(a.value, b.value)) return false;
  }
  return true;
}

function sameElements(left: readonly JsonNode[], right: readonly JsonNode[]): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    const a = left[i];
    const b = right[i];
    if (a === undefined || b === undefined || !sameNode(a, b)) return false;
  }
  return true;
}

/** The number of values in a document, containers counted. */
export function countNodes(root: JsonNode): number {
  let count = 0;
  visit(root, () => count++);
  return count;
}

/** The number of leaves: scalars and empty containers. */
export function countLeaves(root: JsonNode): number {
  let count = 0;
  visit(root, (node) => {
    const size = node.kind === "object" ? node.members.length : node.kind === "array" ? node.elements.length : 0;
    if (size === 0) count++;
  });
  return count;
}

/** Never recursive. */
function visit(root: JsonNode, see: (node: JsonNode) => void): void {
  const open: JsonNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    see(node);
    if (node.kind === "array") for (const element of node.elements) open.push(element);
    else if (node.kind === "object") for (const { value } of node.members) open.push(value);
  }
}
