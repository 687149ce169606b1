/** Patterns that users write: globs and regular expressions. All run on RE2, whose time is linear in the text whatever the
 * pattern is, so that no pattern can hang the process. */

import { RE2JS } from "re2js";
import { type Reading, read, wrong } from "./reading.ts";

/** Whether a pattern fits the whole text. */
export type Pattern = (text: string) => boolean;

/** Written between slashes. */
export function isRegex(text: string): boolean {
  return text.length > 2 && text.startsWith("/") && text.endsWith("/");
}

/** @param text a regular expression in RE2's syntax between slashes; it has to fit the whole text */
export function readRegex(text: string): Reading<Pattern> {
  try {
    const compiled = RE2JS.compile(text.slice(1, -1), RE2JS.DOTALL);
    return read((value) => compiled.testExact(value));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    return wrong(`${text} is no regular expression (${why})`, "use RE2's syntax: no lookaround, no backreferences");
  }
}

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
