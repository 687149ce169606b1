/** Patterns that users write: globs and regular expressions. All run on RE2, whose time is linear in the text whatever the
 * pattern is; and their size is bounded, so that no pattern can hang the process. */

import { RE2JS } from "re2js";
import { type Reading, read, wrong } from "./reading.ts";

/** Whether a pattern fits the whole text. */
export type Pattern = (text: string) => boolean;

/** Written between slashes. */
export function isRegex(text: string): boolean {
  return text.length > 2 && text.startsWith("/") && text.endsWith("/");
}

/** A regular expression, and how many instructions RE2 runs it with: its cost for each character of the text. */
export interface Regex {
  readonly fits: Pattern;
  readonly size: number;
}

/** What people write and understand is far shorter. */
const longestText = 1_000;
/** `[a-z]{1,1000}{20}` is short, but linear in a text of any length it is too slow all the same. */
const mostInstructions = 1_000;

/** @param text a regular expression in RE2's syntax between slashes; it has to fit the whole text */
export function readRegex(text: string): Reading<Regex> {
  if (isTooLong(text)) return tooLong(text);
  try {
    const compiled = RE2JS.compile(text.slice(1, -1), RE2JS.DOTALL);
    const size = compiled.programSize();
    if (size > mostInstructions)
      return wrong(
        `${text} is too costly (${size} instructions of RE2, at most ${mostInstructions})`,
        "count less: + in place of {1,1000}",
      );
    return read({ fits: (value) => compiled.testExact(value), size });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    return wrong(`${text} is no regular expression (${why})`, "use RE2's syntax: no lookaround, no backreferences");
  }
}

export function isTooLong(pattern: string): boolean {
  return pattern.length > longestText;
}

export function tooLong(pattern: string): Reading<never> {
  return wrong(`${pattern.slice(0, shownLength)}… is longer than ${longestText} characters`, "say it shorter, or in several rules");
}

const shownLength = 40;

/** A text with `*` for any run of characters.
 * @param parametersAreSegments `{id}` stands for any one path segment, and not only for itself */
export function globPattern(text: string, parametersAreSegments = false): Pattern {
  if (!text.includes("*") && !parametersAreSegments) return (value) => value === text;
  const literals = (part: string): string =>
    part
      .split("*")
      .map((literal) => RE2JS.quote(literal))
      .join(".*");
  const source = parametersAreSegments
    ? text
        .split(/\{\w+\}/)
        .map(literals)
        .join("[^/]+")
    : literals(text);
  const compiled = RE2JS.compile(source, RE2JS.DOTALL);
  return (value) => compiled.testExact(value);
}
