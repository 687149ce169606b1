/** A plain comparison of two answers with an ignore list, as people write it first: whatever differs is reported, names
 * that usually hold times, ids and tokens are left out. */

import type { Location } from "../../../model/difference.ts";
import { keyOf, type Place, type Reported } from "../reported.ts";
import type { Exchanges } from "../runs.ts";
import type { EndpointName } from "../traffic.ts";
import { type LiftedAnswer, liftAnswer } from "./fields.ts";

const ignored: ReadonlySet<string> = new Set([
  "age",
  "created_at",
  "createdat",
  "csrf",
  "date",
  "etag",
  "expires",
  "id",
  "last-modified",
  "nonce",
  "request_id",
  "requestid",
  "servedat",
  "session",
  "set-cookie",
  "timestamp",
  "token",
  "traceid",
  "updated_at",
  "updatedat",
  "uuid",
  "x-request-id",
]);

export function plain(exchanges: readonly Exchanges[]): Reported[] {
  const places = new Map<string, Place>();
  for (const { endpoint, primary, candidate } of exchanges) compareAnswers(liftAnswer(primary), liftAnswer(candidate), endpoint, places);
  return [...places.values()].map((place) => ({ places: [place], isConfirmed: true, condition: null }));
}

function compareAnswers(left: LiftedAnswer, right: LiftedAnswer, endpoint: EndpointName, places: Map<string, Place>): void {
  const add = (location: Location, path: string): void => {
    const place: Place = { endpoint, location, path, kind: "differs" };
    places.set(keyOf(place), place);
  };
  if (left.outcome !== right.outcome) return add("transport", "");
  if (left.status !== right.status) add("status", "");
  for (const name of new Set([...left.headers.keys(), ...right.headers.keys()])) {
    if (!ignored.has(name) && left.headers.get(name) !== right.headers.get(name)) add("header", name);
  }
  compare(left.content, right.content, "", (path) => add("body", path));
}

function compare(left: unknown, right: unknown, path: string, differ: (path: string) => void): void {
  if (left === right) return;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return differ(path);
  if (Array.isArray(left) !== Array.isArray(right)) return differ(path);
  const [before, after] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (!ignored.has(name.toLowerCase())) compare(before.get(name), after.get(name), `${path}/${Array.isArray(left) ? "*" : name}`, differ);
  }
}
