/** Where two targets' answers to one write hold different scalars in the same place: the raw material for seeing
 * whether the targets share a state. Unlike a comparison it forgives nothing: an id that is only renamed is what matters here. */

import { type Answer, headerValue } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { answerJson } from "./answer-json.ts";

export interface LeafPair {
  /** `status`, `location`, a JSON path with `*` for elements, or such a path and `length`. */
  readonly place: string;
  readonly left: string;
  readonly right: string;
}

/** Answers to writes are small; what is beyond this in one is not looked at. */
const mostLeaves = 1000;
/** A document that is deeper holds no ids that people look at. */
const deepest = 32;

/** In document order, at most one a place. */
export function differingLeaves(left: Answer, right: Answer): LeafPair[] {
  const leaves = new Map<string, LeafPair>();
  const add = (place: string, before: string, after: string): void => {
    if (before !== after && leaves.size < mostLeaves && !leaves.has(place)) leaves.set(place, { place, left: before, right: after });
  };
  add("status", String(left.status), String(right.status));
  const [from, to] = [lastSegment(left), lastSegment(right)];
  if (from !== null && to !== null) add("location", from, to);
  const [before, after] = [answerJson(left), answerJson(right)];
  if (before !== null && after !== null) walk(before, after, "", 0, add);
  return [...leaves.values()];
}

type Add = (place: string, before: string, after: string) => void;

function walk(left: JsonNode, right: JsonNode, path: string, depth: number, add: Add): void {
  if (depth > deepest) return;
  if (left.kind === "object" && right.kind === "object") {
    const others = new Map(right.members.map(({ key, value }) => [key, value]));
    for (const { key, value } of left.members) {
      const other = others.get(key);
      if (other !== undefined) walk(value, other, `${path}/${key}`, depth + 1, add);
    }
  } else if (left.kind === "array" && right.kind === "array") {
    add(`${path} length`, String(left.elements.length), String(right.elements.length));
    // Elements of lists that differ in length are not in the same places.
    if (left.elements.length !== right.elements.length) return;
    left.elements.forEach((element, index) => walk(element, right.elements[index] as JsonNode, `${path}/*`, depth + 1, add));
  } else {
    const [before, after] = [scalarText(left), scalarText(right)];
    if (before !== null && after !== null) add(path, before, after);
  }
}

function scalarText(node: JsonNode): string | null {
  if (node.kind === "string") return node.value;
  return node.kind === "number" ? node.lexeme : null;
}

function lastSegment({ headers }: Answer): string | null {
  const location = headerValue(headers, "location");
  return location === undefined ? null : (location.split(/[?#]/, 1)[0]?.split("/").at(-1) ?? null);
}
