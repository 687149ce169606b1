/** YAML, as far as redaction of text needs it: what lies below a sensitive key. Byte strings.
 *
 *    tls_key: |        a block scalar, also after `&anchor` and `!tag`, with empty lines in it
 *      S
 *    secrets: # note   a map or list
 *      a: S
 *    password: two     a plain value that goes on in deeper lines
 *      S
 *    - name: PASSWORD  a pair: the value of another key, as in manifests of Kubernetes
 *      value: S */

import type { Rules } from "./redact-parameters.ts";

/** What a block becomes. `end` is where it ends in the text. */
interface Block {
  readonly end: number;
  readonly written: string;
}

/** What stands behind `key:` when the value is below. */
const blockHeader = /^(?:[&!][^\s,[\]{}]{0,64}(?:[ \t]{1,8}|$)){0,2}(?:([|>])[-+\d]{0,2})?[ \t]{0,8}(?:#(?:[ \t][^\n]*)?)?$/;
const namingLine = /^(?:name|key|field|id|header|param)$/i;
const valueLine = /^(?:value|val|content)$/i;
/** `  - "key": value` */
const keyAndValue = /^([ \t]*(?:- {1,8})?)(["']?)([\w.-]{1,128})\2[ \t]{0,8}[:=](?:[ \t]+(["']?)([^\n"',]{1,128})\4)?,?[ \t]{0,8}\r?$/;
const keyAlone = /^([ \t]*(?:- {1,8})?)(["']?)([\w.-]{1,128})\2[ \t]{0,8}[:=]/;
/** A pair has few other keys between name and value. */
const mostLinesApart = 8;

/** The lines of a text, one after the other, each with its line break left out. */
function lineAt(text: string, from: number): { readonly line: string; readonly end: number; readonly next: number } | null {
  if (from > text.length || from < 0) return null;
  const found = text.indexOf("\n", from);
  const next = found < 0 ? text.length + 1 : found + 1;
  const stop = found < 0 ? text.length : found;
  const end = stop > from && text[stop - 1] === "\r" ? stop - 1 : stop;
  return { line: text.slice(from, end), end, next };
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** What lies below a key whose value starts at `start`; null = nothing does.
 * @param indent of the key */
export function yamlBlock(text: string, start: number, indent: number, rules: Rules): Block | null {
  const first = lineAt(text, start);
  const header = first === null ? null : blockHeader.exec(first.line);
  if (first === null || header === null) return null;
  const isScalar = header[1] !== undefined;
  let out = first.line;
  let end = first.end;
  let scalar = "";
  // Empty lines, and comments in a map, belong to it only if more of it follows.
  let pending = "";
  for (let at = lineAt(text, first.next); at !== null; at = lineAt(text, at.next)) {
    const { line } = at;
    const depth = depthOf(line);
    if (depth === line.length || (!isScalar && line.startsWith("#", depth) && depth <= indent)) {
      pending += `\n${line}`;
      continue;
    }
    if (depth <= indent && !(!isScalar && depth === indent && /^- |^-$/.test(line.slice(depth)))) break;
    if (isScalar) scalar += (scalar === "" ? "" : pending.replace(/[^\n]/g, "") + "\n") + line.trim();
    else out += `${pending}\n${redactBlockLine(line, rules)}`;
    pending = "";
    end = at.end;
  }
  if (end === first.end) return null;
  if (scalar !== "") out += `\n${" ".repeat(indent + 2)}${rules.secrets.replaceValue(scalar)}`;
  return { end, written: out };
}

function redactBlockLine(line: string, rules: Rules): string {
  const [, before = "", quote = "", value = ""] =
    /^(\s*(?:- +)?(?:["']?[\w.-]{1,128}["']?:(?: +|(?=\s*$)))?)(["']?)(.*?)\2,?\s*$/.exec(line) ?? [];
  return value === "" ? line : before + quote + rules.secrets.replaceValue(value) + quote;
}

/** The deeper lines in which a plain value goes on. */
export function plainContinued(text: string, end: number, indent: number): { readonly end: number; readonly more: string } {
  let more = "";
  let last = end;
  let at = lineAt(text, text.indexOf("\n", end) + 1 || text.length + 1);
  while (at !== null && depthOf(at.line) > indent && depthOf(at.line) < at.line.length) {
    // What YAML would not read as a part of the value.
    if (/:(?:\s|$)|\s#/.test(at.line)) break;
    more += ` ${at.line.trim()}`;
    last = at.end;
    at = lineAt(text, at.next);
  }
  return { end: last, more };
}

/** Where keys called `value` start whose `name` is a sensitive one, and that name. */
export function namedValues(text: string, rules: Rules): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (!/\b(?:value|val|content)["']?[ \t]{0,8}[:=]/i.test(text)) return found;
  const lines = keyLines(text);
  lines.forEach(({ column, key, value }, index) => {
    if (value === "" || !namingLine.test(key) || !rules.names.matches(value)) return;
    for (const step of [1, -1]) {
      const inItem = (of: KeyLine | undefined): of is KeyLine => of !== undefined && of.column >= column;
      for (let other = index + step, left = mostLinesApart; left > 0; other += step, left--) {
        const line = lines[other];
        if (!inItem(line) || (line.column === column && (step > 0 ? line : lines[other + 1])?.isItem === true)) break;
        if (line.column === column && valueLine.test(line.key)) found.set(line.start, value);
      }
    }
  });
  return found;
}

interface KeyLine {
  /** Of the key, its quote included. */
  readonly start: number;
  readonly column: number;
  readonly isItem: boolean;
  readonly key: string;
  readonly value: string;
}

/** Lines that start with a key. */
function keyLines(text: string): KeyLine[] {
  const found: KeyLine[] = [];
  for (let at = lineAt(text, 0), from = 0; at !== null; from = at.next, at = lineAt(text, at.next)) {
    const match = keyAndValue.exec(at.line) ?? keyAlone.exec(at.line);
    if (match === null) continue;
    const [, before = "", , key = "", , value = ""] = match;
    found.push({ start: from + before.length, column: before.length, isItem: before.includes("-"), key, value });
  }
  return found;
}
