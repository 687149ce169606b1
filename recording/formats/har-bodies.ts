/** Bodies in a HAR (http://www.softwareishard.com/blog/har-12-spec/, `postData` and `content`) as bytes on the wire.
 *
 *    content.text, content.encoding ──► decoded bytes ──Content-Encoding of the fields──► coded again ──► body
 *
 * A HAR holds bodies without their content-coding and keeps the field that names it. Dropping the field would make a difference
 * to every other answer, so the coding is put on again; Content-Length follows. A body that the HAR leaves out is unrecorded, not empty. */

import { isUtf8 } from "node:buffer";
import { contentCodings, decodeContent, encodeContent } from "../../model/content.ts";
import { type Body, type HeaderList, headerValue, noBody, unrecordedBody, withLengthOf } from "../../model/exchange.ts";
import { mediaTypeOf } from "../../model/media-type.ts";
import type { JsonObject } from "../fields.ts";
import { objectsAt, sizeAt, textAt } from "./har-json.ts";
import type { Tally } from "./tally.ts";

export interface Content {
  readonly headers: HeaderList;
  readonly body: Body;
}

const bodiless: ReadonlySet<number> = new Set([204, 304]);
/** As much as a body may have, many times over; only asked to see whether it is coded at all. */
const maxDecodedBytes = 64 * 1024 * 1024;

/** The body of an answer.
 * @param content `response.content` */
export function answerContent(content: JsonObject, status: number, method: string, headers: HeaderList, tally: Tally): Content {
  const text = textAt(content, "text") ?? "";
  if (method === "HEAD" || bodiless.has(status)) {
    if (text !== "") tally.add("body", "of an answer without one left out (it is the browser's copy)");
    return { headers, body: noBody };
  }
  const size = sizeAt(content, "size");
  if (text === "") return { headers, body: absent(size, headers, tally, "answer") };
  const bytes = bytesOf(text, textAt(content, "encoding"), headers);
  if (size !== null && size > bytes.length && isByteText(content, headers)) {
    tally.add("answer body", "shorter than its size, so not compared");
    return { headers, body: unrecordedBody(size) };
  }
  return coded(bytes, headers, tally);
}

/** The body of a request.
 * @param post `request.postData` */
export function requestContent(post: JsonObject, size: number | null, headers: HeaderList, tally: Tally): Content {
  const text = textAt(post, "text") ?? "";
  if (text !== "") return coded(bytesOf(text, textAt(post, "encoding"), headers), headers, tally);
  const params = objectsAt(post, "params");
  const type = textAt(post, "mimeType") ?? headerValue(headers, "content-type") ?? "";
  if (params.length > 0 && /^\s*application\/x-www-form-urlencoded/i.test(type)) return coded(formOf(params), headers, tally);
  return { headers, body: absent(size ?? 0, headers, tally, "request") };
}

/** No body where nothing says that there was one.
 * @param size null = not known */
function absent(size: number | null, headers: HeaderList, tally: Tally, whose: "request" | "answer"): Body {
  const declared = headerValue(headers, "content-length");
  const length = declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : size;
  if (length === 0) return noBody;
  tally.add(`${whose} body`, `not in the file, so not ${whose === "request" ? "sent" : "compared"}`);
  return unrecordedBody(length ?? 0);
}

function bytesOf(text: string, encoding: string | null, headers: HeaderList): Buffer {
  if (encoding?.toLowerCase() === "base64") return Buffer.from(text, "base64");
  const isLatin1 = /^(?:iso-8859-1|latin1|windows-1252|us-ascii)$/.test(charsetOf(headers)) && !/[^\0-\x7f\xa0-\xff]/.test(text);
  return Buffer.from(text, isLatin1 ? "latin1" : "utf8");
}

/** Whether its length in bytes can be told from its text. */
function isByteText(content: JsonObject, headers: HeaderList): boolean {
  return textAt(content, "encoding") !== null || /^(?:|utf-?8|us-ascii)$/.test(charsetOf(headers));
}

function charsetOf(headers: HeaderList): string {
  return (mediaTypeOf(headers)?.charset ?? "").toLowerCase();
}

/** As a form sends its fields (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). */
function formOf(params: readonly JsonObject[]): Buffer {
  const pairs = params.map((param): [string, string] => [textAt(param, "name") ?? "", textAt(param, "value") ?? ""]);
  return Buffer.from(new URLSearchParams(pairs).toString());
}

function coded(bytes: Buffer, headers: HeaderList, tally: Tally): Content {
  const codings = contentCodings(headers);
  const body = (content: Uint8Array, fields: HeaderList): Content => {
    const whole: Body = content.length === 0 ? noBody : { kind: "whole", bytes: content };
    return { headers: withLengthOf(fields, whole), body: whole };
  };
  if (codings.length === 0 || isStillCoded(bytes, headers)) return body(bytes, headers);
  try {
    return body(encodeContent(bytes, codings), headers);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    tally.add("Content-Encoding", "that cannot be made again taken away: the body is there without it");
    return body(
      bytes,
      headers.filter(([name]) => name.toLowerCase() !== "content-encoding"),
    );
  }
}

/** Some tools write the bytes as they came, all or those that they could not decode. */
function isStillCoded(bytes: Buffer, headers: HeaderList): boolean {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return true;
  return !isUtf8Text(bytes) && decodeContent(headers, bytes, maxDecodedBytes).kind === "decoded";
}

function isUtf8Text(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
