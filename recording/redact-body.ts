/** Redacts a message's body, whatever its media type and content-coding.
 *
 *    bytes ──decode──► search for names ──none──► the same bytes
 *                           └─found─► by type: JSON, form, multipart, text ──encode──► new bytes
 *
 * A body whose secrets cannot be found (undecodable, capped, broken JSON) keeps only length and keyed hash. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { MIMEType } from "node:util";
import { decodeContent, encodeContent } from "../model/content.ts";
import { type Body, type HeaderList, headerValue } from "../model/exchange.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { contentByPatterns, fieldByRule, jsonByPaths, parametersByRule, settled, textByPatterns } from "./redact-by-rules.ts";
import type { Rules } from "./redact-parameters.ts";
import { redactFormText, redactJsonText, redactText, unreadable } from "./redact-text.ts";

/** A coded body may decode to this; more is treated as undecodable. Room for a 1 MiB body of well-packed JSON. */
const maxDecodedBytes = 32 * 1024 * 1024;
/** A character of UTF-8 has four bytes at most. */
const longestCut = 3;
const nothing = new Uint8Array(0);

const binaryTypes =
  /^(?:(?:image|audio|video|font|model)\/(?!svg)|application\/(?:zip|gzip|x-tar|x-7z|pdf|wasm|x?-?protobuf|grpc|msgpack|cbor|vnd\.(?:ms-|openxmlformats|google\.protobuf|apple\.)))/;

/** The same object when nothing had to be redacted. @param headers of the message, before redaction */
export function redactBody(headers: HeaderList, body: Body, rules: Rules): Body {
  if (body.kind === "none") return body;
  const essence = mediaTypeOf(headers)?.essence ?? null;
  const isBinary = essence !== null && binaryTypes.test(essence);
  if (body.kind === "capped") {
    const stays = isHidden(body) || (isBinary && !startsAsText(body.head));
    return stays ? body : hidden(body.length, Buffer.from(body.sha256, "hex"), rules);
  }
  if (body.bytes.length === 0) return body;
  const content = decodeContent(headers, body.bytes, maxDecodedBytes);
  if (content.kind === "undecodable") return hideWhole(body.bytes, rules);
  // A label is a claim: bytes that are text are treated as text.
  if (isBinary && !isText(content.bytes)) return body;
  const text = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength).toString("latin1");
  const redacted = settled(text, rules, (before) => redactContent(headers, essence, before, rules));
  if (redacted === text) return body;
  if (redacted === unreadable) return hideWhole(body.bytes, rules);
  return { kind: "whole", bytes: encodeContent(Buffer.from(redacted, "latin1"), content.codings) };
}

/** A user's rules, what is found without them, and patterns. */
function redactContent(headers: HeaderList, essence: string | null, text: string, rules: Rules): string | typeof unreadable {
  if (isWide(text)) return rules.given.concernsBodies || rules.names.mayOccurIn(text.replaceAll("\0", "")) ? unreadable : text;
  const isForm = essence === "application/x-www-form-urlencoded";
  const isMultipart = essence?.startsWith("multipart/") === true;
  const ruled = isForm ? parametersByRule("form", text, rules) : isMultipart ? text : contentByPaths(essence, text, rules);
  if (ruled === unreadable) return unreadable;
  const found = redactFound(headers, essence, ruled, rules);
  // The parts of a multipart body have had their patterns.
  return found === unreadable || isMultipart ? found : contentByPatterns(found, isForm && found.includes("="), rules);
}

/** What calls itself JSON and cannot be read may hold what a path names. */
function contentByPaths(essence: string | null, text: string, rules: Rules): string | typeof unreadable {
  if (rules.given.paths.length === 0) return text;
  return jsonByPaths(text, rules) ?? (essence !== null && isJson(essence) ? unreadable : text);
}

function redactFound(headers: HeaderList, essence: string | null, text: string, rules: Rules): string | typeof unreadable {
  if (essence?.startsWith("multipart/") === true && rules.given.concernsBodies) return redactMultipart(headers, text, rules);
  if (!rules.names.mayOccurIn(text)) return text;
  if (essence === "application/x-www-form-urlencoded") return redactFormText(text, rules);
  if (essence !== null && isJson(essence)) return redactJsonText(text, rules);
  if (essence?.startsWith("multipart/") === true) return redactMultipart(headers, text, rules);
  const isTextual = essence !== null && /^text\/|xml$|javascript$|json|yaml|graphql|svg/.test(essence);
  return isTextual || looksLikeText(text) ? redactText(text, rules) : text;
}

