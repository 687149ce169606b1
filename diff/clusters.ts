/** Puts signatures with one likely cause together: a serializer that drops a field is one finding, not 300.
 *
 *    1. the same change of the same header or field name, wherever it occurs
 *    2. a broken transport, another status, another media type, an absent parent explain what they cover
 *    3. neighbours in one body that always change together, and headers of the same answers
 *
 * Tests stay at signature level; clustering only decides what people read as one. */

import type { Assessment } from "./assess.ts";
import { causesFor } from "./causes.ts";
import { byWeight } from "./cluster-order.ts";
import { DisjointSets } from "./disjoint-sets.ts";
import { leafName } from "./json-pointers.ts";
import { joinHeaders, joinNeighbours, joinRenamings } from "./neighbours.ts";
import { mainTransition } from "./signatures.ts";

/** From so many endpoints on, the same change of the status is one finding. */
const fewestLikeStatuses = 3;

export interface Cluster {
  /** The main signature first, then by points and place. */
  readonly members: readonly Assessment[];
}

/** Clusters the signatures that are not noise; noise that one of them fully explains goes with it.
 * @param comparedAt exchanges compared at an endpoint
 * @returns clusters in the order of their first discovery, and the noise that is left */
export function cluster(
  found: readonly Assessment[],
  comparedAt: (endpoint: string) => number,
): { readonly clusters: Cluster[]; readonly noise: Assessment[] } {
  const assessments = withoutConsequencesOfNoise(found);
  const real = assessments.filter(({ state }) => state !== "noise");
  const weak = assessments.filter((assessment) => isExplainable(assessment));
  const sets = new DisjointSets<Assessment>();
  const union = (child: Assessment, parent: Assessment): void => sets.join(child, parent);
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
  const apart = real.filter((assessment) => !joined.has(assessment) && !causes.has(assessment));
  joinNeighbours(apart, union);
  joinHeaders(apart, comparedAt, union);
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
    const root = sets.rootOf(assessment);
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

/** The same for the same change of the same name. */
export function familyKey({ record }: Assessment): string {
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

function discovery({ members }: Cluster): number {
  return members.reduce((first, { record }) => Math.min(first, record.number), Number.POSITIVE_INFINITY);
}

/** The field's name; of a markup attribute (`h1@id`) only the attribute's, since a renderer treats all elements alike. */
function familyName(path: string): string {
  const leaf = leafName(path);
  return leaf.includes("@") ? leaf.slice(leaf.lastIndexOf("@")) : leaf;
}
