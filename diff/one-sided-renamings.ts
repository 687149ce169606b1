/** Ids that one build has others of and the rest has not.
 *
 *    production  order 7f3a…   control  order 91c0…   candidate  order e52b…     made anew by every copy: no difference
 *    production  plan starter  control  plan starter  candidate  plan enterprise   the candidate alone: a difference of value
 *
 * Ids that are made by counting are compared in this way only while nothing is written: copies that take two writes in another order count
 * them in that order, and each keeps to it.
 *
 * One pair of answers cannot tell the two apart, so a consistent renaming is no difference there (compare/ledger.ts). Three answers can. */

import type { Comparison, Difference, Renaming } from "../model/difference.ts";
import { type Exchange, isSafeMethod } from "../model/exchange.ts";
import type { Observation } from "../model/observation.ts";
import { readIdName } from "./compare/identity.ts";
import { placeKey } from "./signatures.ts";

export interface BothComparisons {
  readonly candidate: Comparison;
  /** Null without a control; then nothing can be told. */
  readonly control: Comparison | null;
}

/** Ids that are remembered to have been made in this run. */
const mostMade = 100_000;
const created = 201;

export class OneSidedRenamings {
  private hasWrites = false;
  /** Ids, as production has them, of what writes of this run created: copies that make them by their order have each their own. */
  private readonly made = new Set<string>();

  /** What makes ids: call for every observation, before its comparisons are looked at. */
  learn({ exchange, candidate }: Observation): void {
    if (!isSafeMethod(exchange.request.method) && candidate !== null && candidate.outcome.kind !== "skipped") this.hasWrites = true;
  }

  /** Both comparisons, each with the renamings that the other does not have as differences. */
  told({ exchange }: Observation, { candidate, control }: BothComparisons): BothComparisons {
    if (creates(exchange)) this.rememberMade([...(candidate.renamed ?? []), ...(control?.renamed ?? [])]);
    if (control === null || (candidate.renamed === undefined && control.renamed === undefined)) return { candidate, control };
    return { candidate: this.withAlone(candidate, control), control: this.withAlone(control, candidate) };
  }

  private rememberMade(renamed: readonly Renaming[]): void {
    for (const { difference } of renamed) {
      const name = difference.path.slice(difference.path.lastIndexOf("/") + 1);
      if (difference.from !== null && readIdName(name).kind === "own" && this.made.size < mostMade) this.made.add(difference.from);
    }
  }

  private withAlone(one: Comparison, other: Comparison): Comparison {
    if (one.renamed === undefined) return one;
    const shared = new Set(other.renamed?.map(({ difference }) => idKey(difference)));
    // There the other has something else in place of the id: it has not kept it either.
    const unlike = new Set(other.differences.map(idKey));
    const told = new Set(one.differences.map(placeKey));
    const alone: Difference[] = [];
    for (const { difference, isCounted } of one.renamed) {
      const place = placeKey(difference);
      if ((isCounted && this.hasWrites) || this.made.has(difference.from ?? "")) continue;
      if (shared.has(idKey(difference)) || unlike.has(idKey(difference)) || told.has(place)) continue;
      told.add(place);
      alone.push(difference);
    }
    return alone.length === 0 ? one : withDifferences(one, alone);
  }
}

function creates({ request, outcome }: Exchange): boolean {
  return !isSafeMethod(request.method) && outcome.kind === "answered" && outcome.answer.status === created;
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

/** A place and the id that production has there. */
export function idKey({ location, path, from }: Difference): string {
  return `${location}\n${path}\n${from ?? ""}`;
}
