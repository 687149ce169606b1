/** Puts signatures with one likely cause together: a serializer that drops a field is one finding, not 300.
 *
 *    1. the same change of the same header or field name, wherever it occurs
 *    2. a broken transport, another status, another media type, an absent parent explain what they cover
 *    3. neighbours in one body that always change together
 *
 * Tests stay at signature level; clustering only decides what people read as one. */

import type { DifferenceKind } from "../model/difference.ts";
import type { Assessment } from "./assess.ts";
import { mainTransition } from "./signatures.ts";

/** Two signatures on request sets as alike as this (Jaccard) happen together. */
const likeSets = 0.8;
/** From so many endpoints on, the same change of the status is one finding. */
const fewestLikeStatuses = 3;
/** Places of one endpoint that are looked at in pairs; with more (keys that are data), they stay apart. */
const mostNeighbours = 200;
/** A cause covers a consequence that lies within it to this share. */
const coveredShare = 0.95;

export interface Cluster {
  /** The main signature first, then by points and place. */
  readonly members: readonly Assessment[];
}

/** Clusters the signatures that are not noise; noise that one of them fully explains goes with it.
 * @returns clusters in the order of their first discovery, and the noise that is left */
export function cluster(found: readonly Assessment[]): { readonly clusters: Cluster[]; readonly noise: Assessment[] } {
  const assessments = withoutConsequencesOfNoise(found);
  const real = assessments.filter(({ state }) => state !== "noise");
  const weak = assessments.filter((assessment) => isExplainable(assessment));
  const parents = new Map<Assessment, Assessment>();
  const union = (child: Assessment, parent: Assessment): void => {
    const [from, to] = [rootOf(parents, child), rootOf(parents, parent)];
    if (from !== to) parents.set(from, to);
  };
  const families = familiesOf(real);
  const causes = causesFor([...real, ...weak], real);
  for (const family of families) {
    // A change that also occurs where nothing else explains it has a cause of its own.
    const hasOwnCause = family.some((member) => !causes.has(member));
    const [first] = family;
    for (const member of family) {
      const cause = causes.get(member);
      if (hasOwnCause && first !== undefined) union(member, first);
      else if (cause !== undefined) union(member, cause);
    }
  }
  const joined = new Set(families.filter((family) => family.length > 1).flat());
  joinNeighbours(
    real.filter((assessment) => !joined.has(assessment) && !causes.has(assessment)),
    union,
  );
  joinRenamings(
    families.filter((family) => family.length > 1 && !family.some((member) => causes.has(member))),
    union,
  );
  for (const assessment of weak) {
    const cause = causes.get(assessment);
    if (cause !== undefined) union(assessment, cause);
  }
  const groups = new Map<Assessment, Assessment[]>();
  for (const assessment of [...real, ...weak.filter((one) => causes.has(one))]) {
    const root = rootOf(parents, assessment);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [assessment]);
    else group.push(assessment);
  }
  const clusters = [...groups.values()].map((members) => ({ members: members.sort(byWeight) }));
  clusters.sort((a, b) => discovery(a) - discovery(b));
  return { clusters, noise: assessments.filter((one) => one.state === "noise" && !(isExplainable(one) && causes.has(one))) };
}

/** What an answer with another status lacks is as much noise as the status itself: a production that answers 503 now and
 * then makes its bodies no regression. */
function withoutConsequencesOfNoise(assessments: readonly Assessment[]): readonly Assessment[] {
  const doubtful = assessments.filter(({ state }) => state === "unconfirmed");
  const noise = assessments.filter(({ state, record }) => state === "noise" && record.shown.length > 0);
  const causes = causesFor(doubtful, noise);
  return assessments.map((assessment) => (causes.has(assessment) ? { ...assessment, state: "noise" } : assessment));
}

/** Too weak to be a finding alone, but never seen without the candidate either: may be a consequence of one. */
function isExplainable({ state, c, record }: Assessment): boolean {
  return state === "noise" && c === 0 && record.noisy.length === 0 && record.shown.length > 0;
}

