/** What can be said of a number or a text. With what staging had at the same place: also whether it is far outside of that. */

import { isParameterClass, segmentClass } from "../segment-class.ts";
import type { Place } from "./place.ts";
import type { Moment } from "./sightings.ts";

/** Longer texts are looked at up to here. */
const longestRead = 4096;
/** Twice the longest, and at least so much more. */
const leastLonger = 8;
const int32 = 2 ** 31;
/** A range of its own: what divides by it, or takes it for nothing, does not care how near it is to the others. */
export const zero = "0";
/** What redaction leaves: it has the form of no value. */
const redacted = /^(?:tok_[\w-]{22}|\[?redacted\]?|\*+)$/i;
/** Numbers that name things, and moments: they grow, and where they stand says nothing. */
const idName = /(?:^|[_-])(?:ids?|no|nr|number|seq|sequence|version|rev|revision|offset|cursor)$|Ids?$|^id$/;
const epochSeconds = { least: 1e9, most: 4.2e9 };
const millisecondsPerSecond = 1000;
/** Values that are shown as they are have been used in production by so many sessions, in so many exchanges. */
export const fewestShown = 5;
/** Longer ones are content. */
const longestShown = 40;

const characterClasses: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["characters beyond the BMP, such as emoji", /[\u{10000}-\u{10ffff}]/u],
  ["letters beyond ASCII", /[^\p{ASCII}\u{10000}-\u{10ffff}]/u],
  ["line breaks", /[\n\r\u2028\u2029]/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  ["control characters", /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/],
  ["quotation marks", /["'`]/],
  ["< > or &", /[<>&]/],
  ["% or \\", /[%\\]/],
  ["blanks at an end", /^[^\S\n\r]|[^\S\n\r]$/],
  ["blanks within", /\S[^\S\n\r]+\S/],
  ["digits", /\d/],
  ["capitals", /[A-Z]/],
  ["small letters", /[a-z]/],
];

/** @param name of the field or parameter */
export function noteNumber(value: number, name: string, { place, staging, at }: Noted): void {
  place.note("type", "a number", at);
  const numbers = place.at("as number");
  if (numbers === null) return;
  numbers.seen.note(at);
  if (value < 0) numbers.note("range", "negative", at);
  if (!Number.isInteger(value)) numbers.note("range", "a fraction", at);
  if (Number.isInteger(value) && (value >= int32 || value < -int32)) numbers.note("range", "beyond 32 bits", at);
  if (!Number.isSafeInteger(Math.trunc(value))) numbers.note("range", "beyond 2^53, where doubles have gaps", at);
  if (idName.test(name)) return;
  if (value === 0) numbers.note("range", zero, at);
  numbers.numbers.add(value);
  numbers.noteValue(String(value));
  const known = staging?.below.get("as number");
  if (known === undefined || known.numbers.least > known.numbers.most || isMoment(known)) return;
  const { least, most } = known.numbers;
  if (least === most) {
    if (value !== least && known.closedSet() !== null) numbers.note("value", "another", at);
    return;
  }
  const margin = marginOf(known);
  if (value > most + margin) numbers.note("range", "above", at);
  if (value < least - margin) numbers.note("range", "below", at);
}

/** Outside of a range by much: by more than half of its width, and of whole numbers by more than one. */
function marginOf({ numbers, facts }: Place): number {
  const half = (numbers.most - numbers.least) / 2;
  return facts.has("range a fraction") ? half : Math.max(1, half);
}

function isMoment({ numbers: { least, most } }: Place): boolean {
  const isIn = (scale: number): boolean => least >= epochSeconds.least * scale && most <= epochSeconds.most * scale;
  return isIn(1) || isIn(millisecondsPerSecond);
}

/** Where something is noted: the place, and what staging had there. */
export interface Noted {
  readonly place: Place;
  /** Null while staging itself is read, and where it had nothing. */
  readonly staging: Place | null;
  readonly at: Moment;
}

/** @param name of the field or parameter */
export function noteText(value: string, name: string, { place, staging, at }: Noted): void {
  place.note("type", "a string", at);
  const texts = place.at("as string");
  if (texts === null || redacted.test(value)) return;
  texts.seen.note(at);
  // Staging has few users and few days: that it has these says nothing.
  if (idName.test(name) || isParameterClass(segmentClass(value))) texts.noteOpen();
  else texts.noteValue(value);
  texts.lengths.add(value.length);
  const known = staging?.below.get("as string") ?? null;
  if (isOther(value, known)) {
    texts.note("value", "another", at);
    texts.at("others")?.note("value", value.length > longestShown ? "" : value, at);
  }
  if (value === "") texts.note("size", "empty", at);
  const read = value.slice(0, longestRead);
  for (const [what, pattern] of characterClasses) if (pattern.test(read)) texts.note("characters", what, at);
  if (known !== null && isMuchLonger(value.length, known.lengths.most, leastLonger)) texts.note("size", "longer", at);
}

function isOther(value: string, known: Place | null): boolean {
  const values = known?.closedSet() ?? null;
  return values !== null && !values.has(value);
}

/** More than twice as much, and by no mere trifle. */
export function isMuchLonger(length: number, longest: number, least: number): boolean {
  return longest > Number.NEGATIVE_INFINITY && length > 2 * longest && length >= longest + least;
}
