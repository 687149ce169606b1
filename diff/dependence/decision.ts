/** What counts say about a finding's dependence. How often the rules err is argued in docs/decisions/0012-dependence.md. */

import { fisherTail } from "../fisher.ts";

/** Runs that must all show a finding before "always" is said: a fault that comes every second time does so once in 256. */
export const runsForAlways = 8;
/** Chance, at most, of so uneven counts where overlap has nothing to do with it: of each of the two looks. */
const overlapLevel = 0.006;
/** Runs with overlap, and as many without, after which it is looked at: six of ten against none are enough, and seven of thirty. */
export const looks: readonly number[] = [10, 30];
/** A first look with fewer is not followed by a second one: it would hardly come to anything. */
export const fewestForAnotherLook = 2;
/** Chance, at most, that a subset which shows the finding is taken for one that does not. */
const missedLevel = 0.01;
const fewestRepeats = 2;
export const mostRepeats = 12;

/** So many times as often as the control the candidate must show what comes and goes. */
const mostNoise = 2;

/** How often a series of runs showed a finding. */
export interface Count {
  /** The candidate showed it and the control did not. */
  readonly shown: number;
  /** The other way round. */
  readonly control: number;
  /** All runs that could tell. */
  readonly runs: number;
}

/** `never` also where too few runs could tell. */
export function frequencyOf({ shown, runs }: Count): "always" | "sometimes" | "never" {
  if (shown === 0) return "never";
  return shown === runs && runs >= runsForAlways ? "always" : "sometimes";
}

/** Counts of several exchanges as one. */
export function totalOf(counts: Iterable<Count>): Count {
  let [shown, control, runs] = [0, 0, 0];
  for (const count of counts) {
    shown += count.shown;
    control += count.control;
    runs += count.runs;
  }
  return { shown, control, runs };
}

/** Whether equal circumstances had different results: some send of a series shows it in one run and not in another. What the control
 * shows nearly as often is noise of both builds, which says nothing about the rest of what the candidate shows.
 * @param counts of each send of one series */
export function isUnsteady(counts: readonly Count[]): boolean {
  const { shown, control } = totalOf(counts);
  return shown > mostNoise * control && counts.some((count) => count.shown > 0 && count.shown < count.runs);
}

/** Whether requests that overlap bring about what the same requests do not one after the other, and in the candidate more than in the
 * control: a write that overtakes another does that to either. */
export function dependsOnOverlap(overlapping: Count, serial: Count): boolean {
  return (
    fisherTail({ shows: overlapping.shown, all: overlapping.runs, elseShows: serial.shown, elseAll: serial.runs }) <= overlapLevel &&
    fisherTail({ shows: overlapping.shown, all: overlapping.runs, elseShows: overlapping.control, elseAll: overlapping.runs }) <=
      overlapLevel
  );
}

/** Runs that a subset gets to show the finding, when all requests together show it at this rate. */
export function repeatsFor({ shown, runs }: Pick<Count, "shown" | "runs">): number {
  // Half a run less than was seen: a rate of one is never certain.
  const rate = Math.max(0, shown - 0.5) / Math.max(1, runs);
  if (rate <= 0) return mostRepeats;
  return Math.min(mostRepeats, Math.max(fewestRepeats, Math.ceil(Math.log(missedLevel) / Math.log(1 - rate))));
}
