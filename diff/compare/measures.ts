/** Numbers inside of texts: durations, and a number with words or a unit around it. What happened to the number
 * is then said as for a number of its own. */

const isoDuration = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const unitDuration = /^(\d+(?:\.\d+)?) ?(ns|µs|us|ms|s|m|h)$/;
const secondsOfUnit: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const number = /(?<![\w.])-?\d+(?:\.\d+)?/g;
/** Longer texts are prose, where a number is one of many words. */
const maxMeasure = 64;

/** Seconds of a duration that has a fixed length: `PT1H30M`, `90 s`; not months and years. */
export function durationOf(text: string): number | null {
  if (text.length > maxMeasure) return null;
  const [, amount, unit = ""] = unitDuration.exec(text) ?? [];
  const seconds = secondsOfUnit[unit];
  if (amount !== undefined && seconds !== undefined) return Number(amount) * seconds;
  const match = isoDuration.exec(text);
  if (match === null) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, rest = 0] = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + rest;
}

/** The numbers by which two texts differ, when they are alike in all else and have one each. */
export function measuredNumbers(left: string, right: string): readonly [left: string, right: string] | null {
  if (left.length > maxMeasure || right.length > maxMeasure) return null;
  if (left.replace(number, "#") !== right.replace(number, "#")) return null;
  const before = left.match(number) ?? [];
  const after = right.match(number) ?? [];
  const [from, to] = [before[0], after[0]];
  return before.length === 1 && after.length === 1 && from !== undefined && to !== undefined ? [from, to] : null;
}
