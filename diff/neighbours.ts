/** Joins places of one endpoint's bodies that change on the same exchanges and belong together: a list and its elements, the
 * members of one object that came or went, a renamed field; and with them headers of the same answers, where these are some of many.
 *
 * Places are looked up by their path and grouped by their object; within an object those on the very same exchanges are joined by
 * a hash of these, and only what is left is compared in pairs. */

import type { Assessment } from "./assess.ts";
import { ancestorsOf, parentPath } from "./json-pointers.ts";
import { areAlike, setHash } from "./request-sets.ts";

/** Members of one object, on as many different sets of exchanges, that are compared in pairs; with more they stay apart. */
const mostInPairs = 200;

/** Headers and places of bodies that are compared in pairs at one endpoint. */
const mostHeaders = 20;
/** What shows at more of an endpoint's exchanges than this meets another thing by chance; so does what shows at fewer than these. */
const mostShare = 0.5;
const fewestExchanges = 10;

type Join = (child: Assessment, parent: Assessment) => void;

/** Joins what is related and happens together. */
export function joinNeighbours(assessments: readonly Assessment[], join: Join): void {
  const bodies = assessments.filter(({ record }) => record.signature.location === "body");
  for (const places of Map.groupBy(bodies, ({ record }) => record.signature.endpoint).values()) {
    joinNested(places, join);
    const cameOrWent = places.filter(isPresence);
    for (const members of Map.groupBy(cameOrWent, ({ record }) => parentPath(record.signature.path)).values()) joinMembers(members, join);
  }
}

/** Headers and places of bodies that change in the same answers, which are some of many: one fault on one path through the build. Two things
 * that always change may have two causes; so may two places of a body, which are there in the same answers or not at all.
 * @param comparedAt exchanges compared at an endpoint */
export function joinHeaders(assessments: readonly Assessment[], comparedAt: (endpoint: string) => number, join: Join): void {
  const some = assessments.filter(({ record: { shown, signature } }) => {
    return shown.length >= fewestExchanges && shown.length <= mostShare * comparedAt(signature.endpoint);
  });
  for (const here of Map.groupBy(some, ({ record }) => record.signature.endpoint).values()) {
    const at = (location: string): Assessment[] => here.filter(({ record }) => record.signature.location === location);
    const bodies = at("body").slice(0, mostInPairs);
    for (const header of at("header").slice(0, mostHeaders)) {
      for (const body of bodies) if (areAlike(header, body)) join(header, body);
    }
  }
}

/** A place with those at and above it. */
function joinNested(places: readonly Assessment[], join: Join): void {
  const byPath = Map.groupBy(places, ({ record }) => record.signature.path);
  for (const [path, here] of byPath) {
    for (const [index, one] of here.entries()) {
      for (const other of here.slice(0, index)) if (areAlike(one, other) || isOtherId(one, other)) join(one, other);
      for (const above of ancestorsOf(path)) {
        for (const other of byPath.get(above) ?? []) if (!isOfElementsOnly(other, path) && areAlike(one, other)) join(one, other);
      }
    }
  }
}

/** The same wrong id at a place: where its lane had met the right one before, it breaks a reference; else it is another value. */
function isOtherId(one: Assessment, other: Assessment): boolean {
  const kinds = [one, other].map(({ record }) => record.signature.kind);
  return kinds.includes("json.reference") && kinds.includes("json.value");
}

/** Which elements a list has, and in which order, says nothing of what is in them. */
function isOfElementsOnly({ record: { signature } }: Assessment, below: string): boolean {
  const { kind, path } = signature;
  return (kind.startsWith("json.element-") || kind === "json.order") && below !== `${path}/*`;
}

/** Members of one object that came or went. */
function joinMembers(members: readonly Assessment[], join: Join): void {
  const sets = [...Map.groupBy(members, setHash).values()];
  const firsts: Assessment[] = [];
  for (const [first, ...others] of sets) {
    if (first === undefined) continue;
    firsts.push(first);
    for (const other of others) if (areAlike(first, other)) join(other, first);
  }
  if (firsts.length > mostInPairs) return;
  for (const [index, one] of firsts.entries()) {
    for (const other of firsts.slice(index + 1)) if (areAlike(one, other)) join(other, one);
  }
}

/** A field that has another name at all of its places: what is gone everywhere, and what is new in the very same objects.
 * @param families of the same change of the same name, each over several places */
export function joinRenamings(families: readonly (readonly Assessment[])[], join: Join): void {
  const ofKind = (kind: string): (readonly Assessment[])[] => families.filter(([first]) => first?.record.signature.kind === kind);
  const added = Map.groupBy(ofKind("json.extra"), objectsOf);
  for (const losses of ofKind("json.missing")) {
    for (const gains of (added.get(objectsOf(losses)) ?? []).slice(0, mostInPairs)) {
      const gainAt = new Map(gains.map((gain) => [objectOf(gain), gain]));
      const isSame = losses.every((loss) => {
        const gain = gainAt.get(objectOf(loss));
        return gain !== undefined && areAlike(loss, gain);
      });
      const [child] = gains;
      const [parent] = losses;
      if (isSame && child !== undefined && parent !== undefined) join(child, parent);
    }
  }
}

function isPresence({ record }: Assessment): boolean {
  return record.signature.kind === "json.missing" || record.signature.kind === "json.extra";
}

/** The object that a member belongs to, and its endpoint. */
function objectOf({ record: { signature } }: Assessment): string {
  return `${signature.endpoint}\n${parentPath(signature.path)}`;
}

/** The same for families of the same objects. */
function objectsOf(family: readonly Assessment[]): string {
  return JSON.stringify(family.map(objectOf).sort());
}
