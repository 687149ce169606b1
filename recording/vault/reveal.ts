/** The request as the user sent it: real values in the place of tokens, in every part of it. The other way round of
 * redaction.ts, for what leaves to a target; nothing of it is stored.
 *
 *    recorded request ─ tokens ─► Vault.valueOf ─► request to send
 *
 * A number that was a secret comes back as a string: its token stands for both. */

import { MIMEType } from "node:util";
import { decodeContent, encodeContent } from "../../model/content.ts";
import { type Body, type HeaderList, type HttpRequest, headerValue, withLengthOf } from "../../model/exchange.ts";
import { mediaTypeOf } from "../../model/media-type.ts";
import { holdsToken, revealForm, revealMarkup, revealPlainly, revealTarget, revealText, type ValueOf } from "./reveal-text.ts";

/** As redaction decodes. */
const maxDecodedBytes = 32 * 1024 * 1024;
const markup = /xml$|^text\/html$|svg/;

/** The same object when there is nothing to put in. Never throws: what cannot be read keeps its tokens. */
export function revealRequest(request: HttpRequest, valueOf: ValueOf): HttpRequest {
  const target = revealTarget(request.target, valueOf);
  const body = revealBody(request.headers, request.body, valueOf);
  const headers = revealHeaders(request.headers, valueOf);
  if (target === request.target && body === request.body && headers === request.headers) return request;
  return { ...request, target, headers: body === request.body ? headers : withLengthOf(headers, body), body };
}

/** The same list where no value changes. */
function revealHeaders(headers: HeaderList, valueOf: ValueOf): HeaderList {
  if (!headers.some(([, value]) => holdsToken(value))) return headers;
  return headers.map(([name, value]) => {
    // Cookies are separated by semicolons like parameters of a URL, and are not escaped.
    const isCookie = name.toLowerCase() === "cookie";
    return [name, isCookie ? revealPlainly(value, valueOf) : revealText(value, valueOf)] as const;
  });
}

function revealBody(headers: HeaderList, body: Body, valueOf: ValueOf): Body {
  if (body.kind !== "whole" || body.bytes.length === 0) return body;
  const content = decodeContent(headers, body.bytes, maxDecodedBytes);
  if (content.kind === "undecodable") return body;
  const text = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength).toString("latin1");
  if (!holdsToken(text)) return body;
  const revealed = revealContent(headers, text, valueOf);
  return revealed === text ? body : { kind: "whole", bytes: encodeContent(Buffer.from(revealed, "latin1"), content.codings) };
}

function revealContent(headers: HeaderList, text: string, valueOf: ValueOf): string {
  const essence = mediaTypeOf(headers)?.essence ?? "";
  if (essence === "application/x-www-form-urlencoded") {
    // What calls itself a form may be JSON or markup all the same.
    return /^\s*[{[<]/.test(text) ? revealText(text, valueOf) : revealForm(text, valueOf);
  }
  if (essence.startsWith("multipart/")) return revealMultipart(headers, text, valueOf);
  return markup.test(essence) ? revealMarkup(text, valueOf) : revealText(text, valueOf);
}

/** Parts of multipart/form-data (RFC 7578), each for itself. */
function revealMultipart(headers: HeaderList, text: string, valueOf: ValueOf): string {
  const boundary = boundaryOf(headers);
  if (boundary === null) return revealPlainly(text, valueOf);
  return text
    .split(`--${boundary}`)
    .map((part) => revealPart(part, valueOf))
    .join(`--${boundary}`);
}

function revealPart(part: string, valueOf: ValueOf): string {
  const head = /^[\s\S]*?\r?\n\r?\n/.exec(part)?.[0] ?? "";
  return head + revealText(part.slice(head.length), valueOf);
}

function boundaryOf(headers: HeaderList): string | null {
  try {
    return new MIMEType(headerValue(headers, "content-type") ?? "").params.get("boundary");
  } catch {
    // No media type, no boundary; MIMEType tells by exception only.
    return null;
  }
}
