/** Reads a probe: the same request sent again k times to control and candidate, shuffled.
 *
 * If the candidate behaved like the control, all k candidate answers showing a difference that no control
 * answer shows would be one of C(2k,k) equally likely orders. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Outcome } from "../model/exchange.ts";
import type { Probe } from "../model/observation.ts";
import { outcomeShape } from "./request-shape.ts";
import { differenceKey, type ProbeAnswer } from "./signatures.ts";

export interface ProbeReading {
  /** By differenceKey: the answer for a difference that was new at the probed exchange. */
  answerFor(difference: Difference): ProbeAnswer;
  /** The candidate's own answers differ there, against its first one. */
  isUnsteady(difference: Difference): boolean;
  readonly times: number;
}

type Compare = (left: Outcome, right: Outcome) => Comparison;

/** Null when the probe is void: nothing it got back resembles what was seen first, so it met another case.
 * @param compare with fresh references on every call */
export function readProbe(
  probe: Probe,
  original: { readonly control: Outcome | null; readonly candidate: Outcome },
  compare: Compare,
): ProbeReading | null {
  const seen = new Set([original.control, original.candidate].filter((outcome) => outcome !== null).map(outcomeShape));
  if (![...probe.control, ...probe.candidate].some((outcome) => seen.has(outcomeShape(outcome)))) return null;
  const anchor = probe.control[0];
  const controlShows = anchor === undefined ? [] : probe.control.slice(1).map((outcome) => keysOf(compare(anchor, outcome)));
  const candidateShows = anchor === undefined ? [] : probe.candidate.map((outcome) => keysOf(compare(anchor, outcome)));
  const first = probe.candidate[0];
  const ownShows = first === undefined ? [] : probe.candidate.slice(1).map((outcome) => keysOf(compare(first, outcome)));
  return {
    times: Math.min(probe.control.length, probe.candidate.length),
    answerFor: (difference) =>
      anchor === undefined
        ? answerAlone(ownShows, difference)
        : answerOf(shareOf(controlShows, difference), shareOf(candidateShows, difference)),
    isUnsteady: (difference) => shareOf(ownShows, difference) > 0,
  };
}

/** A control that shows the difference against itself, however rarely, makes it noise as any other N would. */
function answerOf(control: number, candidate: number): ProbeAnswer {
  if (candidate === 0 || control > 0) return "refuted";
  return candidate === 1 ? "separated" : "flaky";
}

/** Without a control only the candidate's constancy can be seen. */
function answerAlone(own: readonly ReadonlySet<string>[], difference: Difference): ProbeAnswer {
  return own.length > 0 && shareOf(own, difference) === 0 ? "separated" : "unclear";
}

function shareOf(shows: readonly ReadonlySet<string>[], difference: Difference): number {
  if (shows.length === 0) return 0;
  const key = differenceKey(difference);
  return shows.filter((keys) => keys.has(key)).length / shows.length;
}

function keysOf(comparison: Comparison): ReadonlySet<string> {
  return new Set(comparison.differences.map(differenceKey));
}
