/** Compares the bodies of two answers: decoded, then by what they are.
 *
 *    Body ─► readBody ─► nothing · bytes · undecodable · capped ─► document, XML, HTML, text, or bytes */

import { hash } from "node:crypto";
import { decodeContent } from "../../model/content.ts";
import type { DifferenceKind } from "../../model/difference.ts";
import type { Answer, Body } from "../../model/exchange.ts";
import type { JsonParse } from "../../model/json/node.ts";
import { type MediaType, mediaTypeOf } from "../../model/media-type.ts";
import { commonBeginning, overLimitTransition } from "./beginnings.ts";
import { type BodyKind, bodyText, type DocumentKind, isDocumentKind, kindOfBytes, kindOfType } from "./body-kind.ts";
import { readDocuments } from "./documents/read-pair.ts";
import { excerpt } from "./excerpt.ts";
import { compareJson } from "./json.ts";
import { compareMarkup } from "./markup.ts";
import type { AnswerPair, CompareLimits } from "./pair.ts";
import { compareTextBodies } from "./text.ts";
import { compareTextBytes } from "./text-bytes.ts";
import { compareXml } from "./xml.ts";
import { xmlText } from "./xml-tree.ts";

/** A body without its content-coding. */
export type ReadBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly type: MediaType | null }
  | { readonly kind: "undecodable"; readonly bytes: Uint8Array; readonly problem: string }
  | { readonly kind: "capped"; readonly body: Body & { readonly kind: "capped" } };

/** Leaves of a body that is compared as a whole. */
export const wholeBody = 1;

/** Decodes the body of an answer; no body is read as an empty one. */
export function readBody(answer: Answer, limits: CompareLimits): ReadBody {
  const { body, headers } = answer;
  if (body.kind === "capped") return { kind: "capped", body };
  const raw = body.kind === "none" ? new Uint8Array() : body.bytes;
  const content = decodeContent(headers, raw, limits.decodedBytes);
  if (content.kind === "undecodable") return { kind: "undecodable", bytes: raw, problem: content.problem };
  return { kind: "bytes", bytes: content.bytes, type: mediaTypeOf(headers) };
}

/** Equal to the last byte. */
export function sameBody(left: ReadBody, right: ReadBody): boolean {
  if (left.kind === "capped" && right.kind === "capped")
    return left.body.length === right.body.length && left.body.sha256 === right.body.sha256;
  if (left.kind === "capped" || right.kind === "capped") return sameAsCapped(left, right);
  return left.kind === right.kind && Buffer.compare(left.bytes, right.bytes) === 0;
}

/** A whole body equals a capped one when the two sides' caps differ. */
function sameAsCapped(left: ReadBody, right: ReadBody): boolean {
  const [capped, whole] = left.kind === "capped" ? [left, right] : [right, left];
  if (capped.kind !== "capped" || whole.kind === "capped" || whole.bytes.length !== capped.body.length) return false;
  return hash("sha256", whole.bytes, "hex") === capped.body.sha256;
}

/** Compares two bodies that are not equal byte for byte; what differs goes to the ledger of `pair`. */
export function compareBodies(left: ReadBody, right: ReadBody, pair: AnswerPair): void {
  if (left.kind === "capped" || right.kind === "capped") {
    differ(pair, "body.opaque", describe(left), describe(right), "capped");
    pair.ledger.skip(wholeBody);
  } else if (left.kind !== right.kind) {
    differ(
      pair,
      "body.undecodable",
      describe(left),
      describe(right),
      left.kind === "undecodable" ? "undecodable→decoded" : "decoded→undecodable",
    );
  } else if (left.bytes.length === 0 || right.bytes.length === 0) {
    differ(pair, "body.empty", describe(left), describe(right), left.bytes.length === 0 ? "empty→content" : "content→empty");
  } else if (left.kind === "bytes" && right.kind === "bytes") {
    compareBytes(left, right, pair);
  } else {
    compareOpaque(left, right, pair);
  }
}

type DecodedBody = ReadBody & { readonly kind: "bytes" };

function compareBytes(left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const before = kindOfType(left.type) ?? kindOfBytes(left.bytes);
  const after = kindOfType(right.type) ?? kindOfBytes(right.bytes);
  if (before !== after) return compareAcrossKinds(left, right, pair);
  return compareKind(before, left, right, pair);
}

function compareKind(kind: BodyKind, left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  if (isDocumentKind(kind)) return compareDocuments(kind, left, right, pair);
  switch (kind) {
    case "xml":
      return compareXmlBodies(left, right, pair);
    case "markup": {
      const [before, after] = [bodyText(left.bytes, left.type), bodyText(right.bytes, right.type)];
      if (!compareMarkup(before, after, pair)) compareTexts(left, right, pair);
      return;
    }
    case "text":
      return compareTexts(left, right, pair);
    case "bytes":
      return compareOpaque(left, right, pair);
    default:
      return kind satisfies never;
  }
}

