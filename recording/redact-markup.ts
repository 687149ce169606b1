/** Redacts XML, SOAP and HTML by names of elements and attributes, without building a tree. Byte strings.
 *
 *    <wsse:Password Type="…">S</wsse:Password>              all text below the element
 *    <input name="csrf" value="S">, <x token="S"/>          the attribute
 *    <param name="password">S</param>                       the text, when nothing else is inside
 *    <key>password</key><string>S</string>                  all text of the element that another one names     markup-neighbours.ts
 *    <!ENTITY x "S">                                        what a document declares, where it has sensitive names at all
 *
 * Whatever is no tag stays as it is; an element that never ends goes on to the end of the text. */

import { Neighbours } from "./markup-neighbours.ts";
import type { Inner, Rules } from "./redact-parameters.ts";

/** A name and what follows it, or the start of CDATA; where the tag ends is found by hand (quotes may hold `>`). */
const tagStart = /<(?:!\[CDATA\[|(\/?)([a-z_\x80-\xff][\w:.\x80-\xff-]{0,127})(?=[\s/>]))/gi;
const attribute = /(?<![^\s=<>"'/])([^\s=<>"'/]{1,128})(\s{0,256}=\s{0,256})("[^"]*"|'[^']*'|[^\s"'<>]+)/g;
/** Between an equals sign and a quote. */
const mostSpaces = 256;
/** Attributes that say what an element is about, and those that hold its value. */
const namingAttributes: ReadonlySet<string> = new Set(["name", "id", "key", "property", "field", "type", "itemprop"]);
const valueAttributes: ReadonlySet<string> = new Set(["value", "content", "val", "data-value"]);
/** Elements whose text is for people or programs, whatever their id says. */
const wordyElements: ReadonlySet<string> = new Set(["a", "button", "label", "legend", "option", "title", "script", "style"]);

/** Names of namespaces, as Illustrator declares them; what else a URL may hold is found in all text. */
const plainUrl = /^[a-z][a-z\d+.-]{0,31}:\/\/[^\s@]*$/i;
const entity = /(<!ENTITY\s+[^\s"'<>%]{1,128}\s+)("[^"]*"|'[^']*')/g;

/** @param inner for text that was escaped to stand in markup */
export function redactMarkup(text: string, rules: Rules, inner: Inner): string {
  if (!text.includes("<")) return text;
  return redactElements(text.includes("<!ENTITY") ? redactEntities(text, rules) : text, rules, inner);
}

function redactEntities(text: string, rules: Rules): string {
  return text.replace(entity, (_, before: string, quoted: string) => {
    const quote = quoted.charAt(0);
    const value = quoted.slice(1, -1);
    return before + quote + (plainUrl.test(value) ? value : replaceText(value, rules)) + quote;
  });
}

function redactElements(text: string, rules: Rules, inner: Inner): string {
  let out = "";
  let done = 0;
  /** The sensitive element that is open, and how many of its name. */
  let open: { readonly name: string; readonly depth: number } | null = null;
  /** The element just opened whose text alone would be sensitive. */
  let leaf: string | null = null;
  const neighbours = new Neighbours((name) => rules.names.matches(unescape(name).trim()));
  const runTo = (end: number, hidden: boolean): void => {
    const run = text.slice(done, end);
    neighbours.text(run);
    out += hidden ? replaceText(run, rules) : redactEscaped(run, rules, inner);
    done = end;
  };
  tagStart.lastIndex = 0;
  for (let match = tagStart.exec(text); match !== null; match = tagStart.exec(text)) {
    const [all, slash, tagName] = match;
    const at = match.index;
    if (tagName === undefined) {
      const end = text.indexOf("]]>", at);
      const contentEnd = end < 0 ? text.length : end;
      const close = text.slice(contentEnd, contentEnd + "]]>".length);
      runTo(at, open !== null);
      const content = text.slice(at + all.length, contentEnd);
      neighbours.text(content);
      out += all + (open !== null || leaf !== null ? replaceTrimmed(content, content.trim(), rules) : content) + close;
      done = contentEnd + close.length;
      tagStart.lastIndex = done;
      continue;
    }
    const name = tagName.toLowerCase();
    const nameEnd = at + all.length;
    const end = tagEnd(text, nameEnd);
    if (end < 0) continue;
    const closing = slash === "/";
    const local = localName(name);
    runTo(at, open !== null || (closing && leaf === name));
    leaf = null;
    const attributes = text.slice(nameEnd, end);
    const empty = attributes.endsWith("/");
    if (closing) neighbours.closed(local);
    const isValue = !closing && neighbours.opened(local, empty);
    const redacted = redactAttributes(attributes, rules, inner);
    out += `${text.slice(at, nameEnd)}${redacted.text}>`;
    done = end + 1;
    tagStart.lastIndex = end;
    if (open !== null) {
      const step: number = name !== open.name || empty ? 0 : closing ? -1 : 1;
      open = open.depth + step === 0 ? null : { name: open.name, depth: open.depth + step };
    } else if (!closing && !empty) {
      if (isValue || rules.names.matches(local)) open = { name, depth: 1 };
      else if (redacted.named && !wordyElements.has(name)) {
        leaf = name;
        neighbours.holds();
      }
    }
  }
  runTo(text.length, open !== null);
  return out;
}

/** Where `>` stands; -1 when another tag starts before. */
function tagEnd(text: string, from: number): number {
  const marks = /[<>"']/g;
  marks.lastIndex = from;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    if (match[0] === ">") return match.index;
    if (match[0] === "<") return -1;
    if (!isBehindEquals(text, from, match.index)) continue;
    const close = text.indexOf(match[0], match.index + 1);
    // Markup in the quotes: they are none.
    if (close < 0) return -1;
    marks.lastIndex = close + 1;
  }
  return -1;
}

function isBehindEquals(text: string, from: number, at: number): boolean {
  let before = at - 1;
  while (before > from && at - before < mostSpaces && /\s/.test(text.charAt(before))) before--;
  return before >= from && text[before] === "=";
}

function redactAttributes(text: string, rules: Rules, inner: Inner): { readonly text: string; readonly named: boolean } {
  if (!text.includes("=")) return { text, named: false };
  let named = false;
  for (const [, name = "", , value = ""] of text.matchAll(attribute)) {
    if (namingAttributes.has(localName(name).toLowerCase()) && rules.names.matches(unquoted(value))) named = true;
  }
  const redacted = text.replace(attribute, (all, name: string, equals: string, quoted: string) => {
    const local = localName(name).toLowerCase();
    const value = unquoted(quoted);
    const isSecret = rules.names.matches(local) || (named && valueAttributes.has(local));
    const replaced = isSecret ? replaceText(value, rules) : redactEscaped(value, rules, inner);
    if (replaced === value) return all;
    return name + equals + quoted.replace(value, () => replaced);
  });
  return { text: redacted, named };
}

function unquoted(value: string): string {
  return /^["']/.test(value) ? value.slice(1, -1) : value.replace(/\/$/, "");
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function replaceText(text: string, rules: Rules): string {
  return replaceTrimmed(text, unescape(text.trim()), rules);
}

/** White space around stays. */
function replaceTrimmed(text: string, secret: string, rules: Rules): string {
  if (secret === "") return text;
  const replaced = rules.secrets.replaceValue(secret);
  if (replaced === secret) return text;
  const start = text.length - text.trimStart().length;
  return text.slice(0, start) + replaced + text.slice(text.trimEnd().length);
}

/** JSON, markup or text in the escapes of markup. */
function redactEscaped(text: string, rules: Rules, inner: Inner): string {
  if (!/&(?:lt|gt|quot|apos|#)/i.test(text) || !rules.names.mayOccurIn(text)) return text;
  const plain = unescape(text);
  const redacted = inner(plain);
  return redacted === plain ? text : escape(redacted, text);
}

const characters: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescape(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (all, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return characters[name.toLowerCase()] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number.parseInt(decimal, 10);
    return code > 0x10ffff ? all : Buffer.from(String.fromCodePoint(code)).toString("latin1");
  });
}

/** Only what was escaped in `before`: some write a bare `&` or `>`. */
function escape(text: string, before: string): string {
  const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "&": "&amp;" };
  const bare = new Set(before.match(/[<>"']|&(?!\w{1,31};|#\w{1,8};)/g) ?? []);
  return text.replace(/[<>&"']/g, (character) => (bare.has(character) ? character : (entities[character] ?? character)));
}
