/** Redacts text of no known structure: header values, plain bodies, strings inside JSON. Byte strings.
 *
 *    JSON, or lines of JSON (also after `data:`)     by its keys                       redact-json.ts
 *    <password>S</password>, <input name value>      by elements and attributes        redact-markup.ts
 *    http://user:S@host/x;sid=S?token=S&next=…       like a request target             redact-parameters.ts
 *    Bearer S, Basic S                               what follows the scheme
 *    name=value, name: value, "name": "value"        the value                         redact-assignments.ts, redact-yaml.ts
 *    user,password / ann,S                           the column                        redact-columns.ts
 *    --password S, | password | S |                  what stands behind the name       redact-spaced.ts
 *    eyJ….eyJ….…, AKIA…, ghp_…                       wherever it stands                known-forms.ts
 *    -----BEGIN PRIVATE KEY-----                     to its end                        redact-pem.ts
 *
 * What is found inside of something else (an escaped URL, JSON in a string) comes back here, one deeper. */

import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { percentDecode } from "./escapes.ts";
import { redactKnownForms } from "./known-forms.ts";
import { redactAssignments } from "./redact-assignments.ts";
import { redactColumns } from "./redact-columns.ts";
import { redactJson } from "./redact-json.ts";
import { redactMarkup } from "./redact-markup.ts";
import { type Inner, type Rules, redactEncoded, redactForm, redactTarget } from "./redact-parameters.ts";
import { redactPrivateKeys } from "./redact-pem.ts";
import { redactPhp } from "./redact-php.ts";
import { redactSpaced } from "./redact-spaced.ts";
import { hasPathParameter, redactUserInfo } from "./redact-url.ts";

/** JSON in a string in a parameter in JSON …: deeper nobody nests, and each level is parsed anew. */
const maxNesting = 4;
/** Nearly all text settles in the first round; the second finds that out. */
const mostRounds = 4;
/** Deeper, rounds within rounds would take their time. */
const deepestSettled = 1;
/** Twice the nodes that a body at the usual 1 MiB cap can have. */
const maxNodes = 1_000_000;

