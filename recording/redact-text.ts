/** Redacts text of no known structure: header values, plain bodies, strings inside JSON. Byte strings.
 *
 *    JSON, or lines of JSON (also after `data:`)    by its keys
 *    name=value, "name": "value"                    the value
 *    scheme://user:password@host                    the password                                */

import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { redactJson } from "./redact-json.ts";
import type { Rules } from "./redact-parameters.ts";
import { schemeAhead } from "./secrets.ts";

/** JSON in a string in JSON in a string …: deeper nobody nests, and each level is parsed anew. */
const maxNesting = 4;
/** Twice the nodes that a body at the usual 1 MiB cap can have. */
const maxNodes = 1_000_000;
/** A name this long is none. */
const longestName = 128;

/** A JSON text that has sensitive names but cannot be read: nobody can say where its secrets are. */
export const unreadable: unique symbol = Symbol("unreadable");

/** @param nesting how many JSON strings this text was found in */
export function redactText(text: string, rules: Rules, nesting = 0): string {
  if (!rules.names.mayOccurIn(text)) return text;
  if (looksLikeJson(text)) {
    const redacted = redactJsonText(text, rules, nesting);
    if (redacted !== unreadable) return redacted;
  }
  if (text.includes("\n")) {
    const lines = text.split("\n");
    return lines.map((line) => redactLine(line, rules, nesting)).join("\n");
  }
  return redactLine(text, rules, nesting);
}

/** A JSON text; the bytes stay as they are when there is nothing to redact. */
export function redactJsonText(text: string, rules: Rules, nesting = 0): string | typeof unreadable {
  if (!rules.names.mayOccurIn(text)) return text;
  if (nesting > maxNesting) return unreadable;
  // Some servers put a byte order mark in front, which is no JSON but harmless.
  const mark = text.startsWith("\u00ef\u00bb\u00bf") ? text.slice(0, 3) : "";
  const parsed = parseJson(Buffer.from(text.slice(mark.length), "latin1"), { maxNodes });
  if (parsed.kind !== "parsed") return unreadable;
  const redacted = redactJson(parsed.root, rules, (string) => redactText(string, rules, nesting + 1));
  return redacted === parsed.root ? text : mark + Buffer.from(writeJson(redacted)).toString("latin1");
}

function redactLine(line: string, rules: Rules, nesting: number): string {
  const [, before = "", json = ""] = /^((?:data:)?\s*)([{[].*)$/s.exec(line) ?? [];
  if (json !== "") {
    const redacted = redactJsonText(json, rules, nesting);
    if (redacted !== unreadable) return before + redacted;
  }
  return redactAssignments(redactLiterals(redactUserInfo(line, rules), rules), rules);
}

function redactUserInfo(text: string, rules: Rules): string {
  return text.replace(/(:\/\/[^\s/?#@:"'<>]*):([^\s/?#@"'<>]+)@/g, (_all, before: string, password: string) => {
    return `${before}:${rules.secrets.replaceValue(password)}@`;
  });
}

/** "name": "value" outside of readable JSON, as in scripts. */
function redactLiterals(text: string, rules: Rules): string {
  const literal = /(["'])([^"'\\\n]{1,128})\1(\s{0,8}:\s{0,8})(?:(["'])((?:[^"'\\\n]|\\.)*)\4|(-?\d[\d.eE+-]*))/g;
  return text.replace(
    literal,
    (all, quote: string, name: string, colon: string, open: string | undefined, value: string | undefined, number: string | undefined) => {
      if (!rules.names.matches(name)) return all;
      const mark = open ?? quote;
      return quote + name + quote + colon + mark + rules.secrets.replaceValue(value ?? number ?? "") + mark;
    },
  );
}

/** name=value, with or without quotes and spaces; from one `=` to the next, so the time is linear. */
function redactAssignments(text: string, rules: Rules): string {
  let out = "";
  let done = 0;
  for (let equals = text.indexOf("="); equals >= 0; equals = text.indexOf("=", Math.max(equals + 1, done))) {
    const name = nameBefore(text, done, equals);
    if (name === "" || isComparison(text, equals) || !rules.names.matches(decoded(name))) continue;
    const { start, end } = valueAfter(text, equals);
    out += text.slice(done, start) + rules.secrets.replaceValue(text.slice(start, end));
    done = end;
  }
  return out + text.slice(done);
}

/** `token == null` in a script. */
function isComparison(text: string, equals: number): boolean {
  return /^==+\s/.test(text.slice(equals, equals + 4));
}

function nameBefore(text: string, from: number, equals: number): string {
  const before = text.slice(Math.max(from, equals - longestName), equals);
  return /([\w.%\-[\]$]+)["']?[ \t]{0,8}$/.exec(before)?.[1] ?? "";
}

function valueAfter(text: string, equals: number): { readonly start: number; readonly end: number } {
  let start = equals + 1;
  while (text[start] === " " || text[start] === "\t") start++;
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, start + 1);
    if (close >= 0) return { start: start + 1, end: close };
    start++;
  }
  schemeAhead.lastIndex = start;
  const afterScheme = schemeAhead.test(text) ? schemeAhead.lastIndex : start;
  // A comma or semicolon may be part of a secret; it ends the value only where another name=value follows.
  const end = /[\s&"'<>#]|[;,]\s?[\w.%\-[\]$]{1,128}=/g;
  end.lastIndex = afterScheme;
  return { start, end: end.exec(text)?.index ?? text.length };
}

function decoded(name: string): string {
  return name.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function looksLikeJson(text: string): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*[{[]/.test(text);
}
