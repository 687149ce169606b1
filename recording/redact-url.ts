/** Redacts what in a URL stands outside of its query. Byte strings in, byte strings out.
 *
 *    http://user:S@host/x      //user:p@S@host     postgres://user:p/S@db       a password before the host
 *    /x;sid=S/y   /x/token=S/y   /x,token=S   /x/password:S                     a value behind its name in the path
 *    /password-reset/S   /verify/S                                              what is no word and no number, behind a segment that says so */

import { percentDecode, replaceEncoded } from "./escapes.ts";
import type { Secrets } from "./secrets.ts";
import { personalWords, type SensitiveNames } from "./sensitive-names.ts";

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

/** Whether a word has a slash and, before the next `=`, a semicolon: `/x;sid=…`. In one pass, since words can be a megabyte long. */
export function hasPathParameter(word: string): boolean {
  let slash = -1;
  let equals = -1;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    if (code === 0x2f) slash = at;
    else if (code === 0x3d) equals = at;
    else if (code === 0x3b && slash > equals) return true;
  }
  return false;
}

const pathName = /([;,/:=])([^=:;,/]{1,128})([=:])/g;
const pathValueEnd = /[;,/]|$/g;
/** `/v1/sessions:batchCreate` is an action, not a password. */
const plural = /s$/i;
const action = /^[a-z]{2,16}(?:[A-Z][a-z]{1,16}){0,4}$/;

const personal = new RegExp(`^(?:${personalWords})(?:[-_.][a-z]{1,32}){0,3}$`, "i");
/** A name in a path is of words; what base64 has between two slashes is not, whatever letters happen to stand there. */
const words = /^[A-Za-z]?[a-z]+(?:[-_. ][A-Za-z]?[a-z]+){0,5}$/;
/** Longer than the ids that people read to each other. */
const leastRandom = 16;
const leastRun = 12;
const leastMixed = 24;
const longestName = 128;
/** What ends a value inside its segment (RFC 3986 §3.3). */
const valueInSegment = /^[\w.~%-]+/;

/** @param path without query and fragment */
export function redactPathValues(path: string, rules: Rules): string {
  return redactPersonal(redactNamed(path, rules), rules);
}

/** `/password-reset/S`, also behind an empty segment and before parameters of the segment. */
function redactPersonal(path: string, rules: Rules): string {
  let out = "";
  let done = 0;
  let name = "";
  /** The segment before that: a link names whom it is for, and then the secret (`/reset/MQ/S`). */
  let earlier = "";
  const first = behindHost(path);
  for (let start = first; start < path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if (end > start && start > first) {
      const value = valueInSegment.exec(path.slice(start, end))?.[0] ?? "";
      if ((namesPerson(name, rules) || isPersonal(earlier)) && isRandom(value)) {
        out += path.slice(done, start) + (replaceEncoded(value, rules) ?? "***");
        done = start + value.length;
      }
    }
    if (end > start && path.slice(start, end) !== ".") [earlier, name] = [name, path.slice(start, end)];
    start = end + 1;
  }
  return out + path.slice(done);
}

function namesPerson(segment: string, rules: Rules): boolean {
  const name = nameOf(segment);
  return personal.test(name) || (words.test(name) && rules.names.matches(name));
}

function isPersonal(segment: string): boolean {
  return personal.test(nameOf(segment));
}

/** Without its parameters; "" for what is too long to be one. */
function nameOf(segment: string): string {
  return segment.length > longestName ? "" : percentDecode(segment.replace(/;.*$/s, ""));
}

/** Neither words nor a number nor a file: a run of letters and digits mixed, or a UUID. An address of a public ledger is no secret. */
function isRandom(value: string): boolean {
  if (value.length < leastRandom || /\.[a-z]{1,5}$/i.test(value) || /^0x[\da-f]{40}$/i.test(value)) return false;
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) return true;
  return value.split(/[-_.~%]/).some((run) => run.length >= leastRun && /\d/.test(run) && /[a-z]/i.test(run)) || isMixed(value);
}

/** Letters of both cases and digits, where hyphens stand by chance. */
function isMixed(value: string): boolean {
  return value.length >= leastMixed && /\d.*\d/.test(value) && /[a-z]/.test(value) && /[A-Z].*[A-Z]/.test(value);
}

function behindHost(path: string): number {
  const scheme = /^(?:[a-z][a-z\d+.-]{0,15}:)?\/\//i.exec(path)?.[0] ?? "";
  const first = scheme === "" ? 0 : path.indexOf("/", scheme.length);
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
