/** Redacts what in a URL stands outside of its query. Byte strings in, byte strings out.
 *
 *    http://user:S@host/x      //user:p@S@host     postgres://user:p/S@db       a password before the host
 *    /x;sid=S/y   /x/token=S/y   /x,token=S   /x/password:S                     a value behind its name in the path
 *    /password-reset/S   /verify/S                                              what is no word and no number, behind a segment that says so */

import { percentDecode, replaceEncoded } from "./escapes.ts";
import type { Secrets } from "./secrets.ts";
import type { SensitiveNames } from "./sensitive-names.ts";

interface Rules {
  readonly names: SensitiveNames;
  readonly secrets: Secrets;
}

const authority = /(?:^|[^\w/])\/\/[^\s/?#@:"'<>[]*:/g;
/** Oracle's `jdbc:oracle:thin:scott/S@host`. */
const oracle = /\bjdbc:oracle:\w{1,16}:[^\s/@:]{1,128}\/([^\s@"']{1,256})@/g;
const wordEnd = /[\s"'<>`]|$/g;
const authorityEnd = /[/?#\s"'<>`]|$/g;
/** A port, and what a sentence or list says behind it. */
const port = /^\d{0,5}(?:$|[^\w])/;

/** In any text. The last `@` before the path ends the password; one with a slash in it is known by what would be no port. */
export function redactUserInfo(text: string, rules: Rules): string {
  if (!text.includes("@")) return text;
  return redactAuthority(
    text.replace(oracle, (all: string, secret: string) => {
      const at = all.length - 1 - secret.length;
      return all.slice(0, at) + rules.secrets.replaceValue(secret) + all.slice(-1);
    }),
    rules,
  );
}

function redactAuthority(text: string, rules: Rules): string {
  let out = "";
  let done = 0;
  let word = -1;
  authority.lastIndex = 0;
  for (let match = authority.exec(text); match !== null; match = authority.exec(text)) {
    const start = match.index + match[0].length;
    if (word < start) word = endAt(wordEnd, text, start);
    const end = passwordEnd(text, start, word);
    if (end === null) continue;
    const written = text.slice(start, end);
    const secret = percentDecode(written);
    const replaced = rules.secrets.replaceValue(secret);
    out += text.slice(done, start) + (replaced === secret ? written : replaced);
    done = end;
    authority.lastIndex = end;
  }
  return out + text.slice(done);
}

function passwordEnd(text: string, start: number, word: number): number | null {
  const end = endAt(authorityEnd, text, start);
  const last = text.slice(start, end).lastIndexOf("@");
  if (last >= 0) return start + last;
  if (end >= word || port.test(text.slice(start, end))) return null;
  const at = text.slice(end, word).indexOf("@");
  if (at < 0) return null;
  const host = endAt(authorityEnd, text, end + at);
  return end + at + text.slice(end + at, host).lastIndexOf("@");
}

function endAt(mark: RegExp, text: string, from: number): number {
  mark.lastIndex = from;
  return mark.exec(text)?.index ?? text.length;
}

const pathName = /([;,/:=])([^=:;,/]{1,128})([=:])/g;
const pathValueEnd = /[;,/]|$/g;
/** `/v1/sessions:batchCreate` is an action, not a password. */
const plural = /s$/i;
const action = /^[a-z]{2,16}(?:[A-Z][a-z]{1,16}){0,4}$/;

/** Segments behind which a path has what was sent to one person. */
const personal = /^(?:reset|confirm|confirmation|verify|verification|activate|activation|magic|magic-?link|unlock|impersonate)$/i;
/** Neither a word nor a number, and longer than the ids that people read to each other. */
const random = /^(?=[\w.~%-]*\d)(?=[\w.~%-]*[a-z])[\w.~%-]{16,}$/i;
const segment = /\/([^/]{1,128})\/(?=([^/]+))/g;

/** @param path without query and fragment */
export function redactPathValues(path: string, rules: Rules): string {
  return redactPersonal(redactNamed(path, rules), rules);
}

function redactPersonal(path: string, rules: Rules): string {
  let out = "";
  let done = 0;
  segment.lastIndex = behindHost(path);
  for (let match = segment.exec(path); match !== null; match = segment.exec(path)) {
    const [all, name = "", value = ""] = match;
    const start = match.index + all.length;
    // The slash before the value begins the next pair.
    segment.lastIndex = start - 1;
    if (!random.test(value) || !(personal.test(name) || rules.names.matches(percentDecode(name)))) continue;
    out += path.slice(done, start) + (replaceEncoded(value, rules) ?? "***");
    done = start + value.length;
  }
  return out + path.slice(done);
}

function behindHost(path: string): number {
  const host = path.indexOf("//");
  const first = host < 0 ? 0 : path.indexOf("/", host + 2);
  return first < 0 ? path.length : first;
}

function redactNamed(path: string, rules: Rules): string {
  let out = "";
  let done = 0;
  pathName.lastIndex = behindHost(path);
  for (let match = pathName.exec(path); match !== null; match = pathName.exec(path)) {
    const [all, before = "", name = "", sign = ""] = match;
    const start = match.index + all.length;
    // The sign may be what the next name stands behind.
    pathName.lastIndex = start - 1;
    if (!rules.names.matches(percentDecode(name))) continue;
    const end = endAt(pathValueEnd, path, start);
    const value = path.slice(start, end);
    if (sign === ":" && plural.test(name) && action.test(value)) continue;
    const replaced = replaceEncoded(value, rules);
    if (replaced !== value) {
      const kept = replaced === null && before === ";" && sign === "=" ? "" : path.slice(match.index, start) + (replaced ?? "***");
      out += path.slice(done, match.index) + kept;
      done = end;
    }
    pathName.lastIndex = end;
  }
  return out + path.slice(done);
}
