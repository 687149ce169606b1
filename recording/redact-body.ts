/** Redacts a message's body, whatever its media type and content-coding.
 *
 *    bytes ──decode──► search for names ──none──► the same bytes
 *                           └─found─► by type: JSON, form, multipart, text ──encode──► new bytes
 *
 * A body whose secrets cannot be found (undecodable, capped, broken JSON) keeps only length and keyed hash. */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { type DecodedContent, decodeContent, encodeContent } from "../model/content.ts";
import { type Body, type HeaderList } from "../model/exchange.ts";
import { isJson, mediaTypeOf } from "../model/media-type.ts";
import { isNearlyText, looksLikeText } from "./nearly-text.ts";
import { contentByPatterns, jsonByPaths, parametersByRule, settled } from "./redact-by-rules.ts";
import { multipartType, redactMultipart, startsAsMultipart } from "./redact-multipart.ts";
import type { Rules } from "./redact-parameters.ts";
import { redactFormText, redactJsonText, redactText, unreadable } from "./redact-text.ts";

/** A coded body may decode to this; more is treated as undecodable. Room for a 1 MiB body of well-packed JSON. */
const maxDecodedBytes = 32 * 1024 * 1024;
/** A character of UTF-8 has four bytes at most. */
const longestCut = 3;
/** A file in a file in a file: deeper nobody packs, and each layer only multiplies what a bomb costs. */
const mostLayers = 3;
/** How files of gzip and zstd begin, anywhere in a byte string. */
const packedStart = /\u001f\u008b\u0008|\u0028\u00b5\u002f\u00fd/;
const longestMagic = 4;
const nothing = new Uint8Array(0);

const binaryTypes =
  /^(?:(?:image|audio|video|font|model)\/(?!svg)|application\/(?:zip|gzip|x-tar|x-7z|pdf|wasm|x?-?protobuf|grpc|msgpack|cbor|vnd\.(?:ms-|openxmlformats|google\.protobuf|apple\.)))/;

/** The same object when nothing had to be redacted.
 * @param headers of the message, before redaction
 * @param layer in how many packed files this one was found */
export function redactBody(headers: HeaderList, body: Body, rules: Rules, layer = 0): Body {
  if (body.kind === "none") return body;
  const essence = mediaTypeOf(headers)?.essence ?? null;
  const isBinary = essence !== null && binaryTypes.test(essence);
  if (body.kind === "capped") {
    const stays = isHidden(body) || (isBinary && !capStartsAsText(body, rules));
    return stays ? body : hidden(body.length, Buffer.from(body.sha256, "hex"), rules);
  }
  if (body.bytes.length === 0) return body;
  const content = decodeContent(headers, body.bytes, maxDecodedBytes);
  if (content.kind === "undecodable") return hideWhole(body.bytes, rules);
  const packed = layer < mostLayers ? redactPacked(headers, content, rules, layer) : null;
  if (packed !== null) return packed;
  // A label is a claim: bytes that are text are treated as text.
  if (isBinary && !isNearlyText(content.bytes) && !startsAsMultipart(content.bytes)) return rewritten(content, body, rules);
  const text = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength).toString("latin1");
  const redacted = settled(text, rules, (before) => redactContent(headers, essence, before, rules, layer));
  if (redacted === text) return rewritten(content, body, rules);
  if (redacted === unreadable) return hideWhole(body.bytes, rules);
  return { kind: "whole", bytes: encodeContent(Buffer.from(redacted, "latin1"), content.codings) };
}

/** What is compressed and does not say so in its fields: a file of gzip or zstd, known by its first bytes (RFC 1952 §2.3.1, RFC 8878 §3.1.1).
 * Null = it is none, or nothing in it is a secret. */
function redactPacked(
  headers: HeaderList,
  { bytes, codings }: DecodedContent & { kind: "decoded" },
  rules: Rules,
  layer: number,
): Body | null {
  const coding = codingByMagic(bytes);
  if (coding === null) return null;
  const labelled = [...headers.filter(([name]) => name.toLowerCase() !== "content-encoding"), ["content-encoding", coding] as const];
  // Cut off, or far larger than it looks: nobody can say what is in it.
  if (decodeContent(labelled, bytes, maxDecodedBytes).kind === "undecodable") return hideWhole(bytes, rules);
  // What the fields say of a type is said of the file, not of what is in it.
  const inside = labelled.filter(([name]) => name.toLowerCase() !== "content-type");
  const redacted = redactBody(inside, { kind: "whole", bytes }, rules, layer + 1);
  if (redacted.kind !== "whole") return redacted;
  return redacted.bytes === bytes ? null : { kind: "whole", bytes: encodeContent(redacted.bytes, codings) };
}