/** Groups of the same change of the same name; each signature is in exactly one. */
function familiesOf(real: readonly Assessment[]): Assessment[][] {
  const families = new Map<string, Assessment[]>();
  for (const assessment of real) {
    const key = familyKey(assessment);
    const family = families.get(key);
    if (family === undefined) families.set(key, [assessment]);
    else family.push(assessment);
  }
  return [...families.values()].flatMap((family) => (isTooSmall(family) ? family.map((member) => [member]) : [family]));
}

/** Two endpoints that answer with the same status may have broken for two reasons; many have one. */
function isTooSmall(family: readonly Assessment[]): boolean {
  return family[0]?.record.signature.location === "status" && family.length < fewestLikeStatuses;
}

function familyKey({ record }: Assessment): string {
  const { endpoint, location, path, kind } = record.signature;
  const name = location === "header" ? path : familyName(path);
  if (location === "transport" || location === "status") return JSON.stringify([location, kind, mainTransition(record).stable]);
  const isNamed = (location === "header" || location === "body") && name !== "" && name !== "*";
  if (!isNamed) return JSON.stringify([endpoint, location, path, kind]);
  const { stable, from, to } = mainTransition(record);
  // "value" says nothing about the cause; only the very same replacement elsewhere is the same change.
  const isPlainValue = (kind === "json.value" || kind === "header.value") && !stable.includes("→");
  return JSON.stringify(isPlainValue ? [location, name, kind, from, to] : [location, name, kind, stable]);
}

/** For each signature the one that explains it, if any. */
function causesFor(all: readonly Assessment[], real: readonly Assessment[]): Map<Assessment, Assessment> {
  const causes = new Map<Assessment, Assessment>();
  const byEndpoint = new Map<string, Assessment[]>();
  for (const assessment of real) {
    if (causeRank(assessment) === 0) continue;
    const { endpoint } = assessment.record.signature;
    byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), assessment]);
  }
  for (const assessment of all) {
    const candidates = (byEndpoint.get(assessment.record.signature.endpoint) ?? [])
      .filter((cause) => cause !== assessment && covers(cause, assessment))
      .sort((a, b) => causeRank(b) - causeRank(a) || a.record.signature.path.length - b.record.signature.path.length || byWeight(a, b));
    const [cause] = candidates;
    if (cause !== undefined) causes.set(assessment, cause);
  }
  return causes;
}

const explainsItsChildren: ReadonlySet<DifferenceKind> = new Set([
  "json.missing",
  "json.extra",
  "json.type",
  "json.null",
  "json.element-count",
]);

/** 0 = explains nothing else; larger explains smaller. */
function causeRank({ record }: Assessment): number {
  const { location, kind } = record.signature;
  if (location === "transport") return 5;
  if (location === "status") return 4;
  if (kind === "body.encoding") return 3;
  if (location !== "body") return 0;
  if (kind.startsWith("body.") && kind !== "body.charset" && kind !== "body.size") return 2;
  return explainsItsChildren.has(kind) ? 1 : 0;
}

function covers(cause: Assessment, consequence: Assessment): boolean {
  const [above, below] = [cause.record.signature, consequence.record.signature];
  const rank = causeRank(cause);
  if (rank === 1 && !(below.location === "body" && below.path.startsWith(`${above.path}/`))) return false;
  // Another length says which elements are there, not what they are like.
  if (above.kind === "json.element-count" && !(below.kind.startsWith("json.element-") && below.path === `${above.path}/*`)) return false;
  if (rank === 2 && below.location !== "body") return false;
  // Another coding by itself changes nothing in the body; one that was only claimed leaves nothing to read.
  if (rank === 3 && below.kind !== "body.undecodable") return false;
  if (rank > 1 && causeRank(consequence) >= rank) return false;
  return areAlike(cause, consequence) || shareWithin(consequence, cause) >= coveredShare;
}

