/** Puts values in the place of tokens in text, spelt as their surroundings want it. The other way round of redact-text.ts; byte
 * strings in, byte strings out, and what holds no token keeps its bytes.
 *
 *    {"password": "tok_…"}       as a JSON string            ?next=%2F%3Fsid%3Dtok_…   escaped, once a level
 *    <password>tok_…</password>  as text of markup           Bearer tok_…, a=tok_…     as it is                      */

import { percentDecode, percentEncode } from "../escapes.ts";
import { hasPathParameter } from "../redact-url.ts";
import { byteString, fromByteString } from "../secrets.ts";

/** What a token stands for, as a byte string; null = it stays. */
export type ValueOf = (token: string) => string | null;

/** As recording/secrets.ts makes them; wherever they stand, nothing that could belong to them follows but another. */
const token = /tok_[\w-]{22}(?=(?:tok_[\w-]{22})*(?![\w-]))/g;
const tokenAlone = /^tok_[\w-]{22}$/;
/** A scheme before it stays outside of the token (`Bearer tok_…`), and so do quotes. */
const credentialAlone = /^(?:"tok_[\w-]{22}"|[\w-]+ +tok_[\w-]{22})$/;
/** Texts in texts in texts: as deep as redaction looks, and one more. */
const mostNested = 6;
/** A value may hold tokens itself, where what stood around it was secret too. */
const mostRounds = 4;

export function holdsToken(text: string): boolean {
  return text.includes("tok_");
}

/** Values as they are, without a look at what stands around. */
export function revealPlainly(text: string, valueOf: ValueOf): string {
  return spelt(text, valueOf, (value) => value);
}

