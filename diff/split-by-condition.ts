/** Parts a cluster over several endpoints whose requests have nothing in common: `total` is gone at one endpoint when the currency is JPY, at another
 * one when the language is English. The name is the same; two conditions are two causes. */

import type { Assessment } from "./assess.ts";
import { byWeight } from "./cluster-order.ts";
import type { Cluster } from "./clusters.ts";

/** From this share of an endpoint's exchanges on, a change has no condition there that needs one. */
const unconditionalShare = 0.9;

export interface ConditionFacts {
  /** Indexes of the exchanges compared at an endpoint. */
  readonly placesAt: (endpoint: string) => readonly number[];
  /** In words and without counts, on which requests those that show something are; null = on no pattern. */
  readonly whenOf: (places: readonly number[], shown: ReadonlySet<number>) => string | null;
}

/** @returns the cluster; its parts only when no condition holds for all of it while each endpoint has one */
export function splitByCondition(cluster: Cluster, facts: ConditionFacts): readonly Cluster[] {
  const byEndpoint = Map.groupBy(cluster.members, ({ record }) => record.signature.endpoint);
  if (byEndpoint.size < 2 || conditionOf(cluster.members, [...byEndpoint.keys()], facts) !== null) return [cluster];
  const parts = new Map<string, Assessment[]>();
  for (const [endpoint, members] of byEndpoint) {
    const when = conditionOf(members, [endpoint], facts);
    if (when === null) return [cluster];
    parts.set(when, [...(parts.get(when) ?? []), ...members]);
  }
  return parts.size < 2 ? [cluster] : [...parts.values()].map((members) => ({ members: members.sort(byWeight) }));
}

/** Null also for what happens at nearly all requests. */
function conditionOf(members: readonly Assessment[], endpoints: readonly string[], { placesAt, whenOf }: ConditionFacts): string | null {
  const places = endpoints.flatMap(placesAt);
  const shown = new Set(members.flatMap(({ record }) => [...record.shown, ...record.shownAfterGap]));
  return shown.size >= unconditionalShare * places.length ? null : whenOf(places, shown);
}