/** Body places of one endpoint that change on the same exchanges and belong together: a list and its elements, a renamed field. */
function joinNeighbours(assessments: readonly Assessment[], union: (child: Assessment, parent: Assessment) => void): void {
  const bodies = assessments.filter(({ record }) => record.signature.location === "body");
  for (const places of Map.groupBy(bodies, ({ record }) => record.signature.endpoint).values()) {
    if (places.length > mostNeighbours) continue;
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) if (areRelated(one, other) && areAlike(one, other)) union(other, one);
    }
  }
}

function areRelated(one: Assessment, other: Assessment): boolean {
  const [a, b] = [one.record.signature, other.record.signature];
  if (a.path === b.path || b.path.startsWith(`${a.path}/`) || a.path.startsWith(`${b.path}/`)) return true;
  return isRenaming(one, other);
}

/** A field that is gone and one that is new in the same object. */
function isRenaming(one: Assessment, other: Assessment): boolean {
  const [a, b] = [one.record.signature, other.record.signature];
  return [a.kind, b.kind].every((kind) => kind === "json.missing" || kind === "json.extra") && parentPath(a.path) === parentPath(b.path);
}

/** A field that has another name at all of its places: what is gone everywhere, and what is new in the very same objects. */
function joinRenamings(families: readonly Assessment[][], union: (child: Assessment, parent: Assessment) => void): void {
  const [gone, added] = ["json.missing", "json.extra"].map((kind) => families.filter(([first]) => first?.record.signature.kind === kind));
  for (const losses of (gone ?? []).slice(0, mostNeighbours)) {
    for (const gains of (added ?? []).slice(0, mostNeighbours)) {
      const isSame = (loss: Assessment, gain: Assessment): boolean =>
        loss.record.signature.endpoint === gain.record.signature.endpoint && isRenaming(loss, gain) && areAlike(loss, gain);
      const [child] = gains;
      const [parent] = losses;
      const all = losses.length === gains.length && losses.every((loss) => gains.some((gain) => isSame(loss, gain)));
      if (all && child !== undefined && parent !== undefined) union(child, parent);
    }
  }
}

function areAlike(one: Assessment, other: Assessment): boolean {
  const shared = sharedCount(one, other);
  return shared / (one.record.shown.length + other.record.shown.length - shared) >= likeSets;
}

function shareWithin(inner: Assessment, outer: Assessment): number {
  return sharedCount(inner, outer) / Math.max(1, inner.record.shown.length);
}

/** Size of the intersection of two ascending lists. */
function sharedCount(one: Assessment, other: Assessment): number {
  const [a, b] = [one.record.shown, other.record.shown];
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] ?? 0, b[j] ?? 0];
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared;
}

const stateRank: Readonly<Record<Assessment["state"], number>> = { new: 0, unconfirmed: 1, noise: 2 };

/** Main signature first: state, then points, then the shallowest and first place. Nothing here depends on counts,
 * so that a finding keeps its fingerprint from run to run. */
function byWeight(a: Assessment, b: Assessment): number {
  const [x, y] = [a.record.signature, b.record.signature];
  return (
    stateRank[a.state] - stateRank[b.state] ||
    b.points - a.points ||
    x.path.split("/").length - y.path.split("/").length ||
    compareText(x.endpoint, y.endpoint) ||
    compareText(x.path, y.path) ||
    compareText(x.kind, y.kind)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function discovery({ members }: Cluster): number {
  return Math.min(...members.map(({ record }) => record.number));
}

function rootOf(parents: ReadonlyMap<Assessment, Assessment>, start: Assessment): Assessment {
  let node = start;
  for (let next = parents.get(node); next !== undefined; next = parents.get(node)) node = next;
  return node;
}

/** The field's name; of a markup attribute (`h1@id`) only the attribute's, since a renderer treats all elements alike. */
function familyName(path: string): string {
  const leaf = path.slice(path.lastIndexOf("/") + 1);
  return leaf.includes("@") ? leaf.slice(leaf.lastIndexOf("@")) : leaf;
}

function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
