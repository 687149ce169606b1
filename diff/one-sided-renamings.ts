/** Ids that one build has others of and the rest has not.
 *
 *    production  order 7f3a…   control  order 91c0…   candidate  order e52b…     made anew by every copy: no difference
 *    production  plan starter  control  plan starter  candidate  plan enterprise   the candidate alone: a difference of value
 *
 * Ids that are made by counting are compared in this way only while nothing is written: copies that take two writes in another order count
 * them in that order, and each keeps to it.
 *
 * One pair of answers cannot tell the two apart, so a consistent renaming is no difference there (compare/ledger.ts). Three answers can. */

import type { Comparison, Difference } from "../model/difference.ts";
import { isSafeMethod } from "../model/exchange.ts";
import type { Observation } from "../model/observation.ts";
import { placeKey } from "./signatures.ts";

export interface BothComparisons {
  readonly candidate: Comparison;
  /** Null without a control; then nothing can be told. */
  readonly control: Comparison | null;
}

export class OneSidedRenamings {
  private hasWrites = false;

  /** What makes ids: call for every observation, before its comparisons are looked at. */
  learn({ exchange, candidate }: Observation): void {
    if (!isSafeMethod(exchange.request.method) && candidate !== null && candidate.outcome.kind !== "skipped") this.hasWrites = true;
  }

  /** Both comparisons, each with the renamings that the other does not have as differences. */
  told({ candidate, control }: BothComparisons): BothComparisons {
    if (control === null || (candidate.renamed === undefined && control.renamed === undefined)) return { candidate, control };
    return { candidate: this.withAlone(candidate, control), control: this.withAlone(control, candidate) };
  }

  private withAlone(one: Comparison, other: Comparison): Comparison {
    if (one.renamed === undefined) return one;
    const shared = new Set(other.renamed?.map(({ difference }) => idKey(difference)));
    // There the other has no partner of the id, or another difference besides: it has not kept it either.
    const unlike = new Set(other.differences.map(pathKey));
    const told = new Set(one.differences.map(placeKey));
    const alone: Difference[] = [];
    for (const { difference, isCounted } of one.renamed) {
      const place = placeKey(difference);
      if (isCounted && this.hasWrites) continue;
      if (shared.has(idKey(difference)) || unlike.has(pathKey(difference)) || told.has(place)) continue;
      told.add(place);
      alone.push(difference);
    }
    return alone.length === 0 ? one : withDifferences(one, alone);
  }
}

function withDifferences(one: Comparison, alone: readonly Difference[]): Comparison {
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
