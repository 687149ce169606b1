/** What an exchange tells about whose session it is, for the command that logs the lane in: the tokens that redaction left,
 * and the claims of a JWT where one can be read (a recording without redaction, or one whose vault is open). */

import { type Exchange, type HeaderList, type HttpRequest, heldBytes } from "../model/exchange.ts";

/** As recording/secrets.ts makes them. */
const token = /tok_[\w-]{22}(?![\w-])/g;
/** RFC 7519 §3: three parts, the first two JSON objects in base64url. */
const jsonWebToken = /(?<![\w-])eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]*/;
/** A session shows itself in the first few; a page of tokens is something else. */
const mostTokens = 100;
/** A larger body is no login. */
const mostBodyBytes = 64 * 1024;

/** Each once, in the order of the request (target, headers, body), then of the recorded answer. */
export function tokensIn(exchange: Exchange): readonly string[] {
  const { request, outcome } = exchange;
  const answer = outcome.kind === "answered" ? outcome.answer : null;
  const withBodies = heldBytes(exchange) <= mostBodyBytes;
  const texts = [request.target, ...valuesOf(request.headers), withBodies ? textOf(request.body) : ""];
  if (answer !== null) texts.push(...valuesOf(answer.headers), withBodies ? textOf(answer.body) : "");
  const found = new Set(texts.flatMap((text) => text.match(token) ?? []));
  return [...found].slice(0, mostTokens);
}

/** The payload of the first JWT in the request's headers; null when none can be read. Its signature is not looked at: this is
 * no proof of anything, only a hint whose login it was. */
export function claimsIn({ headers }: HttpRequest): Readonly<Record<string, unknown>> | null {
  for (const value of valuesOf(headers)) {
    const [, payload] = jsonWebToken.exec(value) ?? [];
    const claims = payload === undefined ? null : parsed(payload);
    if (claims !== null) return claims;
  }
  return null;
}

function valuesOf(headers: HeaderList): readonly string[] {
  return headers.map(([, value]) => value);
}

function textOf(body: HttpRequest["body"]): string {
  return body.kind === "whole" ? Buffer.from(body.bytes).toString("latin1") : "";
}

function parsed(payload: string): Readonly<Record<string, unknown>> | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims) ? { ...claims } : null;
  } catch {
    // It only looked like one.
    return null;
  }
}