/** The media types say different things, which is an event of its own. Where both sides are JSON all
 * the same, the documents are compared; else there is nothing in common to compare. */
function compareAcrossKinds(left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const looksLikeJson = kindOfBytes(left.bytes) === "json" && kindOfBytes(right.bytes) === "json";
  const [before, after] = looksLikeJson ? readDocuments("json", left, right, pair.limits) : [null, null];
  if (before?.kind === "parsed" && after?.kind === "parsed") compareParsed(before, after, pair);
  else pair.ledger.skip(wholeBody);
}

function compareTexts(left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const [before, after] = [bodyText(left.bytes, left.type), bodyText(right.bytes, right.type)];
  if (before === after) compareTextBytes(left, right, before, pair);
  else compareTextBodies(before, after, pair);
}

function compareDocuments(kind: DocumentKind, left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const [before, after] = readDocuments(kind, left, right, pair.limits);
  if (before.kind === "parsed" && after.kind === "parsed") compareParsed(before, after, pair);
  else if (before.kind !== "invalid" && after.kind !== "invalid") compareBeginnings(before, after, left, right, pair);
  else compareUnread(before.kind, after.kind, left, right, pair);
}

type ReadDocument = Exclude<JsonParse, { readonly kind: "invalid" }>;

/** At least one is beyond the bound: what lies before that is compared as ever. */
function compareBeginnings(before: ReadDocument, after: ReadDocument, left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const beginning = commonBeginning({ bytes: left.bytes, parse: before }, { bytes: right.bytes, parse: after });
  if (beginning === null) return compareUnread(before.kind, after.kind, left, right, pair);
  if (before.kind === after.kind && beginning.isRestSame) pair.ledger.agree(beginning.rest);
  else {
    differ(
      pair,
      "body.opaque",
      describe(left),
      describe(right),
      overLimitTransition(before.kind, after.kind, [lengthOf(left), lengthOf(right)]),
    );
    pair.ledger.skip(beginning.rest);
  }
  compareJson(beginning.left, beginning.right, pair, beginning.duplicateKeys);
}

type ParsedDocument = JsonParse & { readonly kind: "parsed" };

function compareParsed(left: ParsedDocument, right: ParsedDocument, pair: AnswerPair): void {
  compareJson(left.root, right.root, pair, left.duplicateKeys || right.duplicateKeys);
}

function compareXmlBodies(left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  const outcome = compareXml(xmlText(left.bytes, left.type), xmlText(right.bytes, right.type), pair);
  if (outcome !== null) compareUnread(outcome.left, outcome.right, left, right, pair);
}

/** At least one side is not what it should be, or beyond a bound. What is malformed on both sides is compared as it stands. */
function compareUnread(before: JsonParse["kind"], after: JsonParse["kind"], left: DecodedBody, right: DecodedBody, pair: AnswerPair): void {
  if (before === "over-limit" || after === "over-limit") {
    differ(pair, "body.opaque", describe(left), describe(right), overLimitTransition(before, after, [lengthOf(left), lengthOf(right)]));
    pair.ledger.skip(wholeBody);
  } else if (before === "invalid" && after === "invalid") {
    if (isText(left.bytes) && isText(right.bytes)) compareTexts(left, right, pair);
    else compareOpaque(left, right, pair);
  } else {
    differ(pair, "body.unparseable", describe(left), describe(right), `${before}→${after}`);
  }
}

function isText(bytes: Uint8Array): boolean {
  return kindOfBytes(bytes) !== "bytes";
}

function compareOpaque(left: ReadBody, right: ReadBody, pair: AnswerPair): void {
  const kind = lengthOf(left) === lengthOf(right) ? "body.opaque" : "body.size";
  differ(pair, kind, describe(left), describe(right), kind === "body.size" ? "size" : "bytes");
}

function lengthOf(body: ReadBody): number {
  return body.kind === "capped" ? body.body.length : body.bytes.length;
}

/** Length and start of a body, or what is wrong with it. */
function describe(body: ReadBody): string {
  const length = `${lengthOf(body)} bytes`;
  switch (body.kind) {
    case "undecodable":
      return excerpt(`${length}, ${body.problem}`);
    case "capped":
      return `${length}, sha256 ${body.body.sha256}`;
    case "bytes":
      return body.bytes.length === 0 ? "empty" : excerpt(`${length}: ${Buffer.from(body.bytes.subarray(0, shownBytes)).toString("utf8")}`);
    default:
      return body satisfies never;
  }
}

/** Enough to fill a rendering. */
const shownBytes = 200;

function differ(pair: AnswerPair, kind: DifferenceKind, from: string, to: string, transition: string): void {
  pair.ledger.differ({ location: "body", path: "", kind, level: "value", from, to, transition });
}
