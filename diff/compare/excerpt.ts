/** Short renderings of the two sides of a difference, for people: bounded, and without anything
 * that a terminal or a page would act on. */

import type { JsonNode } from "../../model/json/node.ts";

/** As model/difference.ts promises. */
const maxLength = 200;
/** C0 and C1 controls, line separators, bidirectional controls, and surrogates without their other half. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text with control characters escaped, cut to 200 characters with an ellipsis. */
export function excerpt(text: string): string {
  const escaped = text.slice(0, maxLength + 1).replace(unsafe, escapeCharacter);
  return escaped.length <= maxLength ? escaped : `${escaped.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function escapeCharacter(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The start of a JSON value in compact form; strings in quotes, so that "1" and 1 look different. */
export function excerptNode(node: JsonNode): string {
  return excerpt(render(node, maxLength + 1));
}

/** At least the first `room` characters. Each level of nesting takes one of them, which bounds the recursion. */
function render(node: JsonNode, room: number): string {
  switch (node.kind) {
    case "object":
      return `${renderList("{", node.members, room, (member, left) => `${quoted(member.key)}:${render(member.value, left)}`)}}`;
    case "array":
      return `${renderList("[", node.elements, room, render)}]`;
    case "string":
      return quoted(node.value);
    case "number":
      return node.lexeme.slice(0, maxLength + 1);
    case "boolean":
      return String(node.value);
    case "null":
      return "null";
    default:
      return node satisfies never;
  }
}

function renderList<T>(open: string, items: readonly T[], room: number, renderItem: (item: T, room: number) => string): string {
  let text = open;
  for (const item of items) {
    if (text.length > room) break;
    text += `${text === open ? "" : ","}${renderItem(item, room - text.length)}`;
  }
  return text;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, maxLength + 1));
}
