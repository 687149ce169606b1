/** Puts something in the place of text in every part of a message: bodies are decoded and coded again as they were. The same object
 * where nothing changes. A body that cannot be decoded is left to redaction, which keeps only its length and a keyed hash. */

import { decodeContent, encodeContent } from "../../model/content.ts";
import {
  type Answer,
  type Body,
  type Exchange,
  type HeaderList,
  type HttpRequest,
  type Outcome,
  withLengthOf,
} from "../../model/exchange.ts";
import { isJson, mediaTypeOf } from "../../model/media-type.ts";
import { decodedBytes, encodedBytes } from "../byte-text.ts";

/** Of a byte string. */
export type Replace = (text: string, isJson: boolean) => string;

/** As redaction decodes. */
const maxDecodedBytes = 32 * 1024 * 1024;

export function exchangeWith(exchange: Exchange, replace: Replace): Exchange {
  const request = requestWith(exchange.request, replace);
  const outcome = outcomeWith(exchange.outcome, replace);
  return request === exchange.request && outcome === exchange.outcome ? exchange : { ...exchange, request, outcome };
}

export function outcomeWith(outcome: Outcome, replace: Replace): Outcome {
  if (outcome.kind === "answered") {
    const answer = answerWith(outcome.answer, replace);
    return answer === outcome.answer ? outcome : { ...outcome, answer };
  }
  if (outcome.detail === undefined) return outcome;
  const before = encodedBytes(outcome.detail);
  const after = replace(before, false);
  return after === before ? outcome : { ...outcome, detail: decodedBytes(after) };
}

function requestWith(request: HttpRequest, replace: Replace): HttpRequest {
  const target = replace(request.target, false);
  const message = messageWith(request, replace);
  return target === request.target && message === request ? request : { ...message, target };
}

function answerWith(answer: Answer, replace: Replace): Answer {
  const reason = replace(answer.reason, false);
  const message = messageWith(answer, replace);
  return reason === answer.reason && message === answer ? answer : { ...message, reason };
}

function messageWith<Message extends HttpRequest | Answer>(message: Message, replace: Replace): Message {
  const body = bodyWith(message.headers, message.body, replace);
  const headers = fieldsWith(message.headers, replace);
  const trailers = message.trailers === undefined ? undefined : fieldsWith(message.trailers, replace);
  if (body === message.body && headers === message.headers && trailers === message.trailers) return message;
  return {
    ...message,
    headers: body === message.body ? headers : withLengthOf(headers, body),
    body,
    ...(trailers === undefined ? {} : { trailers }),
  };
}

function fieldsWith(fields: HeaderList, replace: Replace): HeaderList {
  const replaced = fields.map(([name, value]) => [replace(name, false), replace(value, false)] as const);
  return replaced.every(([name, value], index) => name === fields[index]?.[0] && value === fields[index]?.[1]) ? fields : replaced;
}

function bodyWith(headers: HeaderList, body: Body, replace: Replace): Body {
  switch (body.kind) {
    case "none":
      return body;
    case "whole": {
      const content = decodeContent(headers, body.bytes, maxDecodedBytes);
      if (content.kind === "undecodable") return body;
      const bytes = bytesWith(content.bytes, (text) => replace(text, isJson(mediaTypeOf(headers)?.essence ?? "")));
      return bytes === content.bytes ? body : { kind: "whole", bytes: encodeContent(bytes, content.codings) };
    }
    case "capped": {
      const [head, tail] = [body.head, body.tail].map((part) => bytesWith(part, (text) => replace(text, false)));
      return head === undefined || tail === undefined || (head === body.head && tail === body.tail) ? body : { ...body, head, tail };
    }
    default:
      return body satisfies never;
  }
}

function bytesWith(bytes: Uint8Array, replace: (text: string) => string): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = wideOrder(buffer);
  if (order !== null) return wideWith(bytes, order, replace);
  const text = buffer.toString("latin1");
  const replaced = replace(text);
  return replaced === text ? bytes : Buffer.from(replaced, "latin1");
}

/** UTF-16, by its mark or by the zero byte beside its first character. */
function wideOrder(bytes: Buffer): "little" | "big" | null {
  const [first, second] = bytes;
  if (bytes.length < 2 || bytes.length % 2 !== 0) return null;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "little";
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? "big" : null;
}

function wideWith(bytes: Uint8Array, order: "little" | "big", replace: (text: string) => string): Uint8Array {
  const little = order === "little" ? Buffer.from(bytes) : Buffer.from(bytes).swap16();
  const text = little.toString("utf16le");
  // Binary data that only begins like it would not survive.
  if (!text.isWellFormed()) return bytes;
  const before = encodedBytes(text);
  const after = replace(before);
  if (after === before) return bytes;
  const written = Buffer.from(decodedBytes(after), "utf16le");
  return order === "little" ? written : written.swap16();
}
