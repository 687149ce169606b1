/** Reads a probe: the same request sent again k times to control and candidate, shuffled.
 *
 * If the candidate behaved like the control, all k candidate answers showing a difference that no control
 * answer shows would be one of C(2k,k) equally likely orders. */

import type { Comparison, Difference } from "../model/difference.ts";
import type { Outcome } from "../model/exchange.ts";
import type { Probe } from "../model/observation.ts";
import { outcomeShape } from "./request-shape.ts";
import { differenceKey, type ProbeAnswer, type ProbeResult } from "./signatures.ts";

export interface ProbeReading {
  /** By differenceKey: the answer for a difference that was new at the probed exchange. */
  resultFor(difference: Difference): Pick<ProbeResult, "answer" | "times">;
  /** The candidate's own answers differ there, against its first one. */
  isUnsteady(difference: Difference): boolean;
}

/** What one send to the candidate showed, against the control's first answer. */
interface Send {
  readonly isAnswered: boolean;
  readonly keys: ReadonlySet<string>;
}

type Compare = (left: Outcome, right: Outcome) => Comparison;

/** Null when the probe is void: it met another case than the one that was seen first. The baseline tells, since it is
 * not what is in question: a control that answers now this way, now that, or in a way nobody answered at first, means
 * that somebody changed the state meanwhile (deleted the thing that was asked for). So is one that was not sent whole.
 * @param compare with fresh references on every call */
export function readProbe(
  probe: Probe,
  original: { readonly control: Outcome | null; readonly candidate: Outcome },
  compare: Compare,
): ProbeReading | null {
  if ([...probe.control, ...probe.candidate].some(wasNotAsked)) return null;
  const seen = new Set([original.control, original.candidate].filter((outcome) => outcome !== null).map(outcomeShape));
  const baseline = new Set((probe.control.length > 0 ? probe.control : probe.candidate).map(outcomeShape));
  if (probe.control.length > 0 && baseline.size > 1) return null;
  if (![...baseline].some((shape) => seen.has(shape))) return null;
  const anchor = probe.control[0];
  const controlShows = anchor === undefined ? [] : probe.control.slice(1).map((outcome) => keysOf(compare(anchor, outcome)));
  const candidateSends =
    anchor === undefined
      ? []
      : probe.candidate.map((outcome): Send => ({ isAnswered: outcome.kind === "answered", keys: keysOf(compare(anchor, outcome)) }));
  const first = probe.candidate[0];
  const ownShows = first === undefined ? [] : probe.candidate.slice(1).map((outcome) => keysOf(compare(first, outcome)));
  return {
    resultFor(difference) {
      if (anchor === undefined) return { answer: answerAlone(ownShows, difference), times: 0 };
      const shows = tellingSends(candidateSends, difference);
      const times = Math.min(probe.control.length, shows.length);
      return { answer: answerOf(shareOf(controlShows, difference), shows.length === 0 ? null : shareOf(shows, difference)), times };
    },
    isUnsteady: (difference) => shareOf(ownShows, difference) > 0,
  };
}

/** Nothing went out, or we gave up ourselves. */
function wasNotAsked({ kind }: Outcome): boolean {
  return kind === "skipped" || kind === "aborted";
}

/** Those that can show the difference or its absence: no answer shows nothing of what an answer says. */
function tellingSends(sends: readonly Send[], { location }: Difference): ReadonlySet<string>[] {
  return sends.filter(({ isAnswered }) => isAnswered || location === "transport").map(({ keys }) => keys);
}

/** A control that shows the difference against itself, however rarely, makes it noise as any other N would. */
function answerOf(control: number, candidate: number | null): ProbeAnswer {
  if (control > 0) return "refuted";
  if (candidate === null) return "unclear";
  if (candidate === 0) return "unrepeated";
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
  // An id that the candidate alone has another one of is a difference as well (one-sided-renamings.ts).
  return new Set([...comparison.differences, ...(comparison.renamed ?? []).map(({ difference }) => difference)].map(differenceKey));
}
