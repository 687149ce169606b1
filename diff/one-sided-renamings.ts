/** Ids that one build has others of and the rest has not.
 *
 *    production  order 7f3a…   control  order 91c0…   candidate  order e52b…     made anew by every copy: no difference
 *    production  plan starter  control  plan starter  candidate  plan enterprise   the candidate alone: a difference of value
 *
 * One pair of answers cannot tell the two apart, so a consistent renaming is no difference there (compare/ledger.ts). Three answers can. */

import type { Comparison, Difference } from "../model/difference.ts";
import { placeKey } from "./signatures.ts";

export interface BothComparisons {
  readonly candidate: Comparison;
  /** Null without a control; then nothing can be told. */
  readonly control: Comparison | null;
}

/** Both comparisons, each with the renamings that the other does not have as differences. */
export function withOneSidedRenamings({ candidate, control }: BothComparisons): BothComparisons {
  if (control === null || (candidate.renamed === undefined && control.renamed === undefined)) return { candidate, control };
  return { candidate: withAlone(candidate, control), control: withAlone(control, candidate) };
}

function withAlone(one: Comparison, other: Comparison): Comparison {
  if (one.renamed === undefined) return one;
  const shared = new Set(other.renamed?.map(idKey));
  // There the other has no partner of the id, or another difference besides: it has not kept it either.
  const unlike = new Set(other.differences.map(pathKey));
  const told = new Set(one.differences.map(placeKey));
  const alone: Difference[] = [];
  for (const difference of one.renamed) {
    const place = placeKey(difference);
    if (shared.has(idKey(difference)) || unlike.has(pathKey(difference)) || told.has(place)) continue;
    told.add(place);
    alone.push(difference);
  }
  if (alone.length === 0) return one;
  const { byValue, byFormat, untested } = one.leaves;
  const moved = Math.min(byFormat, alone.length);
  return {
    ...one,
    differences: [...one.differences, ...alone],
    leaves: { byValue: byValue + moved, byFormat: byFormat - moved, untested },
  };
}

function pathKey({ location, path }: Difference): string {
  return `${location}\n${path}`;
}

/** A place and the id that the baseline has there. */
function idKey(difference: Difference): string {
  return `${pathKey(difference)}\n${difference.from ?? ""}`;
}
