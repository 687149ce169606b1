/** Diffy's rule: a field is shown when it differs between primary and candidate more often than between primary and secondary,
 * the relative difference of the two counts is over 20 %, and the absolute one over .03 % of the endpoint's requests.
 * Written anew after com.twitter.diffy: `compare/Difference.scala` says what a field is, `analysis/JoinedDifferences` the rule. */

import type { Location } from "../../../model/difference.ts";
import { keyOf, type Place, type Reported } from "../reported.ts";
import type { Exchanges } from "../runs.ts";
import type { EndpointName } from "../traffic.ts";
import { type LiftedAnswer, lift, liftAnswer } from "./fields.ts";

const relativeThreshold = 20;
const absoluteThreshold = 0.03;
const percent = 100;

export function diffy(exchanges: readonly Exchanges[]): Reported[] {
  const total = new Map<EndpointName, number>();
  const raw = new Map<string, number>();
  const noise = new Map<string, number>();
  const places = new Map<string, Place>();
  for (const { endpoint, primary, control, candidate } of exchanges) {
    total.set(endpoint, (total.get(endpoint) ?? 0) + 1);
    const lifted = liftAnswer(primary);
    for (const [counts, other] of [
      [raw, candidate],
      [noise, control],
    ] as const) {
      for (const place of differencesOf(lifted, liftAnswer(other), endpoint)) {
        places.set(keyOf(place), place);
        counts.set(keyOf(place), (counts.get(keyOf(place)) ?? 0) + 1);
      }
    }
  }
  return [...places.values()]
    .filter((place) => isShown(raw.get(keyOf(place)) ?? 0, noise.get(keyOf(place)) ?? 0, total.get(place.endpoint) ?? 0))
    .map((place) => ({ places: [place], isConfirmed: true, condition: null }));
}

function isShown(raw: number, noise: number, total: number): boolean {
  const difference = Math.abs(raw - noise);
  return raw > noise && (difference / (raw + noise)) * percent > relativeThreshold && (difference / total) * percent > absoluteThreshold;
}

function differencesOf(left: LiftedAnswer, right: LiftedAnswer, endpoint: EndpointName): Place[] {
  if (left.outcome !== right.outcome) return [{ endpoint, location: "transport", path: "", kind: "PrimitiveDifference" }];
  const found = new Map<string, Place>();
  const add = (location: Location, path: string, kind: string): void => {
    const place: Place = { endpoint, location, path, kind };
    found.set(keyOf(place), place);
  };
  if (left.status !== right.status) add("status", "", "PrimitiveDifference");
  for (const name of new Set([...left.headers.keys(), ...right.headers.keys()])) {
    const [was, is] = [left.headers.get(name), right.headers.get(name)];
    if (was === undefined || is === undefined) add("header", name, was === undefined ? "ExtraField" : "MissingField");
    else if (was !== is) add("header", name, "PrimitiveDifference");
  }
  compare(left.content, right.content, "", (path, kind) => add("body", path, kind));
  return [...found.values()];
}

type Found = (path: string, kind: string) => void;

/** An object's members by name; a list's by position, without saying which; other lengths are one difference of the list. */
function compare(left: unknown, right: unknown, path: string, found: Found): void {
  const [before, after] = [liftValue(left), liftValue(right)];
  if (isEqual(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, found);
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!Object.hasOwn(after, name)) found(`${path}/${name}`, "MissingField");
      else if (Object.hasOwn(before, name)) compare(before[name], after[name], `${path}/${name}`, found);
      else found(`${path}/${name}`, "ExtraField");
    }
    return;
  }
  found(path, typeof before === typeof after && !isObject(before) && !isObject(after) ? "PrimitiveDifference" : "TypeDifference");
}

function compareLists(left: readonly unknown[], right: readonly unknown[], path: string, found: Found): void {
  const texts = (list: readonly unknown[]): string => JSON.stringify(list.map((element) => JSON.stringify(element)).sort());
  if (texts(left) === texts(right)) found(path, "OrderingDifference");
  else if (left.length !== right.length) found(path, "SeqSizeDifference");
  else for (const [index, element] of left.entries()) compare(element, right[index], `${path}/*`, found);
}

function liftValue(value: unknown): unknown {
  return typeof value === "string" ? lift(value) : value;
}

function isEqual(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === "object" && typeof right === "object" && JSON.stringify(left) === JSON.stringify(right));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
