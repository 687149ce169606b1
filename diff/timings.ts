/** Values that say how long something took, told by their names: `took`, `elapsedMs`, `X-Response-Time`, `Server-Timing`.
 *
 * They are latency written into the answer: two processes of one build are not exactly alike in speed, so that which of them says
 * more is no fair coin, as it is for other numbers (docs/decisions/0008-masked-values-and-latency.md). */

import type { DifferenceKind } from "../model/difference.ts";
import type { Signature } from "../model/report.ts";
import { durationOf } from "./compare/measures.ts";
import { readWrittenTime } from "./compare/moments.ts";

/** Words that mean a time spent, wherever in a name they stand. */
const timingWords: ReadonlySet<string> = new Set(["took", "elapsed", "duration", "runtime", "latency", "timing", "timings"]);
/** What `time` is a time spent of, in the word before it. A `start time` is a moment. */
const timedWords: ReadonlySet<string> = new Set([
  ...["response", "run", "execution", "exec", "processing", "process", "query", "request", "service", "server", "render", "wall", "cpu"],
]);
/** Units that names end in. */
const unitWords: ReadonlySet<string> = new Set(["ms", "millis", "milliseconds", "micros", "microseconds", "nanos", "nanoseconds"]);

/** Kinds of differences between two values. */
const valueKinds: ReadonlySet<DifferenceKind> = new Set(["json.value", "header.value", "markup.text", "markup.attribute"]);
/** A name alone may mean the length of a film: only what the control shows so often, beside the candidate, is a time spent. */
const leastNoise = 0.1;

const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** One metric of Server-Timing (W3C Server Timing §3). */
const serverTiming = /;\s*dur\s*=\s*"?(\d+(?:\.\d+)?)/gi;

/** Whether the value there is a time spent, by its name or that of the object around it. */
export function isTimingName({ location, path }: Pick<Signature, "location" | "path">): boolean {
  if ((location !== "body" && location !== "header") || path.startsWith("set-cookie/")) return false;
  const [name = "", around = ""] = path
    .split("/")
    .filter((part) => part !== "*" && part !== "#text")
    .reverse();
  return isTimingWord(name) || wordsOf(around).some((word) => word.startsWith("timing"));
}

/** Whether differences there are those of the speed of two processes: by the name and what stands there, and because the control shows them too.
 * @param example two values as reports show them */
export function isNoisyTiming(signature: Signature, example: Example, shown: number, noisy: number): boolean {
  return valueKinds.has(signature.kind) && noisy > 0 && noisy >= leastNoise * shown && isTiming(signature, example);
}

/** Two values as they are shown: texts of JSON in quotes. */
export type Example = Readonly<Record<"from" | "to", string | null>>;

/** Whether it is a time spent by its name, and nothing else by its values: a `serverTime` may be a moment, a `latency` a word. */
export function isTiming(place: Pick<Signature, "location" | "path">, { from, to }: Example): boolean {
  if (!isTimingName(place)) return false;
  const texts = [from, to].filter((text) => text !== null).map(unquoted);
  if (texts.some((text) => readTiming(text) === null)) return false;
  return namesSpan(place.path) || texts.every((text) => readWrittenTime(text) === null);
}

/** A JSON text without its quotes. */
export function unquoted(shown: string): string {
  return shown.startsWith('"') ? shown.replace(/^"|"$/g, "") : shown;
}

/** How long it took, in whatever unit it is written; null = it does not say. Several metrics are added. */
export function readTiming(text: string): number | null {
  if (number.test(text)) return Number(text);
  const duration = durationOf(text);
  if (duration !== null) return duration;
  const metrics = [...text.matchAll(serverTiming)].map(([, value]) => Number(value));
  return metrics.length === 0 ? null : metrics.reduce((sum, value) => sum + value, 0);
}

/** In how many steps of its own precision it is written: 12 of `12`, `0.012` and `12 ms`; of several metrics the longest one's. */
export function timingSteps(text: string): number {
  const metrics = [...text.matchAll(serverTiming)].map(([, value = ""]) => value);
  const numbers = metrics.length > 0 ? metrics : (text.match(/\d+(?:\.\d+)?/g) ?? []);
  return Math.max(0, ...numbers.map((digits) => Number(digits.replace(".", ""))));
}

/** Whether the name itself says that it is a span, and not a moment. */
function namesSpan(path: string): boolean {
  const words = wordsOf(path);
  return words.some((word) => timingWords.has(word) || unitWords.has(word));
}

function isTimingWord(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  return (
    words.some((word) => timingWords.has(word)) ||
    // A unit alone is a key: a state, a language.
    (words.length > 1 && unitWords.has(last)) ||
    words.some((word, index) => word === "time" && timedWords.has(words[index - 1] ?? "")) ||
    [...timedWords].some((word) => words.includes(`${word}time`))
  );
}

/** `elapsedMs`, `elapsed_ms` and `X-Elapsed-MS` are of the same words. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
