/** What takes the place of a secret. Values are byte strings (Latin-1), so that the same bytes become the
 * same token in a header, a query, a form and a JSON body. */

import { createHmac } from "node:crypto";
import type { SealedClaims } from "../model/sealed-claims.ts";
import { claimsOf } from "./sealed-claims.ts";
import { type Tokens, tokenForm, tokenLength } from "./tokens.ts";

/** `token`: a keyed hash that keeps equality. `mask`: three stars. `drop`: the field goes altogether; where
 * only its value can go, stars take its place. */
export type RedactionMode = "token" | "mask" | "drop";

const mask = "***";
const anyToken = new RegExp(tokenForm, "g");
/** What looks as if it was replaced before, at the place where a value begins; needs `lastIndex`. Says where the value ends; whether it is
 * a secret all the same, `replace` finds out. */
export const replacedAhead: RegExp = /(?:(?:tok_[\w-]{22})+(?![\w-])|\*\*\*(?!\*))/y;
/** The same cookies come with every request of a session, and a keyed hash costs 10 µs and more. */
const rememberedTokens = 4096;
const longestRemembered = 256;
/** What is no secret under any name, and would only hide a difference. */
const harmless: ReadonlySet<string> = new Set(["", "true", "false", "null"]);
/** Schemes of the IANA registry, and those that people use without asking it. The scheme stays readable. */
const schemes =
  "basic|bearer|digest|dpop|gnap|hoba|mutual|negotiate|ntlm|oauth|privatetoken|scram-sha-\\d+|vapid|aws4-hmac-sha256|token|apikey|hawk|key";
const withScheme = new RegExp(`^(${schemes})( +)(\\S.*)$`, "is");
/** "Bearer " at the place where a value begins; needs `lastIndex`. */
export const schemeAhead: RegExp = new RegExp(`(?:${schemes}) +(?=\\S)`, "iy");

/** Told of a value and the token that takes its place. */
export type NoteSecret = (token: string, value: string) => void;

export class Secrets {
  readonly mode: RedactionMode;
  readonly #key: Uint8Array;
  readonly #tokens: Tokens;
  readonly #remembered = new Map<string, string>();
  /** Tokens that have proved themselves, or were made here. */
  readonly #known = new Set<string>();
  #note: NoteSecret | null = null;
  /** While somebody wants to know. */
  #replacedJwts: Set<string> | null = null;

  constructor(key: Uint8Array, mode: RedactionMode, tokens: Tokens) {
    this.#key = key;
    this.mode = mode;
    this.#tokens = tokens;
  }

  /** While `redact` runs, every value that gets a token is told. */
  noting<T>(note: NoteSecret | null, redact: () => T): T {
    this.#note = note;
    try {
      return redact();
    } finally {
      this.#note = null;
    }
  }

  /** What to write instead of `value`; null = remove the field. Doing it twice changes nothing. */
  replace(value: string): string | null {
    return this.mode === "drop" && !harmless.has(value) ? null : this.replaceValue(value);
  }

  /** For places where a field cannot go without breaking what is around it. */
  replaceValue(value: string): string {
    if (harmless.has(value) || this.#isReplaced(value)) return value;
    return this.#replaceWith(value, (secret) => this.#substitute(secret));
  }

  /** A scheme stays readable. */
  #replaceWith(value: string, substitute: (secret: string) => string): string {
    const [, name = "", space = "", rest = ""] = withScheme.exec(value) ?? [];
    if (rest === "") return substitute(value);
    return name + space + (this.#isReplaced(rest) ? rest : substitute(rest));
  }

  /** By a rule that names the place, so that nothing there is harmless. Doing it twice changes nothing.
   * @param how null = as everything else; where a field can go (`drop`) that is the caller's to do */
  replaceRuled(value: string, how: RedactionMode | null): string {
    if (value === "" || this.#isReplaced(value)) return value;
    if ((how ?? this.mode) !== "token") return mask;
    return harmless.has(value) ? this.#token(value) : this.#replaceWith(value, (secret) => this.#token(secret));
  }

  /** Hex, as long as a SHA-256: says whether two bodies were equal, and nothing else. */
  keyedHash(bytes: Uint8Array): string {
    return createHmac("sha256", this.#key).update(bytes).digest("hex");
  }

  /** Redacts, and says what was claimed by the JSON Web Tokens that were replaced in doing so. */
  withClaims<T>(redact: () => T): { readonly redacted: T; readonly claims: SealedClaims } {
    const jwts = new Set<string>();
    this.#replacedJwts = this.mode === "token" ? jwts : null;
    try {
      const redacted = redact();
      return { redacted, claims: Object.fromEntries([...jwts].map((jwt) => [this.replaceValue(jwt), this.#sealed(jwt)])) };
    } finally {
      this.#replacedJwts = null;
    }
  }

  #sealed(jwt: string): Record<string, string> {
    return Object.fromEntries([...(claimsOf(jwt) ?? [])].map(([name, claim]) => [name, this.replaceValue(byteString(claim))]));
  }

  /** One token, or several where a pattern replaced what stood beside one. */
  #isReplaced(value: string): boolean {
    if (value === mask) return true;
    if (!value.startsWith("tok_") || value.length % tokenLength !== 0) return false;
    for (let at = 0; at < value.length; at += tokenLength) {
      if (!this.isToken(value.slice(at, at + tokenLength))) return false;
    }
    return true;
  }

  isToken(text: string): boolean {
    if (this.#known.has(text)) return true;
    const isToken = this.#tokens.isToken(text);
    if (isToken) this.#know(text);
    return isToken;
  }

  /** A text without what stands for secrets in it. */
  withoutTokens(text: string): string {
    return text.includes("tok_") ? text.replace(anyToken, (token) => (this.isToken(token) ? "" : token)) : text;
  }

  #know(token: string): void {
    if (this.#known.size >= rememberedTokens) this.#known.clear();
    this.#known.add(token);
  }

  #substitute(value: string): string {
    return this.mode === "token" ? this.#token(value) : mask;
  }

  #token(value: string): string {
    if (this.#replacedJwts !== null && value.startsWith("eyJ") && claimsOf(value) !== null) this.#replacedJwts.add(value);
    const token = this.#remembered.get(value) ?? this.#newToken(value);
    this.#note?.(token, value);
    return token;
  }

  #newToken(value: string): string {
    const token = this.#tokens.of(value);
    this.#know(token);
    if (this.#remembered.size >= rememberedTokens) this.#remembered.clear();
    if (value.length <= longestRemembered) this.#remembered.set(value, token);
    return token;
  }
}

/** A JavaScript string as a byte string of its UTF-8; lone surrogates, which have none, keep their two bytes apart. */
export function byteString(text: string): string {
  return Buffer.from(text, text.isWellFormed() ? "utf8" : "utf16le").toString("latin1");
}

/** The pair of `byteString` for well-formed text. */
export function fromByteString(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
