/** What stands at the marks of an axis: as short as it can be with no two marks alike. */

const msPerSecond = 1000;
const secondsPerDay = 86_400;

type Form = (iso: string) => string;

/** Of an ISO time, `2026-11-22T10:15:00.250Z`. */
const clocks: readonly Form[] = [
  (iso) => iso.slice(11, 16),
  (iso) => iso.slice(11, 19),
  (iso) => iso.slice(11, 21),
  (iso) => iso.slice(11, 23),
];
const days: readonly Form[] = [(iso) => iso.slice(5, 10), (iso) => iso.slice(0, 10), (iso) => `${iso.slice(5, 10)} ${iso.slice(11, 16)}`];

/** @param seconds since 1970, rising
 * @returns times of day in UTC, with the day where there are several: "10:15", "10:15:00.5", "11-22 10:00" */
export function timeLabels(seconds: readonly number[]): string[] {
  const times = seconds.map((each) => new Date(Math.round(each * msPerSecond)).toISOString());
  const isLong = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0) >= secondsPerDay;
  // One mark alone has nothing to be told from: it is as exact as a reader needs.
  const forms = isLong ? days : clocks.slice(times.length === 1 ? 1 : 0);
  const form = forms.find((each) => new Set(times.map(each)).size === times.length) ?? ((iso: string) => iso);
  return times.map(form);
}

/** Nothing at the marks between whole numbers, of what comes in wholes. */
export function wholeNumbers(values: readonly number[]): string[] {
  return values.map((value) => (Number.isInteger(value) ? value.toLocaleString("en-US") : ""));
}

/** What a span of time is told in. */
export interface TimeUnit {
  readonly name: "ms" | "s" | "min" | "h";
  readonly ms: number;
}

const units: readonly TimeUnit[] = [
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
  { name: "s", ms: 1000 },
];
/** So many of a unit make a better axis than a part of one. */
const least = 3;

export function unitOf(spanMs: number): TimeUnit {
  return units.find(({ ms }) => spanMs >= least * ms) ?? { name: "ms", ms: 1 };
}
