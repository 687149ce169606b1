/** Header fields that are lists of directives: `max-age=60, private`, `default-src 'self'; img-src *`. Their order says
 * nothing, their names know no case, and each directive is compared for itself, so that the report can name it. */

import type { Difference } from "../../model/difference.ts";
import { excerpt } from "./excerpt.ts";
import type { AnswerPair } from "./pair.ts";
import { anyValue } from "./transitions.ts";

/** How a field writes its directives. */
export interface DirectiveGrammar {
  /** Between two directives. */
  readonly separator: "," | ";";
  /** Between the name of a directive and what it says. */
  readonly assignment: "=" | " ";
  /** What it says is the same in any order, and in any case. */
  readonly isWordSet?: boolean;
}

/** Cache-Control (RFC 9111 §5.2), Strict-Transport-Security (RFC 6797), dictionaries (RFC 9651). */
export const commaDirectives: DirectiveGrammar = { separator: ",", assignment: "=" };
export const semicolonDirectives: DirectiveGrammar = { separator: ";", assignment: "=" };
/** Content-Security-Policy (CSP Level 3 §2.2): a directive is a set of sources. */
export const policyDirectives: DirectiveGrammar = { separator: ";", assignment: " ", isWordSet: true };

/** A number that is made for one answer: its presence counts. */
const nonce = /'nonce-[^']*'/g;

/** Splits at a separator that stands neither in quotes nor in brackets. */
export function splitList(value: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let part = "";
  let closing = "";
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === separator && closing === "") {
      parts.push(part);
      part = "";
      continue;
    }
    part += character;
    if (closing === '"' && character === "\\") part += value.charAt(++at);
    else if (closing !== "") closing = character === closing ? "" : closing;
    else closing = brackets[character] ?? "";
  }
  return [...parts, part].map((text) => text.trim()).filter((text) => text !== "");
}

const brackets: Readonly<Record<string, string>> = { '"': '"', "(": ")", "<": ">" };

/** Compares two lists as one leaf. */
export function compareDirectives(left: string, right: string, path: string, grammar: DirectiveGrammar, pair: AnswerPair): void {
  const before = readDirectives(left, grammar);
  const after = readDirectives(right, grammar);
  const names = [...before.keys()];
  const gone = names.filter((name) => !after.has(name));
  const added = [...after.keys()].filter((name) => !before.has(name));
  const changed = names.filter((name) => after.has(name) && before.get(name) !== after.get(name));
  if (gone.length + added.length + changed.length === 0) return pair.ledger.agree();
  const sides = { from: excerpt(left), to: excerpt(right) };
  return pair.ledger.differ({
    location: "header",
    path,
    kind: "header.value",
    level: "value",
    ...sides,
    transition: named(gone, added, changed),
  });
}

/** "fewer" and "more" for what came and went, the name for a directive that says something else. */
function named(gone: readonly string[], added: readonly string[], changed: readonly string[]): Difference["transition"] {
  if (gone.length + added.length === 0) return changed.join(", ");
  if (changed.length > 0 || (gone.length > 0 && added.length > 0)) return anyValue;
  return gone.length > 0 ? "fewer" : "more";
}

function readDirectives(value: string, { separator, assignment, isWordSet }: DirectiveGrammar): Map<string, string> {
  return new Map(
    splitList(value, separator).map((directive) => {
      const end = directive.indexOf(assignment);
      const name = end < 0 ? directive : directive.slice(0, end);
      const said = end < 0 ? "" : directive.slice(end + 1).trim();
      return [name.trim().toLowerCase(), isWordSet ? wordSet(said) : unquoted(said)] as const;
    }),
  );
}

function wordSet(text: string): string {
  return [...new Set(text.replace(nonce, "'nonce'").split(/\s+/))].sort().join(" ");
}

/** RFC 9110 §5.6.6: a token and the same token in quotes are one value. */
function unquoted(text: string): string {
  return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
}
