/** Where a value without quotes ends: at white space, a quote, or the next `name=value`; where it has the line for itself, at the
 * end of the line; between the semicolons of a connection string, at the next of them. Byte strings. */

import { replacedAhead, schemeAhead } from "./secrets.ts";

export const space: RegExp = /[ \t]/;
export const quotes: RegExp = /["'`]/;
/** Schemes whose credentials are many words. */
const wordyScheme = /^(?:digest|hawk|oauth|mutual|aws4-hmac-sha256)$/i;
/** Cookies have spaces between them. */
const wholeLineName = /^(?:set-)?cookie$/i;
/** What starts the next `name=value`. */
const nextName = "[\"']?[\\w.%\\-[\\]$]{1,128}[\"']?\\s?[=:]";
const assignmentInside = new RegExp(`[\\s&;,]${nextName}`);
// A comma or semicolon may be part of a secret; it ends the value only where another name=value follows.
const endOfParameter = new RegExp(`[\\s&"'\`<>#]|[;,]\\s?${nextName}`, "g");
const endOfWord = new RegExp(`[\\s"'\`<>]|[;,]\\s?${nextName}`, "g");
/** Brackets and the like that may close behind a value. */
const mostClosers = 8;

/** A pair of a connection string is no longer. */
const longestPair = 256;
/** Names of connection strings have blanks in them. */
const pair = /^[ \t]{0,8}[a-z][\w .-]{0,64}=/i;
const pairEdge = /[;\n"'`]/;
const fewBlanks = /^[ \t]{0,8}$/;
const pairAfter = /;[ \t]{0,8}(?:[a-z][\w .-]{0,64}=|["'`\r\n]|$)/iy;

export interface Name {
  readonly text: string;
  readonly start: number;
  /** It stood in doubled quotes. */
  readonly isDoubled?: boolean;
}

/** A sensitive name, its sign, and where the value starts. */
export interface Place {
  readonly finder: Finder;
  readonly name: Name;
  readonly at: number;
  readonly start: number;
}

/** Finds the next of a character; asked along the text it reads every part of it once. */
export class Finder {
  readonly text: string;
  readonly #known = new Map<string, { readonly from: number; readonly at: number }>();

  constructor(text: string) {
    this.text = text;
  }

  /** The end of the text when there is none. */
  next(mark: string, from: number): number {
    const known = this.#known.get(mark);
    if (known !== undefined && known.from <= from && from <= known.at) return known.at;
    const found = this.text.indexOf(mark, from);
    const at = found < 0 ? this.text.length : found;
    this.#known.set(mark, { from, at });
    return at;
  }

  lineEnd(from: number): number {
    const end = this.next("\n", from);
    return end > from && end < this.text.length && this.text[end - 1] === "\r" ? end - 1 : end;
  }
}

/** Where a value without quotes ends. */
export function bareEnd(place: Place, startsLine: boolean): number {
  const { finder, name, at, start } = place;
  const { text } = finder;
  const around = text.charAt(name.start - 1);
  const isEnclosed = quotes.test(around) && finder.next(around, start) < finder.lineEnd(start);
  const most = isEnclosed ? finder.next(around, start) : finder.lineEnd(start);
  if (wholeLineName.test(name.text)) return most;
  const semicolon = text[at] === "=" ? semicolonAfter(place, most) : null;
  if (semicolon !== null) return semicolon;
  const isSpaced = text[at] === ":" || space.test(text.charAt(at - 1));
  if (isSpaced && (startsLine || isEnclosed)) {
    const rest = text.slice(start, most);
    if (!rest.includes("<") && !assignmentInside.test(rest)) {
      const comment = /\s#/.exec(rest)?.index ?? rest.length;
      return withoutClosers(text, start, start + rest.slice(0, comment).trimEnd().length);
    }
  }
  schemeAhead.lastIndex = start;
  const afterScheme = schemeAhead.test(text) ? schemeAhead.lastIndex : start;
  replacedAhead.lastIndex = afterScheme;
  if (replacedAhead.test(text) && endsBehind(text, around, replacedAhead.lastIndex)) return replacedAhead.lastIndex;
  if (afterScheme > start && wordyScheme.test(text.slice(start, afterScheme).trim())) return most;
  const end = text[at] === "=" ? endOfParameter : endOfWord;
  end.lastIndex = afterScheme;
  return withoutClosers(text, start, end.exec(text)?.index ?? text.length);
}

/** Whether what was replaced is the whole value. In a URL what follows belongs to the text around, as in `;sid=…/cart`; elsewhere
 * only the punctuation of a sentence does. */
function endsBehind(text: string, around: string, end: number): boolean {
  return /[?&#;/,]/.test(around) || /^[).,;\]}!?]{0,8}(?:[\s"'`<>&]|$)/.test(text.slice(end, end + mostClosers + 1));
}

/** `Server=x;Database=y; `; looked for from the end, since most texts have none. */
function endsWithPair(text: string): boolean {
  const end = text.lastIndexOf(";");
  if (end < 0 || !fewBlanks.test(text.slice(end + 1))) return false;
  let start = end;
  while (start > 0 && !pairEdge.test(text.charAt(start - 1))) start--;
  return pair.test(text.slice(start, end));
}

/** `Server=x;Password=two words;Database=y`: the semicolon that ends the value, or the end of the last one. */
function semicolonAfter({ finder, name, start }: Place, most: number): number | null {
  const { text } = finder;
  const before = text.slice(Math.max(0, name.start - longestPair), name.start);
  const isBehind = endsWithPair(before);
  if (!isBehind && !/(?:^|[\n"'`])[ \t]{0,8}$/.test(before)) return null;
  const semicolon = finder.next(";", start);
  pairAfter.lastIndex = semicolon;
  if (semicolon < most ? !pairAfter.test(text) : !isBehind) return null;
  replacedAhead.lastIndex = start;
  if (replacedAhead.test(text) && endsBehind(text, ";", replacedAhead.lastIndex)) return replacedAhead.lastIndex;
  const value = text.slice(start, Math.min(semicolon, most));
  const mark = value.search(/["'`<>]/);
  return start + (mark < 0 ? value : value.slice(0, mark)).trimEnd().length;
}

/** Without the comma, semicolon or bracket that belongs to what is around. */
function withoutClosers(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && end - last < mostClosers) {
    const mark = text.charAt(last - 1);
    const opener = mark === "}" ? "{" : mark === "]" ? "[" : mark === ")" ? "(" : null;
    const belongs = opener === null ? /[,;\\]/.test(mark) : !text.slice(start, last).includes(opener);
    if (!belongs) break;
    last--;
  }
  return last;
}
