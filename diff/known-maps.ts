/** Which objects of an endpoint's documents are used as maps, learnt from a bounded number of documents: the keys of those are data
 * (data-keys.ts), and no part of a shape or of a signature.
 *
 *    learn("GET /rates answer", {"EUR": 1.1, "JPY": 170}) …   ─►   rootOf("GET /rates answer").isMap */

import type { JsonNode } from "../model/json/node.ts";
import { isDataKey, ObjectKeys } from "./data-keys.ts";

/** Objects looked at for each place: enough to tell a map from a record. */
const mostObjects = 64;
/** Places that are followed below one subject, over all of its documents. */
const mostPlaces = 10_000;
/** Elements of an array that are looked at: like ones follow. */
const mostElements = 64;
const deepest = 32;
export const anyKey = "*";

/** The objects at one place, and the places below. */
export class MapPlace {
  isMap = false;
  /** Null once enough were looked at. */
  keys: ObjectKeys | null = new ObjectKeys();
  /** Objects and arrays that were met here. */
  visits = 0;
  readonly below = new Map<string, MapPlace>();

  /** What a key is called in a shape: itself, or `*` where it is data. */
  nameOf(key: string): string {
    return this.isMap ? anyKey : keyName(key);
  }
}

/** A key as it is called at a place of which nothing was learnt. */
export function keyName(key: string): string {
  return isDataKey(key) ? anyKey : key;
}

interface Subject {
  readonly root: MapPlace;
  places: number;
  hasMap: boolean;
}

export class KnownMaps {
  private readonly subjects = new Map<string, Subject>();

  /** Takes one document into account; all of them before the first shape, for shapes that are final. */
  learn(subject: string, document: JsonNode): void {
    let known = this.subjects.get(subject);
    if (known === undefined) this.subjects.set(subject, (known = { root: new MapPlace(), places: 1, hasMap: false }));
    visit(document, known.root, known, 0);
  }

  /** Null where nothing was learnt. */
  rootOf(subject: string): MapPlace | null {
    return this.subjects.get(subject)?.root ?? null;
  }

  /** Whether any of its objects is a map by what was learnt. */
  hasMap(subject: string): boolean {
    return this.subjects.get(subject)?.hasMap === true;
  }
}

function visit(node: JsonNode, place: MapPlace, subject: Subject, depth: number): void {
  if (depth > deepest) return;
  if (++place.visits > mostObjects) place.keys = null;
  if (node.kind === "array") for (const element of node.elements.slice(0, mostElements)) enter(element, place, anyKey, subject, depth);
  if (node.kind !== "object") return;
  place.keys?.add(node.members.map(({ key, value }) => ({ key: keyName(key), value })));
  if (place.keys?.isMap() === true) {
    place.isMap = true;
    place.keys = null;
    place.below.clear();
    subject.hasMap = true;
  }
  for (const { key, value } of node.members) enter(value, place, place.nameOf(key), subject, depth);
}

function enter(node: JsonNode, above: MapPlace, name: string, subject: Subject, depth: number): void {
  if (node.kind !== "object" && node.kind !== "array") return;
  let place = above.below.get(name);
  if (place === undefined) {
    if (subject.places >= mostPlaces) return;
    subject.places++;
    place = new MapPlace();
    above.below.set(name, place);
  }
  visit(node, place, subject, depth + 1);
}
