/** Redacts multipart bodies (RFC 7578, RFC 2046 §5.1), whatever they are labelled. Byte strings.
 *
 *    --XX
 *    Content-Disposition: form-data; name="password"; filename="sid=S.txt"     names of fields and files
 *    X-Api-Key: S                                                              headers of the part
 *
 *    S                                                                         the field, also by `name*=` and with escapes, or a packed file
 *    --XX
 *    Content-Type: multipart/mixed; boundary=YY                                parts in parts
 *    … */

import { MIMEType } from "node:util";
import { type HeaderList, headerValue } from "../model/exchange.ts";
import { fullyDecoded, percentEncode } from "./escapes.ts";
import { looksLikeText } from "./nearly-text.ts";
import { contentByPatterns, fieldByRule, jsonByPaths, textByPatterns } from "./redact-by-rules.ts";
import type { Rules } from "./redact-parameters.ts";
import { redactText } from "./redact-text.ts";

/** Parts in parts in parts: deeper nobody nests. */
const deepest = 4;
const firstBoundary = /^(?:\s{0,8})--([^\r\n]{1,200}?)[ \t]{0,8}\r?\nContent-(?:Disposition|Type)[ \t]{0,8}:/i;
/** `name="…"` with what is escaped in it, or `name=…`. */
const fieldName = /[;\s]name\s{0,8}=\s{0,8}(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"?|([^";\s]*))/i;
const extendedName = /[;\s]name\*\s{0,8}=\s{0,8}"?[\w-]*'[\w-]*'([^";\s]*)/i;
const dispositionParameter = /(=\s?")((?:[^"\\\r\n]|\\[^\r\n])*)(?=")|(\*=)([^;"\r\n]+)/g;

type Unpacked = (part: string) => string | null;

/** The media type by which a body is multipart, also by its form alone; null = it is none. */
export function multipartType(headers: HeaderList, essence: string | null, text: string): string | null {
  if (essence?.startsWith("multipart/") === true) return headerValue(headers, "content-type") ?? "";
  const boundary = firstBoundary.exec(text.slice(0, 512))?.[1];
  return boundary === undefined ? null : `multipart/form-data; boundary="${boundary.replace(/["\\]/g, "\\$&")}"`;
}

export function startsAsMultipart(bytes: Uint8Array): boolean {
  return firstBoundary.test(Buffer.from(bytes.subarray(0, 512)).toString("latin1"));
}

/** @param unpacked what becomes of a part that is a packed file; null = it is none, or nothing in it is a secret
 * @returns null = its parts cannot be told apart */
export function redactMultipart(type: string, text: string, rules: Rules, unpacked: Unpacked, depth = 0): string | null {
  const boundary = boundaryOf(type);
  if (boundary === null || boundary === "" || depth > deepest || !text.includes(`--${boundary}`)) return null;
  const parts = text.split(`--${boundary}`).map((part) => redactPart(part, rules, unpacked, depth));
  return parts.join(`--${boundary}`);
}

/** Line feeds alone are against the RFC, and read by many. */
function redactPart(part: string, rules: Rules, unpacked: Unpacked, depth: number): string {
  const headEnd = /\r?\n\r?\n/.exec(part);
  if (headEnd === null) return redactBetweenParts(part, rules);
  const head = part.slice(0, headEnd.index + headEnd[0].length);
  const end = part.endsWith("\r\n") ? part.length - 2 : part.endsWith("\n") ? part.length - 1 : part.length;
  const value = part.slice(head.length, Math.max(end, head.length));
  const name = nameOf(head);
  const nested = /^Content-Type[ \t]*:[ \t]*(multipart\/[^\r\n]*)/im.exec(head)?.[1];
  const redacted =
    fieldByRule(name, value, rules) ?? redactField(name, value, rules, unpacked, nested === undefined ? null : { type: nested, depth });
  return redactPartHead(head, rules) + redacted + part.slice(head.length + value.length);
}

function nameOf(head: string): string {
  const [, quoted, bare = ""] = fieldName.exec(head) ?? [];
  const extended = extendedName.exec(head)?.[1];
  return extended === undefined ? (quoted?.replace(/\\(.)/g, "$1") ?? bare) : fullyDecoded(extended);
}

/** What nobody reads, before the first part and after the last, whose boundary ends in two hyphens. */
function redactBetweenParts(text: string, rules: Rules): string {
  const end = /^(?:--)?\s{0,8}/.exec(text)?.[0].length ?? 0;
  const rest = text.slice(end);
  return text.slice(0, end) + textByPatterns(looksLikeText(rest) ? redactText(rest, rules) : rest, rules);
}

/** Headers of the part; names of fields and files. */
function redactPartHead(head: string, rules: Rules): string {
  const lines = head.split("\n").map((line) => {
    const [before = "", name = ""] = /^([^:\s]{1,128})[ \t]*:[ \t]*/.exec(line) ?? [];
    if (name === "") return line;
    const value = line.slice(before.length).trimEnd();
    const after = line.slice(before.length + value.length);
    if (rules.names.matches(name)) return before + rules.secrets.replaceValue(value) + after;
    return /^content-/i.test(name) ? line : before + redactText(value, rules) + after;
  });
  return lines.join("\n").replace(dispositionParameter, (_all, quote = "", quoted = "", equals = "", bare = "") => {
    const found = redactText(quoted, rules);
    const foundBare = rules.names.mayOccurIn(bare) ? redactExtended(bare, rules) : bare;
    return `${quote}${textByPatterns(found, rules)}${equals}${textByPatterns(foundBare, rules)}`;
  });
}

/** `utf-8''password%3DS.txt` */
function redactExtended(value: string, rules: Rules): string {
  const charset = /^[\w-]*'[\w-]*'/.exec(value)?.[0] ?? "";
  const decoded = fullyDecoded(value.slice(charset.length));
  const redacted = redactText(decoded, rules);
  return redacted === decoded ? value : charset + percentEncode(redacted);
}

/** @param nested of a part that has parts, which lies in so many others */
function redactField(
  name: string,
  value: string,
  rules: Rules,
  unpacked: Unpacked,
  nested: { readonly type: string; readonly depth: number } | null,
): string {
  if (rules.names.matches(name) || rules.names.matches(fullyDecoded(name))) return rules.secrets.replaceValue(value);
  if (nested !== null) return redactMultipart(nested.type, value, rules, unpacked, nested.depth + 1) ?? rules.secrets.replaceValue(value);
  const repacked = unpacked(value);
  if (repacked !== null || !looksLikeText(value)) return repacked ?? value;
  const ruled = rules.given.paths.length === 0 ? value : (jsonByPaths(value, rules) ?? value);
  return contentByPatterns(redactText(ruled, rules), false, rules);
}

function boundaryOf(type: string): string | null {
  try {
    return new MIMEType(type).params.get("boundary");
  } catch {
    // No media type, no boundary; MIMEType tells by exception only.
    return null;
  }
}
