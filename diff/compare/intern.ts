/** Numbers JSON values so that equal ones have equal numbers, key order aside: comparing two
 * subtrees of any size is then comparing two integers (hash consing). */

import type { JsonMember, JsonNode } from "../../model/json/node.ts";
import { sameKeys, sameNode } from "./nodes.ts";
import { PairNumbers } from "./pair-numbers.ts";

/** Numbers that no text and no pair has. */
const nullNumber = 1;
const falseNumber = 2;
const trueNumber = 3;
/** A container is numbered as the way from here along what is in it, each step a pair of the way so far and the next child. */
const arrayNumber = 4;
const objectNumber = 5;
const firstFree = 6;

export class Interner {
  private readonly texts = new Map<string, number>();
  private readonly lexemes = new Map<string, number>();
  /** Most comparisons need none. */
  private steps: PairNumbers | null = null;
  /** Of containers: a scalar's number is found as fast by what it says. */
  private readonly known = new Map<JsonNode, number>();
  private next = firstFree;

  /** Equal numbers mean equal values with equal number lexemes. */
  idOf(node: JsonNode): number {
    switch (node.kind) {
      case "string":
        return this.idOfText(node.value);
      case "number":
        return this.numberIn(this.lexemes, node.lexeme);
      case "boolean":
        return node.value ? trueNumber : falseNumber;
      case "null":
        return nullNumber;
      case "object":
      case "array": {
        let id = this.known.get(node);
        if (id === undefined) {
          id = node.kind === "object" ? this.idOfMembers(node.members, null) : this.idOfElements(node.elements);
          this.known.set(node, id);
        }
        return id;
      }
      default:
        return node satisfies never;
    }
  }

  /** Whether two containers are equal, where both have a number already; else undefined. */
  sameIfKnown(left: JsonNode, right: JsonNode): boolean | undefined {
    const a = this.known.get(left);
    const b = a === undefined ? undefined : this.known.get(right);
    return b === undefined ? undefined : a === b;
  }

  /** The value of `node` without its member `key`. */
  idWithout(node: JsonNode, key: string): number {
    return node.kind === "object" ? this.idOfMembers(node.members, key) : this.idOf(node);
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

  /** The number of a string. */
  idOfText(text: string): number {
    return this.numberIn(this.texts, text);
  }

  private numberIn(numbers: Map<string, number>, text: string): number {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, this.next);
    return this.next++;
  }

  private idOfElements(elements: readonly JsonNode[]): number {
    let way = arrayNumber;
    for (const element of elements) way = this.step(way, this.idOf(element));
    return way;
  }

  /** Of all members but those named `except`. */
  private idOfMembers(members: readonly JsonMember[], except: string | null): number {
    let way = objectNumber;
    // Of a duplicate key the order matters, since the last one counts.
    for (const { key, value } of isSorted(members) ? members : members.toSorted(byKey)) {
      if (key !== except) way = this.step(this.step(way, this.idOfText(key)), this.idOf(value));
    }
    return way;
  }

  private step(way: number, child: number): number {
    this.steps ??= new PairNumbers();
    const number = this.steps.of(way, child, this.next);
    if (number === this.next) this.next++;
    return number;
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
