/** Notes what a JSON document has at every place: fields that are there or not, types, values, sizes and orders. */

import type { JsonNode } from "../../model/json/node.ts";
import { anyKey, keyName, type MapPlace } from "../known-maps.ts";
import { noteOrders } from "./array-order.ts";
import type { Place } from "./place.ts";
import { isMuchLonger, type Noted, noteNumber, noteText } from "./scalar-facts.ts";

const deepest = 32;
const mostElements = 256;
/** More than twice as many elements, and at least so many more. */
const leastMore = 3;

/** @param name of the field, for what names say of values */
export function noteJson(node: JsonNode, name: string, noted: Noted, maps: MapPlace | null, depth = 0): void {
  const { place, at } = noted;
  place.seen.note(at);
  if (depth > deepest) return;
  switch (node.kind) {
    case "null":
      return place.note("null", "null", at);
    case "boolean":
      place.note("type", "a boolean", at);
      return noteBoolean(node.value, noted);
    case "number":
      return noteNumber(Number(node.lexeme), name, noted);
    case "string":
      return noteText(node.value, name, noted);
    case "array":
      return noteArray(node.elements, noted, maps, depth);
    case "object":
      return noteObject(node.members, noted, maps, depth);
    default:
      return node satisfies never;
  }
}

function noteBoolean(value: boolean, { place, at }: Noted): void {
  const booleans = place.at("as boolean");
  booleans?.seen.note(at);
  booleans?.note("value", String(value), at);
}

function noteArray(elements: readonly JsonNode[], { place, staging, at }: Noted, maps: MapPlace | null, depth: number): void {
  place.note("type", "an array", at);
  const arrays = place.at("as array");
  if (arrays === null) return;
  arrays.seen.note(at);
  arrays.lengths.add(elements.length);
  if (elements.length === 0) arrays.note("size", "empty", at);
  const known = staging?.below.get("as array") ?? null;
  if (known !== null && isMuchLonger(elements.length, known.lengths.most, leastMore)) arrays.note("size", "longer", at);
  noteOrders(elements, arrays, at);
  const below = under(place, staging, anyKey);
  if (below === null) return;
  for (const element of elements.slice(0, mostElements))
    noteJson(element, anyKey, { ...below, at }, maps?.below.get(anyKey) ?? null, depth + 1);
}

function noteObject(
  members: readonly { readonly key: string; readonly value: JsonNode }[],
  { place, staging, at }: Noted,
  maps: MapPlace | null,
  depth: number,
): void {
  place.note("type", "an object", at);
  const objects = place.at("as object");
  if (objects === null) return;
  objects.seen.note(at);
  const there = new Set<string>();
  for (const { key, value } of members) {
    const name = maps?.nameOf(key) ?? keyName(key);
    there.add(name);
    objects.note("field", name, at);
    const below = under(place, staging, name);
    if (below !== null) noteJson(value, name, { ...below, at }, maps?.below.get(name) ?? null, depth + 1);
  }
  noteLacking("field", there, { place: objects, staging: staging?.below.get("as object") ?? null, at });
}

/** In production: what every exchange of staging had and this one has not.
 * In staging, and for both, which of several like things lack a name: one object of a list is enough. */
export function noteLacking(kind: "field" | "parameter" | "header", there: ReadonlySet<string>, { place, staging, at }: Noted): void {
  for (const { kind: other, what } of (staging ?? place).facts.values()) {
    if (other !== kind || what.startsWith(lacking) || there.has(what)) continue;
    place.note(kind, `${lacking}${what}`, at);
  }
}

/** Marks the fact that something is not there. */
export const lacking = "no ";

function under(place: Place, staging: Place | null, name: string): Omit<Noted, "at"> | null {
  const below = place.at(`/${name}`);
  return below === null ? null : { place: below, staging: staging?.below.get(`/${name}`) ?? null };
}