/** A path or URL in which a segment may be no word; base64 has slashes too, but no such beginning. */
const longSegment = /^[([{]{0,4}(?:[a-z][a-z\d+.-]{0,15}:)?\/[^=]{0,2048}\/[\w.~-]{16}/i;
/** Longer words are data. */
const longestUrl = 8192;

/** A JSON text that has sensitive names but cannot be read: nobody can say where its secrets are. */
export const unreadable: unique symbol = Symbol("unreadable");

/** @param nesting in how many other texts this one was found */
export function redactText(text: string, rules: Rules, nesting = 0): string {
  if (!rules.names.mayOccurIn(text)) return text;
  if (nesting > maxNesting) return rules.secrets.replaceValue(text);
  const json = looksLikeJson(text) ? redactJsonText(text, rules, nesting) : unreadable;
  if (json !== unreadable) return json;
  return nesting > deepestSettled ? redactLines(text, rules, nesting) : settled(text, (before) => redactLines(before, rules, nesting));
}

/** A request target or a URL. */
export function redactUrl(target: string, rules: Rules): string {
  return settled(target, (before) => redactKnownForms(redactTarget(before, rules, innerOf(rules, 0)), rules.secrets));
}

/** What calls itself a form, and may be JSON or text all the same. */
export function redactFormText(text: string, rules: Rules): string {
  if (!rules.names.mayOccurIn(text)) return text;
  return settled(text, (before) => {
    const isForm = before.includes("=") && !looksLikeJson(before) && !/^\s*</.test(before);
    return isForm ? redactForm(before, rules, innerOf(rules, 0)) : redactText(before, rules);
  });
}

/** Until nothing changes: where grammars meet, what was replaced can give a name to what stands beside it. */
function settled(text: string, redact: (text: string) => string): string {
  let before = text;
  for (let round = 0; round < mostRounds; round++) {
    const after = redact(before);
    if (after === before) return after;
    before = after;
  }
  return before;
}

/** A JSON text; the bytes stay as they are when there is nothing to redact. */
export function redactJsonText(text: string, rules: Rules, nesting = 0): string | typeof unreadable {
  if (!rules.names.mayOccurIn(text)) return text;
  const { before, json, after } = unwrapped(text);
  const parsed = parseJson(Buffer.from(json, "latin1"), { maxNodes });
  if (parsed.kind !== "parsed") return unreadable;
  const redacted = redactJson(parsed.root, rules, innerOf(rules, nesting));
  return redacted === parsed.root ? text : before + Buffer.from(writeJson(redacted)).toString("latin1") + after;
}

function innerOf(rules: Rules, nesting: number): Inner {
  return (text) => redactText(text, rules, nesting + 1);
}

/** Lines that are JSON each for itself, what is between them as one text. */
function redactLines(text: string, rules: Rules, nesting: number): string {
  if (!/^(?:data:)?[ \t]*[{[]/m.test(text)) return redactPlain(text, rules, nesting);
  const out: string[] = [];
  let others: string[] = [];
  const flush = (): void => {
    if (others.length > 0) out.push(redactPlain(others.join("\n"), rules, nesting));
    others = [];
  };
  for (const line of joinedEvents(text.split("\n"), rules, nesting)) {
    const redacted = redactJsonLine(line, rules, nesting);
    if (redacted === null) {
      others.push(line);
    } else {
      flush();
      out.push(redacted);
    }
  }
  flush();
  return out.join("\n");
}

/** JSON over several `data:` lines of one event becomes one line, where it holds a secret. */
function joinedEvents(lines: readonly string[], rules: Rules, nesting: number): string[] {
  const out: string[] = [];
  const label = "data:";
  for (let first = 0, after: number; first < lines.length; first = after) {
    after = first + 1;
    while (lines[first]?.startsWith(label) === true && lines[after]?.startsWith(label) === true) after++;
    const own = lines.slice(first, after);
    const isMany = own.length > 1 && /^data:\s*[{[]/.test(own[0] ?? "");
    const data = isMany ? own.map((line) => line.slice(label.length)).join("") : "";
    const redacted = isMany ? redactJsonText(data, rules, nesting) : unreadable;
    if (redacted !== unreadable && redacted !== data) out.push(`${label} ${redacted}`);
    else for (const line of own) out.push(line);
  }
  return out;
}

function redactJsonLine(line: string, rules: Rules, nesting: number): string | null {
  const start = /^(?:data:)?\s*(?=[{[])/.exec(line)?.[0];
  if (start === undefined) return null;
  const redacted = redactJsonText(line.slice(start.length), rules, nesting);
  return redacted === unreadable || !rules.names.mayOccurIn(line) ? null : start + redacted;
}

function redactPlain(text: string, rules: Rules, nesting: number): string {
  if (!rules.names.mayOccurIn(text)) return text;
  const inner = innerOf(rules, nesting);
  const marked = redactMarkup(redactPhp(redactPrivateKeys(text, rules), rules), rules, inner);
  const located = redactWords(redactUserInfo(marked, rules), rules, inner);
  const spaced = redactSpaced(redactColumns(redactCredentials(located, rules), rules), rules);
  return redactKnownForms(redactAssignments(spaced, rules), rules.secrets);
}

/** URLs, queries and escaped values that stand in a text. */
function redactWords(text: string, rules: Rules, inner: Inner): string {
  if (!/[?#&%;/]/.test(text)) return text;
  return text.replace(/[^\s"'`<>\\]+/g, (all) => {
    if (!(/[?#&%]/.test(all) || hasPathParameter(all) || hasLongSegment(all)) || !rules.names.mayOccurIn(all)) return all;
    // Punctuation of the sentence around.
    const closers = /[).,;\]}]{1,8}$/.exec(all)?.[0].length ?? 0;
    const word = all.slice(0, all.length - closers);
    return redactWord(word, rules, inner) + all.slice(word.length);
  });
}

function hasLongSegment(word: string): boolean {
  return word.length <= longestUrl && longSegment.test(word);
}

function redactWord(word: string, rules: Rules, inner: Inner): string {
  if (/^[^=]*[/?#]/.test(word)) return redactTarget(word, rules, inner);
  if (word.includes("=")) return redactForm(word, rules, inner);
  // Only what gets simpler by it, else there would be no end.
  return percentDecode(word) === word ? word : redactEncoded(word, rules, inner);
}

/** Credentials that stand for themselves: a scheme, and what is no word of prose. */
function redactCredentials(text: string, rules: Rules): string {
  return text.replace(/\b(bearer|basic) +([\w.~+/-]{8,}=*)(?![\w.~+/=-]|(?<==)["'])/gi, (all, scheme: string, credential: string) => {
    const isCredential = scheme.toLowerCase() === "bearer" ? /\d|^.{24}/.test(credential) : isUserAndPassword(credential);
    return isCredential ? all.slice(0, all.length - credential.length) + rules.secrets.replaceValue(credential) : all;
  });
}

function isUserAndPassword(credential: string): boolean {
  return /^[\w+/-]+={0,2}$/.test(credential) && /^[^\0-\x1f:]*:[^\0-\x1f]*$/.test(Buffer.from(credential, "base64").toString("latin1"));
}

/** Without a byte order mark, what keeps a browser from running it, or the call of JSONP. */
export function unwrapped(text: string): { readonly before: string; readonly json: string; readonly after: string } {
  const before =
    /^(?:\u00ef\u00bb\u00bf)?(?:\)\]\}'?,?\s|(?:while\s?\(1\)|for\s?\(;;\));|(?:\/\*\*\/\s?)?[a-z_$][\w.$]{0,127}\()?/i.exec(text)?.[0] ??
    "";
  const after = before.endsWith("(") ? (/\)\s?;?\s{0,8}$/.exec(text.slice(-16))?.[0] ?? "") : "";
  return { before, json: text.slice(before.length, text.length - after.length), after };
}

function looksLikeJson(text: string): boolean {
  return /^\s*[{[]/.test(unwrapped(text).json);
}
