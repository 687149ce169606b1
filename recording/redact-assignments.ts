/** Redacts what stands behind a sensitive name in text of any grammar: logs, INI, YAML, JavaScript, GraphQL, dumps of
 * headers, JSON that cannot be parsed. Byte strings; from one `=` or `:` to the next, so that the time is linear.
 *
 *    password=S   token: 'S'   "token" => "S"   \"token\":\"S\"   Authorization: Bearer S   secrets: [S, {a: S}]
 *
 * A bare value ends at white space; where it takes the whole line, at the end of the line. */

import { bareEnd, Finder, type Name, type Place, quotes, space } from "./bare-values.ts";
import { fullyDecoded, percentDecode } from "./escapes.ts";
import { afterGap, closingQuote, mostBackslashes, quotedAt, unescaped } from "./quoted-values.ts";
import { type Rules, replaceNamed } from "./redact-parameters.ts";
import { namedValues, plainContinued, yamlBlock } from "./redact-yaml.ts";

/** A name this long is none. */
const longestName = 128;
/** Spaces between a name and its sign, where texts are aligned. */
const mostSpaces = 256;

const nameCharacter = /[\w.%\-[\]$]/;
interface Value {
  readonly end: number;
  readonly written: string;
}

export function redactAssignments(text: string, rules: Rules): string {
  const variables = declaredVariables(text);
  const named = namedValues(text, rules);
  const finder = new Finder(text);
  let out = "";
  let done = 0;
  const signs = /[=:]/g;
  for (let sign = signs.exec(text); sign !== null; sign = signs.exec(text)) {
    const at = sign.index;
    const name = nameBefore(text, done, at, rules, named);
    if (name === null || isNoAssignment(text, name, at)) continue;
    const start = valueStart(text, at);
    const value = valueAt({ finder, name, at, start }, rules, variables);
    if (value === null) continue;
    out += text.slice(done, start) + value.written;
    done = value.end;
    signs.lastIndex = Math.max(done, at + 1);
  }
  return out + text.slice(done);
}

/** Where what stands before the sign ends: on its line, or on the one before where the sign begins its line (`? password`, `: S` in YAML). */
function behindName(text: string, from: number, at: number): number {
  let end = at;
  // A row of signs underlines a heading.
  const gap = /[=:]/.test(text.charAt(at + 1)) ? space : /\s/;
  while (end > from && at - end < mostSpaces && gap.test(text.charAt(end - 1))) end--;
  return end;
}

/** The sensitive name that ends before the sign at `at`, or null. */
function nameBefore(text: string, from: number, at: number, rules: Rules, named: ReadonlyMap<number, string>): Name | null {
  let end = behindName(text, from, at);
  if (text[end - 1] === "]" && quotes.test(text.charAt(end - 2))) end--;
  const quote = text.charAt(end - 1);
  if (end > from && quotes.test(quote)) {
    // `""name""` in a field of CSV.
    const isDoubled = text[end - 2] === quote && end - 2 > from;
    let last = isDoubled ? end - 2 : end - 1;
    while (last > from && end - last <= mostBackslashes && text[last - 1] === "\\") last--;
    const window = text.slice(Math.max(from, last - longestName), last);
    const name = window.slice(window.lastIndexOf(quote) + 1);
    const nameStart = last - name.length - 1;
    const meant = named.get(nameStart) ?? decoded(name);
    return window.includes(quote) && rules.names.matches(meant) ? { text: meant, start: nameStart, isDoubled } : null;
  }
  let start = end;
  while (start > from && end - start < longestName && nameCharacter.test(text.charAt(start - 1))) start--;
  if (start === end) return null;
  const name = named.get(start) ?? decoded(text.slice(start, end));
  if (rules.names.matches(name)) return { text: name, start };
  // `\nsid:` in a string that nobody has unescaped.
  if (text[start - 1] === "\\" && rules.names.matches(name.slice(1))) return { text: name.slice(1), start: start + 1 };
  // `API key:` has its meaning from both words.
  let before = start - 1;
  if (before <= from || text[before] !== " ") return null;
  while (before > from && start - before < longestName && nameCharacter.test(text.charAt(before - 1))) before--;
  const first = text.slice(before, start - 1);
  const together = `${first} ${name}`;
  return rules.names.matches(together) && !rules.names.matches(first) ? { text: together, start: before } : null;
}

/** Comparisons, URLs, and the types of GraphQL variables. */
function isNoAssignment(text: string, name: Name, at: number): boolean {
  if (text[at] === "=") return /^==+\s/.test(text.slice(at, at + 4));
  if (text.startsWith("//", at + 1) || text.slice(name.start - 2, name.start) === "//") return true;
  return name.text.startsWith("$") && /^:\s{0,8}\[?[A-Z]\w{0,64}!?\]?!?\s{0,8}[,)=$]/.test(text.slice(at, at + longestName));
}

