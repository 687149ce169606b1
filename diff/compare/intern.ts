/** Numbers JSON values so that equal ones have equal numbers, key order aside: comparing two
 * subtrees of any size is then comparing two integers (hash consing). */

import type { JsonMember, JsonNode } from "../../model/json/node.ts";
import { sameKeys, sameNode } from "./nodes.ts";

export class Interner {
  private readonly ids = new Map<string, number>();
  private readonly keys = new Map<string, number>();
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

  /** Whether two values are equal, as their numbers would be; `except`: but for the members of that name. Numbers them only
   * where their keys stand in another order. */
  same(left: JsonNode, right: JsonNode, except: string | null = null): boolean {
    if (left === right) return true;
    if (left.kind === "array") return right.kind === "array" && this.sameElements(left.elements, right.elements);
    if (left.kind !== "object" || right.kind !== "object") return sameNode(left, right);
    if (sameKeys(left.members, right.members)) return this.sameValues(left.members, right.members, except);
    return except === null ? this.idOf(left) === this.idOf(right) : this.idWithout(left, except) === this.idWithout(right, except);
  }

  private sameElements(left: readonly JsonNode[], right: readonly JsonNode[]): boolean {
    if (left.length !== right.length) return false;
    for (let i = 0; i < left.length; i++) {
      const a = left[i];
      const b = right[i];
      if (a === undefined || b === undefined || !this.same(a, b)) return false;
    }
    return true;
  }

  private sameValues(left: readonly JsonMember[], right: readonly JsonMember[], except: string | null): boolean {
    for (let i = 0; i < left.length; i++) {
      const a = left[i];
      const b = right[i];
      if (a === undefined || b === undefined) return false;
      if (a.key !== except && !this.same(a.value, b.value)) return false;
    }
    return true;
  }

  /** A number for any text; texts and values do not share numbers unless they are described alike. */
  idOfText(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.ids.size);
    return this.ids.size - 1;
  }

  /** Keys repeat in every element, and a number needs no quoting. */
  private idOfKey(key: string): number {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    this.keys.set(key, this.keys.size);
    return this.keys.size - 1;
  }

  /** Unambiguous, with keys and children by number. */
  private describe(node: JsonNode): string {
    switch (node.kind) {
      case "object": {
        let text = "{";
        // Of a duplicate key the order matters, since the last one counts.
        for (const { key, value } of isSorted(node.members) ? node.members : node.members.toSorted(byKey)) {
          text += `${this.idOfKey(key)}:${this.idOf(value)},`;
        }
        return text;
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

/** Of two members of one name neither comes first: a stable sort leaves them as they are. */
function byKey(a: JsonMember, b: JsonMember): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

function isSorted(members: readonly JsonMember[]): boolean {
  for (let i = 1; i < members.length; i++) {
    const [before, after] = [members[i - 1], members[i]];
    if (before !== undefined && after !== undefined && before.key > after.key) return false;
  }
  return true;
}
