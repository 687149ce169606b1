/** Writes the keys of maps as `*`, so that a difference in every entry of a map is one signature, and not one for each key of the day.
 *
 *    /prices/9f86d081…/amount  ─►  /prices/* /amount       (without the blank)
 *
 * Which objects are maps is learnt from the answers in which something differs, a bounded number of them for each place (data-keys.ts
 * says how). Once a map, always a map: what was found before is renamed when the run is judged. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Outcome } from "../model/exchange.ts";
import { answerJson } from "./answer-json.ts";
import { keyOfSegment } from "./json-pointers.ts";
import { anyKey, KnownMaps, keyName, type MapPlace } from "./known-maps.ts";
import { differenceKey } from "./signatures.ts";

/** Answers that are read of one endpoint. */
const mostAnswers = 1000;

/** One run's maps. */
export class MapKeys {
  private readonly maps = new KnownMaps();
  /** Answers read, by endpoint. */
  private readonly answers = new Map<string, number>();

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
    return this.maps.hasMap(endpoint);
  }

  /** The place of a difference with the keys of maps that are words left as they are; null where there are none. */
  entryOf(endpoint: string, difference: Difference): string | null {
    if (!hasKeys(difference)) return null;
    const named = difference.path.split("/").map(keyName).join("/");
    return named === this.templateOf(endpoint, difference.path) ? null : named;
  }

  /** A place of an endpoint's body with the keys of maps as `*`. */
  templateOf(endpoint: string, path: string): string {
    let place = this.maps.rootOf(endpoint);
    let template = "";
    for (const segment of path.split("/").slice(1)) {
      const name = nameIn(place, segment);
      template += `/${name}`;
      place = place?.below.get(keyOfSegment(name)) ?? null;
    }
    return template;
  }

  private folded<T extends Pick<Difference, "location" | "path">>(endpoint: string, difference: T): T {
    if (!hasKeys(difference)) return difference;
    const path = this.templateOf(endpoint, difference.path);
    return path === difference.path ? difference : { ...difference, path };
  }

  private learn(endpoint: string, differences: readonly Difference[], answers: readonly Outcome[]): void {
    const read = this.answers.get(endpoint) ?? 0;
    const root = this.maps.rootOf(endpoint);
    if (read >= mostAnswers || !differences.some((difference) => hasKeys(difference) && isOpen(root, difference.path))) return;
    this.answers.set(endpoint, read + answers.length);
    for (const outcome of answers) {
      const json = outcome.kind === "answered" ? answerJson(outcome.answer) : null;
      if (json !== null) this.maps.learn(endpoint, json);
    }
  }
}

/** Whether an object around the place is not known well enough yet. */
function isOpen(root: MapPlace | null, path: string): boolean {
  let place = root;
  for (const segment of path.split("/").slice(1)) {
    if (place === null || place.keys !== null) return true;
    place = place.below.get(keyOfSegment(nameIn(place, segment))) ?? null;
  }
  return false;
}

/** @param segment escaped as in a path, and so is what it is called */
function nameIn(place: MapPlace | null, segment: string): string {
  return place?.isMap === true ? anyKey : keyName(segment);
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
