/** An exchange as one entry of a HAR 1.2, with all fields that the format asks for, so that any reader opens it.
 * Bodies are written as HAR wants them: without their content-coding, text where they are text, else base64. */

import { isUtf8 } from "node:buffer";
import { decodeContent } from "../../model/content.ts";
import { parseCookieHeader, parseSetCookie } from "../../model/cookies.ts";
import {
  type Answer,
  type Body,
  type Exchange,
  type HeaderList,
  type HttpRequest,
  headerValue,
  headerValues,
} from "../../model/exchange.ts";
import type { JsonObject } from "../fields.ts";

/** More is written as it is, coded. */
const maxDecodedBytes = 64 * 1024 * 1024;
/** HAR's way to say that something is not known. */
const unknown = -1;
/** A name that is nobody's (RFC 2606 §2): every URL has to have one. */
const noHost = "unknown.invalid";

export function harEntry({ at, connection, request, outcome }: Exchange): JsonObject {
  const answered = outcome.kind === "answered";
  const wait = answered ? outcome.firstByteMs : outcome.tookMs;
  const receive = Math.max(0, outcome.tookMs - wait);
  return {
    startedDateTime: new Date(at).toISOString(),
    time: wait + receive,
    request: requestOf(request),
    response: answered ? responseOf(outcome.answer, request.version) : failureOf(outcome.kind),
    cache: {},
    timings: { blocked: unknown, dns: unknown, connect: unknown, ssl: unknown, send: 0, wait, receive },
    ...(connection === undefined ? {} : { connection }),
  };
}

function requestOf({ method, target, version, headers, body }: HttpRequest): JsonObject {
  const url = urlOf(target, headers);
  return {
    method,
    url,
    httpVersion: `HTTP/${version}`,
    cookies: headerValues(headers, "cookie").flatMap((value) =>
      parseCookieHeader(value).map(([name, content]) => ({ name, value: content })),
    ),
    headers: namesAndValues(headers),
    queryString: [...new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "")].map(([name, value]) => ({ name, value })),
    ...(body.kind === "none" ? {} : { postData: postDataOf(headers, body) }),
    headersSize: unknown,
    bodySize: sizeOf(body),
  };
}

/** Every URL is one that others can read; where that changes the target, it is kept beside (har-beside.ts). */
function urlOf(target: string, headers: HeaderList): string {
  const host = headerValue(headers, "host") ?? "";
  const origin = `http://${/^[A-Za-z0-9.[\]:_-]+$/.test(host) && URL.canParse(`http://${host}/`) ? host : noHost}`;
  const visible = target.replace(/[^\x21-\x7e]|["<>\\^`{|}#]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  if (/^https?:\/\//i.test(visible) && URL.canParse(visible)) return visible;
  return `${origin}${visible.startsWith("/") ? "" : "/"}${visible}`;
}

function postDataOf(headers: HeaderList, body: Body): JsonObject {
  const mimeType = headerValue(headers, "content-type") ?? "";
  const text = body.kind === "whole" ? textOf(decoded(headers, body.bytes)) : null;
  if (text !== null) return { mimeType, text };
  return { mimeType, text: "", comment: body.kind === "whole" ? "binary; in _penumbra" : "not kept whole" };
}

function responseOf({ status, reason, headers, body }: Answer, version: string): JsonObject {
  return {
    status,
    statusText: reason,
    httpVersion: `HTTP/${version}`,
    cookies: headerValues(headers, "set-cookie").map(cookieOf),
    headers: namesAndValues(headers),
    content: contentOf(headers, body),
    redirectURL: headerValue(headers, "location") ?? "",
    headersSize: unknown,
    bodySize: sizeOf(body),
  };
}

function failureOf(kind: string): JsonObject {
  return {
    status: 0,
    statusText: "",
    httpVersion: "",
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: "x-unknown" },
    redirectURL: "",
    headersSize: unknown,
    bodySize: unknown,
    _error: kind,
  };
}

function contentOf(headers: HeaderList, body: Body): JsonObject {
  const mimeType = headerValue(headers, "content-type") ?? "";
  if (body.kind === "none") return { size: 0, mimeType, text: "" };
  if (body.kind === "capped") return { size: body.length, mimeType, comment: "not kept whole" };
  const bytes = decoded(headers, body.bytes);
  const text = textOf(bytes);
  const [size, compression] = [bytes.byteLength, bytes.byteLength - body.bytes.byteLength];
  return {
    size,
    compression,
    mimeType,
    ...(text === null ? { text: Buffer.from(bytes).toString("base64"), encoding: "base64" } : { text }),
  };
}

function cookieOf(value: string): JsonObject {
  const { name, value: content, attributes } = parseSetCookie(value);
  const attribute = (wanted: string): string | null => attributes.find(([key]) => key === wanted)?.[1] ?? null;
  const texts = (["path", "domain"] as const).flatMap((key) => (attribute(key) === null ? [] : [[key, attribute(key)] as const]));
  const expires = Date.parse(attribute("expires") ?? "");
  return {
    name,
    value: content,
    ...Object.fromEntries(texts),
    ...(Number.isNaN(expires) ? {} : { expires: new Date(expires).toISOString() }),
    httpOnly: attributes.some(([key]) => key === "httponly"),
    secure: attributes.some(([key]) => key === "secure"),
  };
}

function namesAndValues(headers: HeaderList): JsonObject[] {
  return headers.map(([name, value]) => ({ name, value }));
}

function sizeOf(body: Body): number {
  return body.kind === "none" ? 0 : body.kind === "whole" ? body.bytes.byteLength : body.length;
}

function decoded(headers: HeaderList, bytes: Uint8Array): Uint8Array {
  const content = decodeContent(headers, bytes, maxDecodedBytes);
  return content.kind === "decoded" ? content.bytes : bytes;
}

/** Null where the bytes are no text that JSON can hold and give back. */
function textOf(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : null;
}
