/** Compares two texts line by line. Lines that differ only in numbers, ids and times are told from
 * others: they are noise far more often. */

import { diffArrays } from "diff";
import { excerpt } from "./excerpt.ts";
import type { AnswerPair } from "./pair.ts";

/** More changed lines than this are another text, not an edit of this one. */
const maxChangedLines = 20;
/** Lines that are aligned; the rest is compared as a whole. */
const maxAlignedLines = 20_000;
/** Edits that the alignment looks for before it gives up (its cost grows with their square). */
const maxEdits = 1_000;
/** Path of lines that differ in numbers, ids and times only. */
const maskedPath = "masked";

/** Ids first, so that the digits in them do not break them up. */
const volatile =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b(?=[a-z]*\d)[0-9a-f]{8,}\b|\d+(?:\.\d+)*/gi;

/** Compares two different texts; paths are '' for lines and `masked` for lines that are alike but for numbers. */
export function compareTextBodies(left: string, right: string, pair: AnswerPair): void {
  const before = left.split(/\r\n|[\r\n]/);
  const after = right.split(/\r\n|[\r\n]/);
  const { ledger } = pair;
  if (Math.max(before.length, after.length) > maxAlignedLines) return block(before, after, pair);
  const [maskedBefore, maskedAfter] = [before.map(mask), after.map(mask)];
  if (leastEdits(maskedBefore, maskedAfter) > maxEdits) return block(before, after, pair);
  const edits = diffArrays(maskedBefore, maskedAfter, { maxEditLength: maxEdits });
  if (edits === undefined) return block(before, after, pair);

  let i = 0;
  let j = 0;
  let agreeing = 0;
  let masked: readonly [string, string] | null = null;
  const missing: string[] = [];
  const extra: string[] = [];
  for (const edit of edits) {
    if (edit.removed) missing.push(...before.slice(i, (i += edit.count)));
    else if (edit.added) extra.push(...after.slice(j, (j += edit.count)));
    else {
      for (let line = 0; line < edit.count; line++, i++, j++) {
        if (before[i] === after[j]) agreeing++;
        else masked ??= [before[i] ?? "", after[j] ?? ""];
      }
    }
  }
  ledger.agree(agreeing);
  if (masked !== null) {
    const sides = { from: excerpt(masked[0]), to: excerpt(masked[1]) };
    ledger.differ({ location: "body", path: maskedPath, kind: "text.line", level: "value", ...sides, transition: "masked" });
  }
  if (Math.max(missing.length, extra.length) > maxChangedLines) return block(missing, extra, pair);
  if (missing.length + extra.length > 0) {
    const sides = {
      from: missing.length === 0 ? null : excerpt(missing.join("\n")),
      to: extra.length === 0 ? null : excerpt(extra.join("\n")),
    };
    ledger.differ({ location: "body", path: "", kind: "text.line", level: "value", ...sides, transition: "line" });
  } else if (masked === null) {
    ledger.differ({
      location: "body",
      path: "",
      kind: "text.line",
      level: "lexeme",
      from: lineEndsOf(left),
      to: lineEndsOf(right),
      transition: "line endings",
    });
  }
}

/** "CRLF", "LF", or those there are: "CRLF and LF". */
function lineEndsOf(text: string): string {
  const ends = new Set(text.match(/\r\n|[\r\n]/g));
  const names = [
    ["\r\n", "CRLF"],
    ["\n", "LF"],
    ["\r", "CR"],
  ] as const;
  return names.flatMap(([end, name]) => (ends.has(end) ? [name] : [])).join(" and ");
}

function block(left: readonly string[], right: readonly string[], pair: AnswerPair): void {
  const sides = {
    from: `${left.length} lines: ${excerpt(left.slice(0, 1).join(""))}`,
    to: `${right.length} lines: ${excerpt(right.slice(0, 1).join(""))}`,
  };
  pair.ledger.differ({
    location: "body",
    path: "",
    kind: "text.block",
    level: "value",
    from: excerpt(sides.from),
    to: excerpt(sides.to),
    transition: "block",
  });
}

/** Lines that one text has and the other has not, however they are aligned: so many edits at least lie between the two. */
function leastEdits(left: readonly string[], right: readonly string[]): number {
  const surplus = new Map<string, number>();
  for (const line of left) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of right) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  let edits = 0;
  for (const count of surplus.values()) edits += Math.abs(count);
  return edits;
}

function mask(line: string): string {
  return line.replace(volatile, "#");
}
