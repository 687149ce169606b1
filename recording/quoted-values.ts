/** Values in quotes, in the ways of many grammars. Byte strings.
 *
 *    "S"  'S'  `S`      as everybody writes them, with escapes
 *    \"S\"              in a string that nobody has unescaped
 *    """S"""  '''S'''   GraphQL, TOML, Python: quotes and line breaks inside
 *    'it''sS'           YAML, SQL: a doubled quote is one of the value's
 *    ""S""              in a field of CSV */

import { byteString, fromByteString } from "./secrets.ts";

/** Backslashes before a quote: JSON in JSON in JSON in a string. */
export const mostBackslashes = 15;

export interface Quoted {
  /** Where the value starts, and where the quotes that close it do; null = they do not. */
  readonly start: number;
  readonly end: number | null;
  readonly secret: (written: string) => string;
}

/** What the quote at `quote` opens.
 * @param next finds the next of a mark, or the end of the text
 * @param isDoubled the name stood in doubled quotes */
export function quotedAt(
  text: string,
  { quote, backslashes, isDoubled }: { readonly quote: number; readonly backslashes: number; readonly isDoubled: boolean },
  next: (mark: string, from: number) => number,
): Quoted {
  const mark = text.charAt(quote);
  const of = (length: number): Quoted | null => {
    const marks = mark.repeat(length);
    const start = quote + length;
    const end = text.startsWith(marks, quote) ? next(marks, start) : text.length;
    return end < text.length ? { start, end, secret: (written) => written } : null;
  };
  const many = backslashes > 0 ? null : isDoubled ? of(2) : of(3);
  if (many !== null) return many;
  return { start: quote + 1, end: closingQuote(text, quote, backslashes), secret: (written) => unescaped(written, mark) };
}

/** The end of what a quote with so many backslashes opens, before the backslashes of the closing one. */
export function closingQuote(text: string, quote: number, backslashes: number): number | null {
  const mark = text.charAt(quote);
  for (let at = text.indexOf(mark, quote + 1); at >= 0; at = text.indexOf(mark, at + 1)) {
    let first = at;
    while (first > quote + 1 && text[first - 1] === "\\") first--;
    const before = at - first;
    // A doubled quote belongs to the value; two at its start are all of it.
    if (backslashes === 0 && before % 2 === 0 && at > quote + 1 && text[at + 1] === mark) at++;
    else if (backslashes === 0 ? before % 2 === 0 : before <= backslashes) return backslashes === 0 ? at : first;
  }
  return null;
}

/** JSON's escapes and doubled quotes, where they are some. */
export function unescaped(written: string, quote: string): string {
  const single = written.includes(quote + quote) ? written.replaceAll(quote + quote, quote) : written;
  if (quote !== '"' || single !== written || !written.includes("\\")) return single;
  try {
    const value: unknown = JSON.parse(`"${fromByteString(written)}"`);
    return typeof value === "string" ? byteString(value) : written;
  } catch {
    // Another language's escapes: the token is that of the spelling.
    return written;
  }
}

const comment = /\/\*(?:[^*]|\*(?!\/)){0,256}\*\//.source;
/** Line breaks (also those between two `data:` lines) and comments before a quote. */
const gap = new RegExp(`(?:[ \\t]*(?:\\r?\\n(?:data:)?|${comment})){1,8}[ \\t]*(?=(\\\\{0,${mostBackslashes}}["'\`]))`, "y");
const keyAhead = /(["'`])[^"'`\n]{0,256}\1[ \t]{0,8}[:=]/y;

/** Where a value in quotes starts that stands behind line breaks or comments; `start` when it does not. */
export function afterGap(text: string, start: number): number {
  if (!/[\s/]/.test(text.charAt(start))) return start;
  gap.lastIndex = start;
  if (!gap.test(text)) return start;
  const found = gap.lastIndex;
  keyAhead.lastIndex = found;
  // The key of a map below.
  return keyAhead.test(text) ? start : found;
}
