/** What experiments found about one finding of a run that is judged, perhaps by other rules than when they were made. */

import type { Dependence, FindingDependence } from "../../model/dependence.ts";
import type { FindingClass } from "../../model/report.ts";
import { fisherTail } from "../fisher.ts";

/** Eight of eight runs against none of eight are 1 in 12,870. */
const confirmingLevel = 0.001;

/** A finding that other rules cut differently is known by any of its places. */
export function dependenceOf(found: ReadonlyMap<string, FindingDependence>, fingerprints: readonly string[]): Dependence | null {
  const entry = fingerprints.map((each) => found.get(each)).find((each) => each !== undefined);
  if (entry === undefined) return null;
  const { finding: _, ...dependence } = entry;
  return dependence;
}

/** Null where the experiments do not say. */
export function classFound(dependence: Dependence | null): FindingClass | null {
  return dependence === null || dependence.class === "unclassified" ? null : dependence.class;
}

/** Whether the runs of a reproduction are evidence enough for a finding that the replay alone left open. */
export function confirms(dependence: Dependence | null): boolean {
  if (dependence === null || dependence.class === "unclassified") return false;
  const { shown, control, runs } = dependence;
  return fisherTail({ shows: shown, all: runs, elseShows: control, elseAll: runs }) <= confirmingLevel;
}
