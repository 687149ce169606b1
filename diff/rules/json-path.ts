/** Reads the part of JSONPath (RFC 9535) that names places: `$`, `.name`, `['name']`, `[*]`, `.*`, `[0]` and `..`.
 * Filters, slices and lists of selectors would choose by value or count, which a place in a report cannot show. */

import { type Reading, read, wrong } from "./reading.ts";

/** Which children of a value are meant. */
export type Selector =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "element"; readonly index: number }
  | { readonly kind: "any" };

export interface PathStep {
  readonly selector: Selector;
  /** `..`: of the value itself and of everything below it. */
  readonly descends: boolean;
}

const shorthand = /^[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*/u;
/** In brackets: a quoted name (RFC 9535 §2.3.1.1), an index, or the wildcard. */
const bracketed = /^\[[ \t\r\n]*(?:'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)"|(0|[1-9]\d{0,8})|(\*))[ \t\r\n]*\]/;
const escaped = /\\(?:u([0-9A-Fa-f]{4})|([^]))/g;
const escapes: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["/", "/"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);
const examples = "write it like $.items[*].price, $['a name'][0] or $..price";

/** @param text with the `$` */
export function readJsonPath(text: string): Reading<readonly PathStep[]> {
  if (!text.startsWith("$")) return wrong(`${text} is no JSON path`, "begin with $");
  const steps: PathStep[] = [];
  let rest = text.slice(1);
  while (rest !== "") {
    const descends = rest.startsWith("..");
    const after = descends ? rest.slice(2) : rest.startsWith(".") ? rest.slice(1) : rest;
    const isDotted = after !== rest && !after.startsWith("[");
    if (after.startsWith("[") && !descends && after !== rest) return wrong(`${text} has ".[" in it`, examples);
    const found = isDotted ? readShorthand(after) : readBracket(after);
    if (found === null) return wrong(`${text} is not understood from "${rest}" on`, adviceFor(rest));
    steps.push({ selector: found.selector, descends });
    rest = after.slice(found.length);
  }
  return read(steps);
}

interface Found {
  readonly selector: Selector;
  readonly length: number;
}

function readShorthand(text: string): Found | null {
  if (text.startsWith("*")) return { selector: { kind: "any" }, length: 1 };
  const name = shorthand.exec(text)?.[0];
  return name === undefined ? null : { selector: { kind: "member", name }, length: name.length };
}

function readBracket(text: string): Found | null {
  const match = bracketed.exec(text);
  if (match === null) return null;
  const [{ length }, single, double, index, star] = match;
  if (star !== undefined) return { selector: { kind: "any" }, length };
  if (index !== undefined) return { selector: { kind: "element", index: Number(index) }, length };
  const name = unescape(single ?? double ?? "");
  return name === null ? null : { selector: { kind: "member", name }, length };
}

/** Null for an escape that RFC 9535 does not know. */
function unescape(quoted: string): string | null {
  let isKnown = true;
  const text = quoted.replace(escaped, (_, code: string | undefined, letter: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const meant = escapes.get(letter ?? "");
    if (meant === undefined) isKnown = false;
    return meant ?? "";
  });
  return isKnown ? text : null;
}

function adviceFor(rest: string): string {
  if (/^\.{0,2}\[\s*-/.test(rest)) return "count elements from the start: [0]";
  if (/^\.{0,2}\[\s*\?/.test(rest)) return "filters are not known; name the member or use [*]";
  if (/^\.{0,2}\[[^\]'"]*[:,]/.test(rest)) return "slices and lists are not known; use [*], or one rule for each";
  if (/^\.{0,2}[^[]*-/.test(rest)) return "a name with other characters than letters, digits and _ stands in quotes: ['a-name']";
  return examples;
}