/** Parts of multipart/form-data (RFC 7578): a sensitive field's value, and what other fields hold. */
function redactMultipart(headers: HeaderList, text: string, rules: Rules): string | typeof unreadable {
  const boundary = boundaryOf(headers);
  if (boundary === null || boundary === "" || !text.includes(`--${boundary}`)) return unreadable;
  const parts = text.split(`--${boundary}`).map((part) => redactPart(part, rules));
  return parts.join(`--${boundary}`);
}

/** Line feeds alone are against the RFC, and read by many. */
function redactPart(part: string, rules: Rules): string {
  const headEnd = /\r?\n\r?\n/.exec(part);
  if (headEnd === null) return redactBetweenParts(part, rules);
  const head = part.slice(0, headEnd.index + headEnd[0].length);
  const end = part.endsWith("\r\n") ? part.length - 2 : part.endsWith("\n") ? part.length - 1 : part.length;
  const value = part.slice(head.length, Math.max(end, head.length));
  const name = /[;\s]name\s?=\s?"?([^";\r\n]*)/i.exec(head)?.[1] ?? "";
  const redacted = fieldByRule(name, value, rules) ?? redactField(name, value, rules);
  return redactPartHead(head, rules) + redacted + part.slice(head.length + value.length);
}

/** What nobody reads, before the first part and after the last, whose boundary ends in two hyphens. */
function redactBetweenParts(text: string, rules: Rules): string {
  const end = /^(?:--)?\s{0,8}/.exec(text)?.[0].length ?? 0;
  return text.slice(0, end) + textByPatterns(redactPlain(text.slice(end), rules), rules);
}

/** Names of fields and files. */
function redactPartHead(head: string, rules: Rules): string {
  return head.replace(/(=\s?")([^"\r\n]*)(?=")|(\*=)([^;"\r\n]+)/g, (_all, quote = "", quoted = "", equals = "", bare = "") => {
    return `${quote}${textByPatterns(quoted, rules)}${equals}${textByPatterns(bare, rules)}`;
  });
}

function redactField(name: string, value: string, rules: Rules): string {
  if (rules.names.matches(name)) return rules.secrets.replaceValue(value);
  if (!looksLikeText(value)) return value;
  const ruled = rules.given.paths.length === 0 ? value : (jsonByPaths(value, rules) ?? value);
  return contentByPatterns(redactText(ruled, rules), false, rules);
}

function redactPlain(value: string, rules: Rules): string {
  return looksLikeText(value) ? redactText(value, rules) : value;
}

function boundaryOf(headers: HeaderList): string | null {
  try {
    return new MIMEType(headerValue(headers, "content-type") ?? "").params.get("boundary");
  } catch {
    // No media type, no boundary; MIMEType tells by exception only.
    return null;
  }
}

function hideWhole(bytes: Uint8Array, rules: Rules): Body {
  return hidden(bytes.length, createHash("sha256").update(bytes).digest(), rules);
}

/** Length and keyed hash; the same for a whole and a capped body of the same bytes. */
function hidden(length: number, sha256: Uint8Array, rules: Rules): Body {
  return { kind: "capped", length, sha256: rules.secrets.keyedHash(sha256), head: nothing, tail: nothing };
}

function isHidden(body: Body & { kind: "capped" }): boolean {
  return body.head.length === 0 && body.tail.length === 0;
}

/** UTF-16 or UTF-32: by its mark, or by a zero byte beside the first character. */
function isWide(text: string): boolean {
  return /^(?:\u00ff\u00fe|\u00fe\u00ff|[^\0]\0|\0{1,3}[^\0])/.test(text);
}

/** Text that may have been cut inside a character. */
function startsAsText(head: Uint8Array): boolean {
  for (let cut = 0; cut <= longestCut; cut++) if (isText(head.subarray(0, Math.max(head.length - cut, 0)))) return true;
  return false;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && isUtf8(bytes) && !bytes.includes(0);
}

function looksLikeText(text: string): boolean {
  return !text.includes("\0") && isUtf8(Buffer.from(text, "latin1"));
}
