/** Redacts the columns of a table in text whose heads name a secret. Byte strings; quotes and line breaks stay.
 *
 *    user,password        user;"api key"        | user | password |
 *    ann,S                ann;"S"               |------|----------|
 *                                               | ann  | S        |
 *
 * The first line has to be nothing but names, so that prose with a comma is none (RFC 4180 for the quotes). */

import type { Rules } from "./redact-parameters.ts";

const separators: readonly string[] = [",", ";", "\t", "|"];
/** A head is a few words. */
const head = /^[\w .\-[\]]{1,64}$/;
/** The line under the heads of a table in Markdown. */
const ruler = /^:?-{2,}:?$/;

interface Cell {
  readonly start: number;
  readonly end: number;
}

export function redactColumns(text: string, rules: Rules): string {
  const lineEnd = text.indexOf("\n");
  if (lineEnd < 0) return text;
  const first = text.slice(0, lineEnd);
  for (const separator of separators) {
    if (!first.includes(separator)) continue;
    const heads = cellsOf(text, 0, separator).cells.map((cell) => plain(text, cell).value);
    const names = isFramed(heads) ? heads.slice(1, -1) : heads;
    if (names.length < 2 || !names.every((name) => head.test(name))) continue;
    const columns = new Set(heads.flatMap((name, index) => (name !== "" && rules.names.matches(name) ? [index] : [])));
    return columns.size === 0 ? text : redactCells(text, lineEnd + 1, { separator, columns, width: heads.length }, rules);
  }
  return text;
}

/** Between bars that stand at both ends of a line. */
function isFramed(heads: readonly string[]): boolean {
  return heads.length > 2 && heads[0] === "" && heads.at(-1) === "";
}

interface Table {
  readonly separator: string;
  readonly columns: ReadonlySet<number>;
  readonly width: number;
}

/** Lines of another width are none of the table's. */
function redactCells(text: string, from: number, { separator, columns, width }: Table, rules: Rules): string {
  let out = text.slice(0, from);
  let done = from;
  for (let at = from; at < text.length; ) {
    const { cells, next } = cellsOf(text, at, separator);
    at = next;
    if (cells.length !== width) continue;
    for (const column of columns) {
      const cell = cells[column];
      if (cell === undefined) continue;
      const { value, start, end } = plain(text, cell);
      if (value === "" || ruler.test(value)) continue;
      const replaced = rules.secrets.replaceValue(value);
      if (replaced === value) continue;
      out += text.slice(done, start) + replaced;
      done = end;
    }
  }
  return out + text.slice(done);
}

/** One record; in quotes it may hold separators and line breaks. */
function cellsOf(text: string, from: number, separator: string): { readonly cells: readonly Cell[]; readonly next: number } {
  const cells: Cell[] = [];
  for (let start = from; ; ) {
    let end = behindQuotes(text, start);
    while (end < text.length && text[end] !== separator && text[end] !== "\n") end++;
    cells.push({ start, end });
    if (text[end] !== separator) return { cells, next: end + 1 };
    start = end + 1;
  }
}

/** Where the quotes around a cell end; its start when there are none. */
function behindQuotes(text: string, start: number): number {
  let at = start;
  while (text[at] === " ") at++;
  if (text[at] !== '"') return start;
  for (at = text.indexOf('"', at + 1); text[at + 1] === '"' && at > 0; ) at = text.indexOf('"', at + 2);
  return at < 0 ? start : at + 1;
}

/** Without the space and the quotes around. */
function plain(text: string, { start, end }: Cell): Cell & { readonly value: string } {
  const written = text.slice(start, end);
  const before = written.length - written.trimStart().length;
  const trimmed = written.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const inner = start + before + (isQuoted ? 1 : 0);
  const length = trimmed.length - (isQuoted ? 2 : 0);
  const value = text.slice(inner, inner + length);
  return { value: isQuoted ? value.replaceAll('""', '"') : value, start: inner, end: inner + length };
}
