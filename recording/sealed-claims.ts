/** What stays of the claims of a JSON Web Token that was replaced in an answer: each as the token of its value, so that a
 * replay can tell which of them the client used later (`GET /desks/8a1b…`), and nobody can read them.
 *
 *    {"access_token": "eyJ….eyJ….x9"}  ─►  {"access_token": "tok_A"}   and   claims: {"tok_A": {"desk": "tok_B"}}
 *
 * They are kept among the exchange's further keys, beside `request` and `outcome`. */

import type { Exchange } from "../model/exchange.ts";
import type { SealedClaims } from "../model/sealed-claims.ts";
import { isObject } from "./fields.ts";

/** Among the further keys of an exchange. */
export const claimsKey = "claims";
const jwtShape = /^eyJ[\w-]*\.(eyJ[\w-]*)\.[\w-]*$/;
/** Registered claims about time (RFC 7519 §4.1): nobody sends them back. */
const aboutTime: ReadonlySet<string> = new Set(["iat", "exp", "nbf", "auth_time"]);
/** More than issuers write; what is longer names nothing. */
const maxClaims = 64;
const maxLength = 512;

/** Claims of text and number by name; null when the value is no JSON Web Token. */
export function claimsOf(value: string): ReadonlyMap<string, string> | null {
  const payload = jwtShape.exec(value)?.[1];
  if (payload === undefined) return null;
  const claims = parsed(Buffer.from(payload, "base64url").toString("utf8"));
  if (!isObject(claims)) return null;
  const scalars = Object.entries(claims).flatMap(([name, claim]): [string, string][] =>
    (typeof claim === "string" || typeof claim === "number") && !aboutTime.has(name) ? [[name, `${claim}`]] : [],
  );
  return new Map(scalars.filter(([, text]) => text.length <= maxLength).slice(0, maxClaims));
}

export function withSealedClaims(exchange: Exchange, claims: SealedClaims): Exchange {
  return Object.keys(claims).length === 0 ? exchange : { ...exchange, extra: { ...exchange.extra, [claimsKey]: claims } };
}

/** The sealed claims of a recorded answer; whatever else stands under that key says nothing. */
export function sealedClaimsOf({ extra }: Exchange): SealedClaims {
  return sealedClaimsIn(extra ?? {});
}

export function sealedClaimsIn(extra: Readonly<Record<string, unknown>>): SealedClaims {
  const claims = extra[claimsKey];
  return isObject(claims) ? Object.fromEntries(Object.entries(claims).filter(isSealed)) : {};
}

function isSealed(entry: [string, unknown]): entry is [string, Record<string, string>] {
  return isObject(entry[1]) && Object.values(entry[1]).every((value) => typeof value === "string");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It only looked like one.
    return null;
  }
}