/** A request target or URL. */
export function revealTarget(target: string, valueOf: ValueOf, depth = 0): string {
  if (!holdsToken(target)) return target;
  const [, path = "", query = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(target) ?? [];
  const form = (part: string): string => part.slice(0, 1) + revealForm(part.slice(1), valueOf, depth);
  return revealPath(path, valueOf, depth) + form(query) + form(fragment);
}

/** A query or a form (application/x-www-form-urlencoded). */
export function revealForm(form: string, valueOf: ValueOf, depth = 0): string {
  if (!holdsToken(form)) return form;
  return form
    .split("&")
    .map((part) => (holdsToken(part) ? revealPart(part, valueOf, depth) : part))
    .join("&");
}

/** Text of no known structure. */
export function revealText(text: string, valueOf: ValueOf, depth = 0): string {
  if (!holdsToken(text) || depth > mostNested) return text;
  if (/^\s*</.test(text)) return revealMarkup(text, valueOf);
  const inStrings = revealStrings(text, valueOf, depth);
  const inWords = inStrings.replace(/[^\s"'`<>\\]+/g, (word) => (holdsToken(word) ? revealWord(word, valueOf, depth) : word));
  return revealPlainly(inWords, valueOf);
}

/** Text and attributes of XML and HTML; what is in CDATA needs no escape (XML 1.0 §2.7). */
export function revealMarkup(text: string, valueOf: ValueOf): string {
  return text
    .split(/(<!\[CDATA\[[\s\S]*?(?:\]\]>|$))/)
    .map((part, index) => (index % 2 === 1 ? revealPlainly(part, valueOf) : spelt(part, valueOf, escapedForMarkup)))
    .join("");
}

/** The strings of JSON, also of lines of it, of JSON in a stream of events, and of JSON that cannot be parsed. In other text only
 * those that are a token and nothing else. */
function revealStrings(text: string, valueOf: ValueOf, depth: number): string {
  const isJson = /^(?:data:)?\s*[{[]/m.test(text);
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, (literal) => {
    if (!holdsToken(literal)) return literal;
    const content = parsedString(literal);
    if (content === null) return literal;
    const isAlone = tokenAlone.test(content);
    if (!isAlone && !isJson) return literal;
    const revealed = isAlone ? revealPlainly(content, valueOf) : revealText(content, valueOf, depth + 1);
    return revealed === content ? literal : byteString(JSON.stringify(fromByteString(revealed)));
  });
}

function parsedString(literal: string): string | null {
  try {
    const value: unknown = JSON.parse(fromByteString(literal));
    return typeof value === "string" ? byteString(value) : null;
  } catch {
    // Another language's string; its tokens are revealed as in any text.
    return null;
  }
}

/** A URL, a query or an escaped value that stands in a text; as redact-text.ts takes them. */
function revealWord(word: string, valueOf: ValueOf, depth: number): string {
  if (!/[?#&%]/.test(word) && !hasPathParameter(word)) return word;
  // Punctuation of the sentence around was left out too.
  const closers = /[).,;\]}]{1,8}$/.exec(word)?.[0] ?? "";
  const inner = word.slice(0, word.length - closers.length);
  if (/^[^=]*[/?#]/.test(inner)) return revealTarget(inner, valueOf, depth + 1) + closers;
  return (inner.includes("=") ? revealForm(inner, valueOf, depth + 1) : revealEncoded(inner, valueOf, depth)) + closers;
}

function revealPart(part: string, valueOf: ValueOf, depth: number): string {
  const equals = part.indexOf("=");
  if (equals < 0) return revealEncoded(part, valueOf, depth);
  const name = revealEncoded(part.slice(0, equals), valueOf, depth);
  // Some servers read `;` as a separator too.
  const values = part.slice(equals + 1).split(";");
  return `${name}=${values.map((value, index) => (index === 0 ? revealValue(value, valueOf, depth) : revealPair(value, valueOf, depth))).join(";")}`;
}

function revealPair(pair: string, valueOf: ValueOf, depth: number): string {
  const equals = pair.indexOf("=");
  return pair.slice(0, equals + 1) + revealValue(pair.slice(equals + 1), valueOf, depth);
}

/** What was replaced as a whole was unescaped before; the rest was looked into. */
function revealValue(value: string, valueOf: ValueOf, depth: number): string {
  const content = percentDecode(value.replaceAll("+", " "));
  if (!tokenAlone.test(content) && !credentialAlone.test(content)) return revealEncoded(value, valueOf, depth);
  const revealed = revealPlainly(content, valueOf);
  return revealed === content ? value : percentEncode(revealed);
}

function revealEncoded(value: string, valueOf: ValueOf, depth: number): string {
  if (!holdsToken(value)) return value;
  const content = percentDecode(value.replaceAll("+", " "));
  const revealed = revealText(content, valueOf, depth + 1);
  if (revealed === content) return value;
  return content === value ? revealed : percentEncode(revealed);
}

/** `;jsessionid=tok_…`, `//user:tok_…@`, and segments that hold a whole URL. */
function revealPath(path: string, valueOf: ValueOf, depth: number): string {
  if (!holdsToken(path)) return path;
  const escaped = (text: string): string => spelt(text, valueOf, percentEncode);
  const host = path.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/[^/@:]*:)([^/@]*)@/i, (_all, before: string, password: string) => {
    return `${before}${escaped(password)}@`;
  });
  return host
    .split("/")
    .map((segment) => {
      const parameters = segment.replace(/;[^=;]*=[^;]*/g, (parameter) => escaped(parameter));
      if (!holdsToken(parameters) || !parameters.includes("%")) return parameters;
      // In a path a plus is a plus.
      return percentEncode(revealText(percentDecode(parameters), valueOf, depth + 1));
    })
    .join("/");
}

function spelt(text: string, valueOf: ValueOf, spelling: (value: string) => string, round = 0): string {
  if (!holdsToken(text)) return text;
  return text.replace(token, (found) => {
    const value = valueOf(found);
    if (value === null) return found;
    return spelling(round < mostRounds ? spelt(value, valueOf, (inner) => inner, round + 1) : value);
  });
}

const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "&": "&amp;" };

function escapedForMarkup(value: string): string {
  return value.replace(/[<>&"']/g, (character) => entities[character] ?? character);
}
