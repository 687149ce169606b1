/** Redacts `name=value` in request targets, forms and cookies. Byte strings in, byte strings out;
 * what is no secret keeps its bytes. */

import type { Secrets } from "./secrets.ts";
import type { SensitiveNames } from "./sensitive-names.ts";

export interface Rules {
  readonly names: SensitiveNames;
  readonly secrets: Secrets;
}

/** A request target or URL: password before the host, path parameters, query, fragment. */
export function redactTarget(target: string, rules: Rules): string {
  const [beforeFragment, fragment] = splitAt(target, "#");
  const [path, query] = splitAt(beforeFragment, "?");
  const redacted = redactPath(path, rules) + redactAfter("?", query, rules);
  return redacted + redactAfter("#", fragment, rules);
}

/** A query or an application/x-www-form-urlencoded body. */
export function redactForm(form: string, rules: Rules): string {
  const parts = form.split("&").map((part) => redactPart(part, rules));
  return parts.filter((part) => part !== null).join("&");
}

/** A Cookie header: every value, names kept. */
export function redactCookies(header: string, rules: Rules): string | null {
  const cookies = header.split(";").map((cookie) => redactCookie(cookie, rules));
  const kept = cookies.filter((cookie) => cookie !== null);
  return kept.length === 0 ? null : kept.join(";").trimStart();
}

/** A Set-Cookie header: its value; name and attributes kept. */
export function redactSetCookie(header: string, rules: Rules): string | null {
  const [cookie, attributes] = splitAt(header, ";");
  const redacted = redactCookie(cookie, rules);
  if (redacted === null) return null;
  return attributes === null ? redacted : `${redacted};${attributes}`;
}

/** `;jsessionid=…` (RFC 3986 §3.3) and `//user:password@`. */
function redactPath(path: string, rules: Rules): string {
  const host = path.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/[^/@:]*):([^/@]*)@/i, (_all, before: string, password: string) => {
    return `${before}:${rules.secrets.replaceValue(percentDecode(password))}@`;
  });
  return host.replace(/;([^=;/]*)=([^;/]*)/g, (all, name: string, value: string) => {
    if (!rules.names.matches(percentDecode(name))) return all;
    const replaced = replaceEncoded(value, rules);
    return replaced === null ? "" : `;${name}=${replaced}`;
  });
}

function redactAfter(mark: string, parameters: string | null, rules: Rules): string {
  return parameters === null ? "" : mark + redactForm(parameters, rules);
}

/** Some servers read `;` as a separator too: what follows it is looked at as well. */
function redactPart(part: string, rules: Rules): string | null {
  const [name, value] = splitAt(part, "=");
  if (value === null) return part;
  if (rules.names.matches(percentDecode(name))) {
    const replaced = replaceEncoded(value, rules);
    return replaced === null ? null : `${name}=${replaced}`;
  }
  const [first, more] = splitAt(value, ";");
  if (more === null) return part;
  const inner = more.split(";").map((pair) => redactPart(pair, rules));
  return [`${name}=${first}`, ...inner.filter((pair) => pair !== null)].join(";");
}

/** Quotes stay outside, since a server may send the same value with and without. */
function redactCookie(cookie: string, rules: Rules): string | null {
  const [, before = "", value = "", after = ""] = /^([^=]*=\s*|\s*)(.*?)(\s*)$/s.exec(cookie) ?? [];
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const replaced = rules.secrets.replace(quoted ? value.slice(1, -1) : value);
  if (replaced === null) return null;
  return before + (quoted ? `"${replaced}"` : replaced) + after;
}

function replaceEncoded(value: string, rules: Rules): string | null {
  const decoded = percentDecode(value.replaceAll("+", " "));
  const replaced = rules.secrets.replace(decoded);
  // Unchanged: harmless or redacted before; its spelling stays.
  return replaced === decoded ? value : replaced && encodeURIComponent(replaced);
}

/** Lenient: what is no escape stands for itself. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function splitAt(text: string, mark: string): readonly [before: string, after: string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}