/** A part of a multipart body that is such a file. */
function redactPackedPart(part: string, rules: Rules, layer: number): string | null {
  if (layer >= mostLayers || !packedStart.test(part.slice(0, longestMagic))) return null;
  const redacted = redactPacked([], { kind: "decoded", bytes: Buffer.from(part, "latin1"), codings: [] }, rules, layer);
  if (redacted === null) return null;
  return redacted.kind === "whole" ? Buffer.from(redacted.bytes).toString("latin1") : rules.secrets.replaceValue(part);
}

function codingByMagic(bytes: Uint8Array): "gzip" | "zstd" | null {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (magic.startsWith("1f8b08")) return "gzip";
  // Before its first frame there may be one to skip.
  return magic === "28b52ffd" || /^5[\da-f]2a4d18$/.test(magic) ? "zstd" : null;
}

/** A user's rules, what is found without them, and patterns. */
function redactContent(headers: HeaderList, essence: string | null, text: string, rules: Rules, layer: number): string | typeof unreadable {
  if (isWide(text))
    return rules.given.concernsBodies || rules.names.mayOccurIn(rules.secrets.withoutTokens(text.replaceAll("\0", ""))) ? unreadable : text;
  const isForm = essence === "application/x-www-form-urlencoded";
  const multipart = multipartType(headers, essence, text);
  const isMultipart = multipart !== null;
  const ruled = isForm ? parametersByRule("form", text, rules) : isMultipart ? text : contentByPaths(essence, text, rules);
  if (ruled === unreadable) return unreadable;
  const found = redactFound(multipart, essence, ruled, rules, layer);
  // The parts of a multipart body have had their patterns.
  return found === unreadable || isMultipart ? found : contentByPatterns(found, isForm && found.includes("="), rules);
}

/** What calls itself JSON and cannot be read may hold what a path names. */
function contentByPaths(essence: string | null, text: string, rules: Rules): string | typeof unreadable {
  if (rules.given.paths.length === 0) return text;
  return jsonByPaths(text, rules) ?? (essence !== null && isJson(essence) ? unreadable : text);
}

function redactFound(
  multipart: string | null,
  essence: string | null,
  text: string,
  rules: Rules,
  layer: number,
): string | typeof unreadable {
  if (multipart !== null && (rules.given.concernsBodies || packedStart.test(text) || rules.names.mayOccurIn(text)))
    return redactMultipart(multipart, text, rules, (part) => redactPackedPart(part, rules, layer)) ?? unreadable;
  if (!rules.names.mayOccurIn(text)) return text;
  if (essence === "application/x-www-form-urlencoded") return redactFormText(text, rules);
  if (essence !== null && isJson(essence)) return redactJsonText(text, rules);
  const isTextual = essence !== null && /^text\/|xml$|javascript$|json|yaml|graphql|svg/.test(essence);
  return isTextual || looksLikeText(text) ? redactText(text, rules) : text;
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

/** Text that may have been cut inside a character, or is nearly text and names a secret in what is kept. */
function capStartsAsText({ head, tail }: Body & { kind: "capped" }, rules: Rules): boolean {
  for (let cut = 0; cut <= longestCut; cut++) {
    const start = head.subarray(0, Math.max(head.length - cut, 0));
    if (start.length > 0 && isUtf8(start) && !start.includes(0)) return true;
  }
  const kept = Buffer.concat([head, tail]);
  return isNearlyText(kept) && rules.names.mayOccurIn(kept.toString("latin1"));
}

/** UTF-16 or UTF-32: by its mark, or by a zero byte beside the first character. */
function isWide(text: string): boolean {
  return /^(?:\u00ff\u00fe|\u00fe\u00ff|[^\0]\0|\0{1,3}[^\0])/.test(text);
}

/** A coded body in which nothing was found; what stood beside the coded data, unseen, goes. */
function rewritten(content: DecodedContent & { kind: "decoded" }, body: Body & { kind: "whole" }, rules: Rules): Body {
  if (content.codings.length === 0 || !(content.hasMore || rules.names.mayOccurIn(Buffer.from(body.bytes).toString("latin1")))) return body;
  return { kind: "whole", bytes: encodeContent(content.bytes, content.codings) };
}
