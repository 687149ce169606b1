/** A JSON document as a template: its strings and numbers are places; what is not replaced keeps its value and spelling. */

import type { JsonMember, JsonNode } from "../model/json/node.ts";
import type { Fill, Place, PlaceMaker } from "./place.ts";

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class JsonTemplate {
  readonly #root: JsonNode;
  readonly #leaves = new Map<JsonNode, Place>();
  readonly #parts = new Map<string, Place>();
  readonly #make: PlaceMaker;

  constructor(root: JsonNode, make: PlaceMaker) {
    this.#root = root;
    this.#make = make;
    this.#collect(root, "", null, null);
  }

  /** In document order. */
  get places(): Iterable<Place> {
    return this.#leaves.values();
  }

  /** Under their paths; an element's holds the length of its array. */
  get parts(): ReadonlyMap<string, Place> {
    return this.#parts;
  }

  /** The same node where nothing below it changes. */
  filled(fill: Fill): JsonNode {
    return this.#filled(this.#root, fill);
  }

  #collect(node: JsonNode, path: string, name: string | null, parent: string | null): void {
    if (node.kind === "object") for (const { key, value } of node.members) this.#collect(value, `${path}/${key}`, key, name);
    else if (node.kind === "array") {
      const { length } = node.elements;
      node.elements.forEach((element, index) => this.#collect(element, `${path}/${index}:${length}`, name, parent));
    } else if (node.kind === "string" || node.kind === "number") {
      const where = { kind: "json", name, parent } as const;
      const place = node.kind === "string" ? this.#make(where, node.value) : { where, value: node.lexeme, composite: null };
      this.#leaves.set(node, place);
      this.#parts.set(path, place);
    }
  }

  #filled(node: JsonNode, fill: Fill): JsonNode {
    if (node.kind === "object") {
      const members = node.members.map((member): JsonMember => {
        const value = this.#filled(member.value, fill);
        return value === member.value ? member : { key: member.key, value };
      });
      return members.every((member, index) => member === node.members[index]) ? node : { kind: "object", members };
    }
    if (node.kind === "array") {
      const elements = node.elements.map((element) => this.#filled(element, fill));
      return elements.every((element, index) => element === node.elements[index]) ? node : { kind: "array", elements };
    }
    const place = this.#leaves.get(node);
    const substitute = place === undefined ? null : fill(place);
    if (substitute === null || (node.kind !== "number" && node.kind !== "string")) return node;
    // A client writes an id back as it got it; where the type of the id changed, so does what it writes.
    const type = substitute.type === substitute.recordedType ? node.kind : substitute.type;
    if (type === "number" && jsonNumber.test(substitute.text)) return { kind: "number", lexeme: substitute.text };
    return { kind: "string", value: substitute.text };
  }
}
