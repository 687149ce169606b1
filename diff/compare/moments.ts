/** Times of one answer that belong together: what was made "now" is as far from the answer's Date on both sides
 * (times.ts), and by that the two answers' clocks are known to differ by so much. Another time that differs by
 * exactly the same, such as when that will expire, says nothing new, however far from now it is.
 *
 *              left                  right                 shift
 *    Date      09:24:30              09:24:37
 *    created   09:24:30.928          09:24:37.030          6.102 s   as the Dates say: an anchor
 *    expires   in 30 days, .928      in 30 days, .030      6.102 s   the same
 *    birthday  1990-01-01            1990-01-02            24 h      another: a difference
 *
 * Two times that agree only with each other prove nothing: a wrong zone shifts all of them alike. */

import { isWrittenAlike, readEpoch, readTime, type WrittenTime } from "./times.ts";

/** How far the right time is from the left one at the same place. */
export interface TimeShift {
  /** Milliseconds. */
  readonly by: number;
  readonly format: string;
}

/** Serialisers round what is finer than a millisecond, each in its way. */
const exactness = 1;
const secondMs = 1000;
/** Zones are a quarter of an hour apart or more. */
const leastZoneStepMs = 900_000;
/** Formats without fractions of a second: each side has lost up to one second of the shift. */
const wholeSeconds = /^(?:epoch s|http-date|rfc3339 (?:spaced )?s .*)$/;

export function readWrittenTime(text: string): WrittenTime | null {
  return readTime(text) ?? readEpoch(text);
}

/** Null unless both are times in one format and zone. */
export function timeShift(left: string, right: string): TimeShift | null {
  const before = readWrittenTime(left);
  const after = before === null ? null : readWrittenTime(right);
  if (before === null || after === null || !isWrittenAlike(before, after)) return null;
  return { by: after.at - before.at, format: before.format };
}

/** Nearly the same moment in another zone. Two moments further apart may lie on both sides of a change to summer time. */
export function isZoneShift(left: string, right: string): boolean {
  const before = readTime(left);
  const after = before === null ? null : readTime(right);
  if (before === null || after === null || before.format !== after.format || before.zone === after.zone) return false;
  return Math.abs(after.at - before.at) < leastZoneStepMs;
}

/** Whether `shift` is the one that `anchor` shows. */
export function sameShift(shift: TimeShift, anchor: TimeShift): boolean {
  const apart = Math.abs(shift.by - anchor.by);
  if (!wholeSeconds.test(shift.format)) return apart <= exactness && !wholeSeconds.test(anchor.format);
  // A clock that hardly moved would excuse any second.
  if (wholeSeconds.test(anchor.format)) return apart === 0;
  return apart < secondMs && Math.abs(anchor.by) >= secondMs;
}
