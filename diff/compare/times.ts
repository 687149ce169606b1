/** Points in time as services write them, and their distance to the answer that carries them.
 * An answer that says "now" says something else each time; its distance to the answer's own
 * Date header stays. */

/** What a written time says. */
export interface WrittenTime {
  /** Milliseconds since 1970 UTC, with fraction. A time without zone is read as UTC. */
  readonly at: number;
  /** Precision and zone form are part of it: "rfc3339 ms Z", "epoch s", "http-date". */
  readonly format: string;
  /** As written: "Z", "+02:00", "" where there is none. */
  readonly zone: string;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|z|[+-]\d\d:?\d\d)?$/;
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;
/** 2026-11-22T09:24:30 */
const shortestTime = 19;
/** Number of digits of an epoch time between 2001 and 2103, by unit, and how many make a millisecond. */
const epochUnits: Readonly<Record<number, { readonly unit: string; readonly perMillisecond: number }>> = {
  10: { unit: "s", perMillisecond: 1e-3 },
  13: { unit: "ms", perMillisecond: 1 },
  16: { unit: "µs", perMillisecond: 1e3 },
  19: { unit: "ns", perMillisecond: 1e6 },
};
/** First digits of an epoch time in 2103: above it, ten digits are more likely a phone number. */
const lastPlausiblePrefix = "42";
const minuteMs = 60_000;

/** The Date header has a resolution of one second, on either side. */
const dateToleranceMs = 2_000;
/** Only what is about "now" is compared by its distance; a date of birth is not. */
const nowWindowMs = 10 * minuteMs;

export function isHttpDate(text: string): boolean {
  return httpDate.test(text);
}

/** Reads an RFC 3339 time or an HTTP date; null for anything else. */
export function readTime(text: string): WrittenTime | null {
  if (text.length < shortestTime) return null;
  const match = rfc3339.exec(text);
  if (match === null) return isHttpDate(text) ? { at: Date.parse(text), format: "http-date", zone: "GMT" } : null;
  const [, year, month, day, separator, hour, minute, second, fraction = "", zone = ""] = match;
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const at = whole + Number(`0.${fraction || "0"}`) * 1000 - offsetMs(zone);
  const joint = separator === " " ? "spaced " : "";
  return { at, format: `rfc3339 ${joint}${precisionName(fraction.length)} ${zoneForm(zone)}`, zone };
}

/** Reads a number of 10, 13, 16 or 19 digits in a plausible range as time since 1970. */
export function readEpoch(digits: string): WrittenTime | null {
  const unit = epochUnits[digits.length];
  if (unit === undefined || digits < "1" || digits > lastPlausiblePrefix || !/^\d+$/.test(digits)) return null;
  return { at: Number(digits) / unit.perMillisecond, format: `epoch ${unit.unit}`, zone: "" };
}

/** In one format and one zone. Of a clock's own times the offset changes twice a year, not between two answers. */
export function isWrittenAlike(left: WrittenTime, right: WrittenTime): boolean {
  return left.format === right.format && left.zone === right.zone;
}

/** Both about now, and equally far from the Date of their answers. */
export function sameDistance(left: WrittenTime, right: WrittenTime, dates: AnswerDates): boolean {
  if (dates.left === null || dates.right === null || !isWrittenAlike(left, right)) return false;
  const before = left.at - dates.left;
  const after = right.at - dates.right;
  return Math.abs(before) <= nowWindowMs && Math.abs(after) <= nowWindowMs && Math.abs(before - after) <= dateToleranceMs;
}

/** The same span from each answer's Date, however long: what Expires means (RFC 9111 §4.2.1). */
export function sameLifetime(left: WrittenTime, right: WrittenTime, dates: AnswerDates): boolean {
  if (dates.left === null || dates.right === null) return false;
  return Math.abs(left.at - dates.left - (right.at - dates.right)) <= dateToleranceMs;
}

/** The Date headers of both answers in epoch milliseconds; null where there is none. */
export interface AnswerDates {
  readonly left: number | null;
  readonly right: number | null;
}

/** Serialisers that drop trailing zeros write 1 to 3 digits for the same clock. */
function precisionName(digits: number): string {
  if (digits === 0) return "s";
  if (digits <= 3) return "ms";
  return digits <= 6 ? "µs" : "ns";
}

function zoneForm(zone: string): string {
  if (zone === "") return "local";
  return zone === "Z" || zone === "z" ? "Z" : "offset";
}

function offsetMs(zone: string): number {
  if (zone.length < 5) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * minuteMs;
}
