/** Values that are new in every answer by nature, told by their format: for runs without a control, where
 * nothing else says that a field is noisy. */

import { formatOf } from "./compare/formats.ts";

/** First word of the formats of `formatOf`; a plain date is not among them: it rarely changes between two answers. */
const volatileFormats: ReadonlySet<string> = new Set([
  "uuid",
  "ulid",
  "jwt",
  "hex",
  "token",
  "epoch",
  "rfc3339",
  "http-date",
  "time",
  "duration",
]);

/** Formats of random ids, which a value can fall out of by chance: one id in ten has no digit. */
const randomFormats: ReadonlySet<string> = new Set(["hex", "token"]);
const tokenAlphabet = /^[A-Za-z0-9_+/=~-]+$/;
/** Pairs of a leaf with a volatile format that look like something else all the same. */
const strayShare = 0.2;

/** Whether both sides have the same volatile format. Quotes of a JSON string and of an entity tag are looked through. */
export function sameVolatileFormat(from: string | null, to: string | null): boolean {
  if (from === null || to === null) return false;
  const [left, right] = [plain(from), plain(to)];
  const [before, after] = [volatileFormat(left), volatileFormat(right)];
  if (before !== null && before === after) return true;
  return left.length === right.length && isStrayed(left, after) !== isStrayed(right, before);
}

/** Whether a leaf's format is volatile, by all pairs of different values that were seen of it: few of them are `others`. */
export function isVolatileLeaf(pairs: number, others: number): boolean {
  return others <= strayShare * pairs;
}

/** A value that is written as a random id may be, where the value beside it looks like one. */
function isStrayed(value: string, formatBeside: string | null): boolean {
  return formatBeside !== null && randomFormats.has(formatBeside) && tokenAlphabet.test(value);
}

function plain(rendered: string): string {
  return rendered.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}

function volatileFormat(value: string): string | null {
  const name = formatOf(value).split(" ", 1)[0] ?? "";
  return volatileFormats.has(name) ? name : null;
}
