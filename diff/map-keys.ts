/** Writes the keys of maps as `*`, so that a difference in every entry of a map is one signature, and not one for each key of the day.
 *
 *    /prices/9f86d081…/amount  ─►  /prices/* /amount       (without the blank)
 *
 * Which objects are maps is learnt from the answers in which something differs, a bounded number of them for each place (data-keys.ts
 * says how). Once a map, always a map: what was found before is renamed when the run is judged. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Outcome } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { answerJson } from "./answer-json.ts";
import { isDataKey, ObjectKeys } from "./data-keys.ts";
import { differenceKey } from "./signatures.ts";

/** Objects that are looked at for each place: enough to tell a map from a record. */
const mostObjects = 64;
/** Answers that are read of one endpoint, places that are followed in them, and objects of one answer. What is beyond keeps its keys. */
const mostAnswers = 1000;
const mostPlaces = 10_000;
const mostObjectsOfAnswer = 2000;
const deepest = 32;
const anyKey = "*";

/** What is known of the objects at one place, and of the places below. */
class Place {
  /** Null once enough were looked at. */
  keys: ObjectKeys | null = new ObjectKeys();
  readonly below = new Map<string, Place>();
  /** Objects and arrays that were met here. */
  visits = 0;
  isMap = false;
}

interface Endpoint {
  readonly root: Place;
  places: number;
  answers: number;
  hasMap: boolean;
}

/** One run's maps. */
export class MapKeys {
  private readonly endpoints = new Map<string, Endpoint>();

  /** The comparison of two answers of an endpoint with the keys of maps as `*`. Learns from both. */
  fold(endpoint: string, comparison: Comparison, answers: readonly Outcome[]): Comparison {
    if (!comparison.differences.some(hasKeys)) return comparison;
    this.learn(endpoint, comparison.differences, answers);
    const { rules } = comparison;
    const hidden = rules?.hidden.map(({ rule, difference }) => ({ rule, difference: this.folded(endpoint, difference) }));
    return {
      ...comparison,
      differences: distinct(comparison.differences.map((difference) => this.folded(endpoint, difference))),
      ...(rules === undefined || hidden === undefined ? {} : { rules: { ...rules, hidden } }),
    };
  }

  /** Whether some object of an endpoint's answers has turned out to be a map. */
  hasMap(endpoint: string): boolean {
    return this.endpoints.get(endpoint)?.hasMap === true;
  }

  /** The place of a difference with the keys of maps that are words left as they are; null where there are none. */
  entryOf(endpoint: string, difference: Difference): string | null {
    if (!hasKeys(difference)) return null;
    const named = difference.path.split("/").map(nameOf).join("/");
    return named === this.templateOf(endpoint, difference.path) ? null : named;
  }

  /** A place of an endpoint's body with the keys of maps as `*`. */
  templateOf(endpoint: string, path: string): string {
    let place = this.endpoints.get(endpoint)?.root;
    let template = "";
    for (const segment of path.split("/").slice(1)) {
      const name = place === undefined ? nameOf(segment) : nameIn(place, segment);
      template += `/${name}`;
      place = place?.below.get(name);
    }
    return template;
  }

  private folded<T extends Pick<Difference, "location" | "path">>(endpoint: string, difference: T): T {
    if (!hasKeys(difference)) return difference;
    const path = this.templateOf(endpoint, difference.path);
    return path === difference.path ? difference : { ...difference, path };
  }

  private learn(endpoint: string, differences: readonly Difference[], answers: readonly Outcome[]): void {
    const known = this.endpoints.get(endpoint) ?? { root: new Place(), places: 0, answers: 0, hasMap: false };
    this.endpoints.set(endpoint, known);
    if (known.answers >= mostAnswers || !differences.some((difference) => hasKeys(difference) && isOpen(known.root, difference.path)))
      return;
    for (const outcome of answers) {
      known.answers++;
      const json = outcome.kind === "answered" ? answerJson(outcome.answer) : null;
      if (json !== null) new Walk(known).visit(json, known.root, 0);
    }
  }
}

/** One answer's objects. */
class Walk {
  private readonly endpoint: Endpoint;
  private objects = 0;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  visit(node: JsonNode, place: Place, depth: number): void {
    if (depth > deepest) return;
    if (++place.visits > mostObjects) place.keys = null;
    if (node.kind === "array") for (const element of node.elements) this.enter(element, place, anyKey, depth);
    if (node.kind !== "object" || this.objects++ >= mostObjectsOfAnswer) return;
    place.keys?.add(node.members.map(({ key, value }) => ({ key: nameOf(escaped(key)), value })));
    if (place.keys?.isMap() === true) {
      becomeMap(place);
      this.endpoint.hasMap = true;
    }
    for (const { key, value } of node.members) this.enter(value, place, nameIn(place, escaped(key)), depth);
  }

  private enter(node: JsonNode, above: Place, name: string, depth: number): void {
    if (node.kind !== "object" && node.kind !== "array") return;
    let place = above.below.get(name);
    if (place === undefined) {
      if (this.endpoint.places >= mostPlaces) return;
      this.endpoint.places++;
      place = new Place();
      above.below.set(name, place);
    }
    this.visit(node, place, depth + 1);
  }
}

function becomeMap(place: Place): void {
  place.isMap = true;
  place.keys = null;
  place.below.clear();
}

/** Whether an object around the place is not known well enough yet. */
function isOpen(root: Place, path: string): boolean {
  let place: Place | undefined = root;
  for (const segment of path.split("/").slice(1)) {
    if (place === undefined) return true;
    if (place.keys !== null) return true;
    place = place.below.get(nameIn(place, segment));
  }
  return false;
}

function nameIn(place: Place, segment: string): string {
  return place.isMap ? anyKey : nameOf(segment);
}

function nameOf(segment: string): string {
  return isDataKey(segment) ? anyKey : segment;
}

/** As the paths of differences write it. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function hasKeys({ location, path }: Pick<Difference, "location" | "path">): boolean {
  return location === "body" && path.startsWith("/");
}

/** Of several that are now the same, the first, with the leaves of all. */
function distinct(differences: readonly Difference[]): Difference[] {
  return [...Map.groupBy(differences, differenceKey).values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    return { ...first, leaves: [first, ...others].reduce((sum, { leaves = 1 }) => sum + leaves, 0) };
  });
}
