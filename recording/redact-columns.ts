/** Redacts the columns of a table in text whose heads name a secret. Byte strings; quotes and line breaks stay.
 *
 *    user,password        sep=;                 Any text
 *    ann,S                user;"api key"        | user | password |      +------+----------+
 *                         ann;"S"               |------|----------|      | user | password |
 *                                               | ann  | S        |      +------+----------+
 *
 * Separated values begin the text, but for comments (RFC 4180 for the quotes); tables with bars stand anywhere and end at the first
 * line without one. The heads have to be nothing but names, so that prose with a comma is none. */

import type { Rules } from "./redact-parameters.ts";

const separators: readonly string[] = [",", ";", "\t", "|"];
const byteOrderMark = "\u00ef\u00bb\u00bf";
/** A head is a few words; not what assigns, calls, or is an address, a path or a selector. */
const longestHead = 64;
const noHead = /[\0-\x1f=:;<>{}"\\@]|(?:^|\s|\/)\/|^[.#][a-z]/i;
/** Before the heads. */
const preface = /^(?:#.*|sep=.|\s*)$/i;
/** Words that a head may have where it may be prose: below other text. */
const mostWords = 3;
/** The line under the heads, above them and below the last row: `|:---|---:|`, `+----+----+`, `-----+-----`. */
const rulerLine = /^[-=+|:\s]+$/;
const rulerCell = /^:?-{2,}:?$/;

interface Cell {
  readonly start: number;
  readonly end: number;
}

interface Table {
  readonly separator: string;
  readonly columns: ReadonlySet<number>;
  readonly width: number;
  /** Rows may be shorter and longer than the heads. */
  readonly isRagged: boolean;
}

export function redactColumns(text: string, rules: Rules): string {
  if (!text.includes("\n")) return text;
  const values = redactSeparated(text, rules);
  return values.includes("|") ? redactBarred(values, rules) : values;
}

/** The text as separated values, if its first line has the heads of such. */
function redactSeparated(text: string, rules: Rules): string {
  const from = textStart(text);
  let start = from;
  while (start < text.length && preface.test(lineAt(text, start))) start = lineEnd(text, start) + 1;
  const first = lineAt(text, start);
  for (const separator of separators) {
    if (!first.includes(separator)) continue;
    const { cells, next } = new Cells(text, separator).at(start);
    const heads = cells.map((cell) => plain(text, cell).value);
    if ((separator === "|" && isFramed(heads)) || !areHeads(heads, 2)) continue;
    const isSpaced = /[,;]/.test(separator) && first.includes(`${separator} `) && !first.includes(` ${separator}`);
    if (isSpaced && start > from && heads.some(isPhrase)) continue;
    const columns = secretColumns(heads, rules);
    return columns.size === 0 ? text : redactCells(text, next, { separator, columns, width: heads.length, isRagged: !isSpaced }, rules);
  }
  return text;
}

/** Between bars that stand at both ends of a line. */
function isFramed(heads: readonly string[]): boolean {
  return heads.length > 2 && heads[0] === "" && heads.at(-1) === "";
}

function areHeads(heads: readonly string[], fewest: number): boolean {
  return heads.filter((name) => name !== "").length >= fewest && heads.every(isHead);
}

function isHead(name: string): boolean {
  return name.length <= longestHead && !noHead.test(name) && name.split("(").length === name.split(")").length;
}

function isPhrase(name: string): boolean {
  return name.split(" ").length > mostWords;
}

function secretColumns(heads: readonly string[], rules: Rules): ReadonlySet<number> {
  return new Set(heads.flatMap((name, index) => (name !== "" && rules.names.matches(name) ? [index] : [])));
}

/** From the first row to the end of the text. */
function redactCells(text: string, from: number, table: Table, rules: Rules): string {
  const reader = new Cells(text, table.separator);
  const out = new Pieces(text);
  for (let at = from; at < text.length; ) {
    const { cells, next } = reader.at(at);
    at = next;
    if (isRow(text, cells, table)) replaceCells(out, cells, table.columns, rules);
  }
  return out.whole();
}

/** Lines of another width are none of a table whose heads may be prose. A single cell is a row when it is no prose. */
function isRow(text: string, cells: readonly Cell[], { width, isRagged }: Table): boolean {
  if (cells.length === width) return true;
  const [only] = cells;
  return isRagged && (cells.length > 1 || (only !== undefined && !/\s/.test(plain(text, only).value)));
}

function replaceCells(out: Pieces, cells: readonly Cell[], columns: ReadonlySet<number>, rules: Rules): void {
  for (const column of columns) {
    const cell = cells[column];
    if (cell === undefined) continue;
    const { value, start, end } = plain(out.text, cell);
    if (value === "" || rulerCell.test(value)) continue;
    const replaced = rules.secrets.replaceValue(value);
    if (replaced !== value) out.put(start, end, replaced);
  }
}

/** Tables of Markdown and of databases' consoles, wherever they stand. */
function redactBarred(text: string, rules: Rules): string {
  const reader = new Cells(text, "|");
  const out = new Pieces(text);
  const start = textStart(text);
  /** Of the table that is open; null = its heads are still to come. */
  let columns: ReadonlySet<number> | null = null;
  for (let at = start; at < text.length; ) {
    const bar = columns === null ? text.indexOf("|", at) : at;
    if (bar < 0) break;
    if (columns === null) at = Math.max(at, text.lastIndexOf("\n", bar) + 1);
    const line = lineAt(text, at);
    const next = lineEnd(text, at) + 1;
    if (!isRuler(line)) {
      if (!line.includes("|")) columns = null;
      else if (columns === null) columns = columnsBelow(reader, { at, next, isFirst: at === start }, rules);
      else if (columns.size > 0) replaceCells(out, reader.ofLine(at), columns, rules);
    }
    at = next;
  }
  return out.whole();
}

function isRuler(line: string): boolean {
  return rulerLine.test(line) && /[-=]/.test(line);
}

interface HeadLine {
  readonly at: number;
  readonly next: number;
  /** Of the text. */
  readonly isFirst: boolean;
}

/** Heads stand above a ruler; or above a row as wide between bars, unless the name has its value beside it. */
function columnsBelow(reader: Cells, { at, next, isFirst }: HeadLine, rules: Rules): ReadonlySet<number> {
  const { text } = reader;
  const heads = reader.ofLine(at).map((cell) => plain(text, cell).value);
  if (!areHeads(heads, 1)) return new Set();
  const columns = secretColumns(isFirst ? heads : heads.map((name) => (isPhrase(name) ? "" : name)), rules);
  if (columns.size === 0 || isRuler(lineAt(text, next))) return columns;
  const width = isFramed(heads) && lineAt(text, next).includes("|") ? reader.ofLine(next).length : 0;
  const isPair = heads.length === "|a|b|".split("|").length && columns.has(1) && !columns.has(2) && !isFirst;
  return width === heads.length && !isPair ? columns : new Set();
}

function textStart(text: string): number {
  return text.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Without its line break. */
function lineAt(text: string, from: number): string {
  const end = lineEnd(text, from);
  return text.slice(from, text[end - 1] === "\r" ? Math.max(from, end - 1) : end);
}

/** A text of which pieces are replaced, from left to right. */
class Pieces {
  readonly text: string;
  #out = "";
  #done = 0;

  constructor(text: string) {
    this.text = text;
  }

  put(start: number, end: number, piece: string): void {
    this.#out += this.text.slice(this.#done, start) + piece;
    this.#done = end;
  }

  whole(): string {
    return this.#out + this.text.slice(this.#done);
  }
}

/** Reads records from left to right. */
class Cells {
  readonly text: string;
  readonly #separator: string;
  /** Up to here no single quote closes a cell. */
  #unclosed = 0;

  constructor(text: string, separator: string) {
    this.text = text;
    this.#separator = separator;
  }

  /** One record; in quotes it may hold separators and line breaks. */
  at(from: number): { readonly cells: readonly Cell[]; readonly next: number } {
    const cells: Cell[] = [];
    for (let start = from; ; ) {
      const end = this.#cellEnd(this.#behindQuotes(start));
      cells.push({ start, end });
      if (this.text[end] !== this.#separator) return { cells, next: end + 1 };
      start = end + 1;
    }
  }

  /** One line; a separator behind a backslash belongs to its cell. */
  ofLine(from: number): readonly Cell[] {
    const cells: Cell[] = [];
    for (let start = from; ; ) {
      let end = this.#cellEnd(start);
      while (this.text[end] === this.#separator && this.text[end - 1] === "\\") end = this.#cellEnd(end + 1);
      cells.push({ start, end });
      if (this.text[end] !== this.#separator) return cells;
      start = end + 1;
    }
  }

  #cellEnd(from: number): number {
    let end = from;
    while (end < this.text.length && this.text[end] !== this.#separator && this.text[end] !== "\n") end++;
    return end;
  }

  /** Where the quotes around a cell end; its start when there are none. */
  #behindQuotes(start: number): number {
    const { text } = this;
    let at = start;
    while (text[at] === " ") at++;
    if (text[at] === "'") return this.#behindSingleQuote(at) ?? start;
    if (text[at] !== '"') return start;
    for (at = text.indexOf('"', at + 1); text[at + 1] === '"' && at > 0; ) at = text.indexOf('"', at + 2);
    return at < 0 ? start : at + 1;
  }

  /** The one that closes stands before a separator or the end of the line: a word may begin with an apostrophe. */
  #behindSingleQuote(open: number): number | null {
    if (open < this.#unclosed) return null;
    const { text } = this;
    let at = open + 1;
    for (; at < text.length && text[at] !== "\n"; at++) {
      if (text[at] === "'" && /[\r\n]|^$/.test(text.charAt(at + 1).replace(this.#separator, "\n"))) return at + 1;
    }
    this.#unclosed = at;
    return null;
  }
}

/** Without the space and the quotes around. */
function plain(text: string, { start, end }: Cell): Cell & { readonly value: string } {
  const written = text.slice(start, end);
  const before = written.length - written.trimStart().length;
  const trimmed = written.trim();
  const quote = /^["']/.test(trimmed) && trimmed.length > 1 && trimmed.endsWith(trimmed.charAt(0)) ? trimmed.charAt(0) : "";
  const inner = start + before + quote.length;
  const length = trimmed.length - 2 * quote.length;
  const value = text.slice(inner, inner + length);
  return { value: quote === "" ? value : value.replaceAll(quote + quote, quote), start: inner, end: inner + length };
}
