/** Numbers JSON values so that equal ones have equal numbers, key order aside: comparing two
 * subtrees of any size is then comparing two integers (hash consing). */

import type { JsonNode } from "../../model/json/node.ts";

export class Interner {
  private readonly ids = new Map<string, number>();
  private readonly known = new Map<JsonNode, number>();

  /** Equal numbers mean equal values with equal number lexemes. */
  idOf(node: JsonNode): number {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const id = this.idOfText(this.describe(node));
    this.known.set(node, id);
    return id;
  }

  /** Whether two values are equal, where both have a number already; else undefined. */
  sameIfKnown(left: JsonNode, right: JsonNode): boolean | undefined {
    const a = this.known.get(left);
    const b = a === undefined ? undefined : this.known.get(right);
    return b === undefined ? undefined : a === b;
  }

  /** The value of `node` without its member `key`. */
  idWithout(node: JsonNode, key: string): number {
    if (node.kind !== "object") return this.idOf(node);
    return this.idOfText(this.describe({ kind: "object", members: node.members.filter((member) => member.key !== key) }));
  }

  /** A number for any text; texts and values do not share numbers unless they are described alike. */
  idOfText(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.ids.size);
    return this.ids.size - 1;
  }

  /** Unambiguous, with children by number. */
  private describe(node: JsonNode): string {
    switch (node.kind) {
      case "object": {
        const members = node.members.map((member) => `${JSON.stringify(member.key)}:${this.idOf(member.value)}`);
        // Of a duplicate key the order matters, since the last one counts.
        return `{${members.sort(byKey).join(",")}}`;
      }
      case "array":
        return `[${node.elements.map((element) => this.idOf(element)).join(",")}]`;
      case "string":
        return `"${node.value}`;
      case "number":
        return node.lexeme;
      case "boolean":
        return String(node.value);
      case "null":
        return "null";
      default:
        return node satisfies never;
    }
  }
}

/** Stable by key: the number of the value takes no part. */
function byKey(a: string, b: string): number {
  const left = a.slice(0, a.lastIndexOf(":"));
  const right = b.slice(0, b.lastIndexOf(":"));
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
