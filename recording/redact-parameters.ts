/** Redacts `name=value` in request targets, forms and cookies. Byte strings in, byte strings out;
 * what is no secret keeps its bytes. Values that hold URLs, JSON or text are decoded and handed to `inner`. */

import { fullyDecoded, percentDecode, percentEncode, replaceEncoded } from "./escapes.ts";
import type { GivenRules } from "./given-rules.ts";
import { redactPathValues, redactUserInfo } from "./redact-url.ts";
import type { Secrets } from "./secrets.ts";
import type { SensitiveNames } from "./sensitive-names.ts";

export interface Rules {
  readonly names: SensitiveNames;
  readonly secrets: Secrets;
  /** What users added. */
  readonly given: GivenRules;
}

/** Redacts what was found inside of something else; given by redact-text.ts, which counts how deep it is. */
export type Inner = (text: string) => string;

/** A request target or URL: password before the host, path, query, fragment. */
export function redactTarget(target: string, rules: Rules, inner: Inner): string {
  if (!rules.names.mayOccurIn(target)) return target;
  const [beforeFragment, fragment] = splitAt(redactUserInfo(target, rules), "#");
  const [path, query] = splitAt(beforeFragment, "?");
  const redacted = redactPath(path, rules, inner) + redactAfter("?", query, rules, inner);
  return redacted + redactAfter("#", fragment, rules, inner);
}

/** A query or an application/x-www-form-urlencoded body. */
export function redactForm(form: string, rules: Rules, inner: Inner): string {
  if (!rules.names.mayOccurIn(form)) return form;
  const parts = form.split("&").map((part) => redactPart(part, rules, inner));
  return parts.filter((part) => part !== null).join("&");
}

/** A Cookie header: every value, names kept. */
export function redactCookies(header: string, rules: Rules): string | null {
  const cookies = header.split(";").map((cookie) => redactUnkept(cookie, rules));
  const kept = cookies.filter((cookie) => cookie !== null);
  return kept.length === 0 ? null : kept.join(";").trimStart();
}

/** A Set-Cookie header: its value; the name is kept, and attributes are but for what in them says that it is a secret. */
export function redactSetCookie(header: string, rules: Rules, inner: Inner): string | null {
  const [cookie, attributes] = splitAt(header, ";");
  const redacted = redactUnkept(cookie, rules);
  if (redacted === null) return null;
  if (attributes === null || !rules.names.mayOccurIn(attributes)) return attributes === null ? redacted : `${redacted};${attributes}`;
  return [redacted, ...attributes.split(";").map((attribute) => redactAttribute(attribute, rules, inner))].join(";");
}

function redactAttribute(attribute: string, rules: Rules, inner: Inner): string {
  const [name, value] = splitAt(attribute, "=");
  if (value === null || !rules.names.matches(name.trim())) return inner(attribute);
  return redactCookie(attribute, rules.secrets.replaceValue.bind(rules.secrets));
}

function redactUnkept(cookie: string, rules: Rules): string | null {
  const [name] = splitAt(cookie, "=");
  return rules.names.isKept(name.trim()) ? cookie : redactCookie(cookie, rules.secrets.replace.bind(rules.secrets));
}

/** What takes the place of a value under a sensitive name, where the field cannot go. */
export function replaceNamed(name: string, value: string, rules: Rules): string {
  if (!rules.names.isCookie(name) || !value.includes("=")) return rules.secrets.replaceValue(value);
  // In a dump nobody knows attributes from cookies: all of them go.
  return value
    .split(";")
    .map((cookie) => redactCookie(cookie, rules.secrets.replaceValue.bind(rules.secrets)))
    .join(";");
}

/** Decodes, redacts and encodes a value; one that holds no secret keeps its spelling. */
export function redactEncoded(value: string, rules: Rules, inner: Inner): string {
  if (!rules.names.mayOccurIn(value)) return value;
  const decoded = percentDecode(value.replaceAll("+", " "));
  const redacted = inner(decoded);
  if (redacted === decoded) return value;
  return decoded === value ? redacted : percentEncode(redacted);
}

/** `;jsessionid=…` (RFC 3986 §3.3) and the like, and segments that hold a whole URL. */
function redactPath(path: string, rules: Rules, inner: Inner): string {
  const plain = redactPathValues(path, rules);
  if (!plain.includes("%")) return plain;
  return plain
    .split("/")
    .map((segment) => (segment.includes("%") ? redactSegment(segment, inner) : segment))
    .join("/");
}

/** In a path a plus is a plus. */
function redactSegment(segment: string, inner: Inner): string {
  const decoded = percentDecode(segment);
  if (decoded === segment) return segment;
  const redacted = inner(decoded);
  return redacted === decoded ? segment : percentEncode(redacted);
}

function redactAfter(mark: string, parameters: string | null, rules: Rules, inner: Inner): string {
  return parameters === null ? "" : mark + redactForm(parameters, rules, inner);
}

/** Some servers read `;` as a separator too: what follows it is looked at as well. */
function redactPart(part: string, rules: Rules, inner: Inner): string | null {
  const [name, value] = splitAt(part, "=");
  if (value === null) return redactEncoded(part, rules, inner);
  if (isSensitive(name, rules)) {
    const replaced = replaceEncoded(value, rules);
    return replaced === null ? null : `${redactEncoded(name, rules, inner)}=${replaced}`;
  }
  const [first, more] = splitAt(value, ";");
  const rest = more === null ? [] : more.split(";").map((pair) => redactPair(pair, rules));
  const pairs = [first, ...rest.filter((pair) => pair !== null)].join(";");
  return `${redactEncoded(name, rules, inner)}=${redactEncoded(pairs, rules, inner)}`;
}

function redactPair(pair: string, rules: Rules): string | null {
  const [name, value] = splitAt(pair, "=");
  if (value === null || !isSensitive(name, rules)) return pair;
  const replaced = replaceEncoded(value, rules);
  return replaced === null ? null : `${name}=${replaced}`;
}

/** `amp;sid` is a name in a URL that stands in HTML. */
function isSensitive(escaped: string, rules: Rules): boolean {
  const name = fullyDecoded(escaped.replaceAll("+", " ")).trim();
  return rules.names.matches(name) || rules.names.matches(name.slice(Math.max(name.lastIndexOf(";"), name.lastIndexOf("?")) + 1));
}

/** Quotes stay outside, since a server may send the same value with and without. */
function redactCookie<T extends string | null>(cookie: string, replace: (value: string) => T): string | T {
  const equals = cookie.indexOf("=");
  const value = cookie.slice(equals + 1);
  const start = equals + 1 + value.length - value.trimStart().length;
  const content = value.trim();
  const quoted = content.length > 1 && content.startsWith('"') && content.endsWith('"');
  const replaced = replace(quoted ? content.slice(1, -1) : content);
  if (replaced === null) return replaced;
  return cookie.slice(0, start) + (quoted ? `"${replaced}"` : replaced) + cookie.slice(start + content.length);
}

function splitAt(text: string, mark: string): readonly [before: string, after: string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}
