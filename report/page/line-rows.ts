/** Up to three bodies side by side, line against line.
 *
 *    primary │ control │ candidate         a row is one line of each, found by diffing every
 *    lines   │ lines   │ lines             other side against the first                     */

import { diffArrays } from "diff";
import { visible } from "../visible.ts";

/** One cell per side: its text, 0 when it is the same as the first side's, null when that side has no such line. */
export type Cell = string | 0 | null;
/** A number stands for that many equal rows left out. */
export type Row = readonly Cell[] | number;

/** Past so many changed lines a better alignment is not worth its time: lines are paired by position. */
const mostEdits = 400;
/** Bodies up to so many rows are kept whole; longer ones keep what is near a change. */
const keptWhole = 400;
const context = 12;
const mostRows = 1200;
/** Characters of one line; a longer one is cut around the place where it differs. */
const lineLimit = 600;
const lineLead = 120;

/** @param sides lines of each side, at least one; the first is what the others are compared with */
export function lineRows(sides: readonly (readonly string[])[]): Row[] {
  const [base = [], ...others] = sides;
  const alignments = others.map((lines) => align(base, lines));
  const rows: Cell[][] = [];
  for (let index = 0; index <= base.length; index++) {
    const inserted = alignments.map((alignment) => alignment.inserted[index] ?? []);
    const most = Math.max(0, ...inserted.map((lines) => lines.length));
    for (let extra = 0; extra < most; extra++) rows.push([null, ...inserted.map((lines) => cell(lines[extra] ?? null, null))]);
    const line = base[index];
    if (line === undefined) continue;
    const partners = alignments.map((alignment) => alignment.matched[index] ?? null);
    const differing = partners.find((partner) => partner !== null && partner !== line) ?? null;
    rows.push([cell(line, differing), ...partners.map((partner) => (partner === line ? 0 : cell(partner, line)))]);
  }
  return folded(rows);
}

interface Alignment {
  /** The other side's line for each line of the base; null = it has none. */
  readonly matched: readonly (string | null)[];
  /** Lines that only the other side has, before line i of the base. */
  readonly inserted: readonly (readonly string[])[];
}

function align(base: readonly string[], other: readonly string[]): Alignment {
  const matched: (string | null)[] = [];
  const inserted: string[][] = Array.from({ length: base.length + 1 }, () => []);
  const changes = diffArrays([...base], [...other], { maxEditLength: mostEdits });
  if (changes === undefined) {
    return { matched: base.map((_, index) => other[index] ?? null), inserted: inserted.with(base.length, other.slice(base.length)) };
  }
  // Within one hunk the k-th removed line is laid beside the k-th added one.
  let removed = 0;
  let added: string[] = [];
  const settle = (): void => {
    for (let k = 0; k < removed; k++) matched.push(added[k] ?? null);
    inserted[matched.length]?.push(...added.slice(removed));
    removed = 0;
    added = [];
  };
  for (const change of changes) {
    if (change.removed) removed += change.value.length;
    else if (change.added) added = added.concat(change.value);
    else {
      settle();
      for (const line of change.value) matched.push(line);
    }
  }
  settle();
  return { matched, inserted };
}

/** One line, safe to show, cut to the part around its first difference from `against`. */
function cell(line: string | null, against: string | null): string | null {
  if (line === null) return null;
  if (line.length <= lineLimit) return visibleLine(line);
  const start = against === null ? 0 : Math.max(0, commonPrefix(line, against) - lineLead);
  const end = Math.min(line.length, start + lineLimit);
  const before = start > 0 ? `[${start} characters] …` : "";
  const after = end < line.length ? `… [${line.length - end} more characters]` : "";
  return before + visibleLine(line.slice(start, end)) + after;
}

/** Tabs act on nothing outside a terminal, and indentation is better seen than spelt. */
function visibleLine(line: string): string {
  return line.split("\t").map(visible).join("\t");
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** Leaves out equal rows far from every change when there are too many to keep. */
function folded(rows: readonly Cell[][]): Row[] {
  if (rows.length <= keptWhole) return [...rows];
  const near = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (row.slice(1).every((other) => other === 0) && row.length > 1) continue;
    for (let i = index - context; i <= index + context; i++) near.add(i);
  }
  for (let i = 0; i < context; i++) near.add(i);
  const out: Row[] = [];
  let skipped = 0;
  for (const [index, row] of rows.entries()) {
    if (!near.has(index) || out.length >= mostRows) {
      skipped++;
      continue;
    }
    if (skipped > 0) out.push(skipped);
    skipped = 0;
    out.push(row);
  }
  if (skipped > 0) out.push(skipped);
  return out;
}