function valueStart(text: string, at: number): number {
  let start = at + 1;
  if (text[start] === (text[at] === "=" ? ">" : "=")) start++;
  while (space.test(text.charAt(start))) start++;
  return afterGap(text, start);
}

function valueAt(place: Place, rules: Rules, variables: ReadonlySet<string>): Value | null {
  const { finder, name, at, start } = place;
  const { text } = finder;
  let quote = start;
  while (text[quote] === "\\" && quote - start < mostBackslashes) quote++;
  if (quotes.test(text.charAt(quote))) return quotedValue(place, quote, rules);
  if (/[{[]/.test(text.charAt(start))) {
    const end = bracketEnd(text, start);
    if (end !== null) return { end, written: replaceLeaves(text.slice(start, end), rules) };
  }
  const line = lineStart(text, name.start);
  const block = text[at] === ":" && line !== null ? yamlBlock(text, start, line, rules) : null;
  if (block !== null || /^[|>][-+\d]{0,2}[ \t]{0,8}(?:\r?\n|$)/.test(text.slice(start, start + 16))) return block;
  const end = bareEnd(place, line !== null);
  const value = text.slice(start, end);
  if (value === "" || (value.startsWith("$") && variables.has(value))) return null;
  if (line !== null && text[at] === ":" && start > at + 1 && end === finder.lineEnd(start)) {
    const { end: last, more } = plainContinued(text, end, line);
    if (more !== "") return { end: last, written: replaceNamed(name.text, value + more, rules) };
  }
  // Between the `&`s of a query values are escaped.
  const escaped = text[at] === "=" && value.includes("%") && /[?&;#]/.test(text.charAt(name.start - 1));
  const secret = escaped ? percentDecode(value.replaceAll("+", " ")) : value;
  const replaced = replaceNamed(name.text, secret, rules);
  return { end, written: replaced === secret ? value : replaced };
}

/** To the quote that closes; without one, to the end of the line. */
function quotedValue({ finder, name, start }: Place, quote: number, rules: Rules): Value {
  const { text } = finder;
  const around = { quote, backslashes: quote - start, isDoubled: name.isDoubled === true };
  const value = quotedAt(text, around, (mark, from) => finder.next(mark, from));
  const end = value.end ?? finder.lineEnd(quote);
  const written = text.slice(value.start, end);
  const secret = value.secret(written);
  const replaced = replaceNamed(name.text, secret, rules);
  return { end, written: text.slice(start, value.start) + (replaced === secret ? written : replaced) };
}

/** After the bracket that closes, if the value ends there; the end of the text when none does; null = a bare value. */
function bracketEnd(text: string, start: number): number | null {
  let depth = 0;
  const marks = /[{}[\]"']/g;
  marks.lastIndex = start;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const mark = match[0];
    if (mark === '"' || mark === "'") {
      const close = closingQuote(text, match.index, 0);
      if (close === null) return text.length;
      marks.lastIndex = close + 1;
    } else {
      depth += mark === "{" || mark === "[" ? 1 : -1;
      // Looked at again only if short, so that the time stays linear.
      if (depth === 0) {
        const end = match.index + 1;
        return end - start > longestName || /^[\s,;)}\]\\"'<&]?$/.test(text.charAt(end)) ? end : null;
      }
    }
  }
  return text.length;
}

/** Everything in brackets that is no key. */
function replaceLeaves(text: string, rules: Rules): string {
  const pieces = /"[^"\\]*(?:\\.[^"\\]*)*"(\s{0,8}:)?|'[^'\\]*(?:\\.[^'\\]*)*'(\s{0,8}:)?|[^\s,:{}[\]"']+(\s{0,8}:)?/gs;
  return text.replace(pieces, (piece, ...keys: unknown[]) => {
    if (keys.slice(0, 3).some((colon) => colon !== undefined)) return piece;
    const quote = /^["']/.test(piece) ? piece.charAt(0) : "";
    const written = quote === "" ? piece : piece.slice(1, -1);
    const secret = unescaped(written, quote);
    const replaced = rules.secrets.replaceValue(secret);
    return replaced === secret ? piece : quote + replaced + quote;
  });
}

/** The indentation when a line starts with the name (after `- ` and the like), else null. */
function lineStart(text: string, start: number): number | null {
  const window = text.slice(Math.max(0, start - longestName), start);
  const before = window.slice(window.lastIndexOf("\n") + 1);
  if (before.length === longestName || !/^\s*(?:[-*] +|export +|set +)?["']?$/i.test(before)) return null;
  return before.replace(/["']$/, "").length;
}

/** `$token` of `query ($token: String!)`: what stands for it elsewhere is no secret. */
function declaredVariables(text: string): ReadonlySet<string> {
  if (!text.includes("$")) return new Set();
  return new Set(Array.from(text.matchAll(/(\$\w{1,64})\s{0,8}:\s{0,8}\[?[A-Z]/g), ([, name = ""]) => name));
}

function decoded(name: string): string {
  return fullyDecoded(name);
}
