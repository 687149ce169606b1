/** Tokens: what stands for a secret where equality is kept. A token proves itself: who has the key can tell it from a secret
 * that only looks like one, without a list of those that were made.
 *
 *    tok_  base64url( HMAC(key, secret)[0..12)  ·  HMAC(check key, those 12 bytes)[0..4) )        always 26 characters
 *
 * Recordings that were made before tokens proved themselves hold `plain` ones, 16 bytes of the first HMAC alone. */

import { createHmac } from "node:crypto";

/** How tokens are made. A secret has another token in each of the two, so that what is compared has to be of one. */
export type TokenForm = "proven" | "plain";
/** What is taken for a token: `own` = only what proves itself with the key; `any` = whatever looks like one, since it may come from
 * a recording whose key is elsewhere, or from a target that echoes such a token. */
export type TokenTrust = "own" | "any";

export const tokenLength = 26;
/** Anywhere in a text. A token has a capital or a digit among its 22 characters, but for one in a hundred million; a name of words has none. */
export const tokenForm = "tok_(?=[\\w-]{0,21}[A-Z\\d])[\\w-]{22}";
/** The whole text is one token. */
const alone = /^tok_[\w-]{22}$/;

/** 96 bits: no two secrets of a recording meet, and no one guesses backwards without the key. */
const secretBytes = 12;
/** 32 bits: of four thousand million secrets that look like a token, one passes for ours. */
const checkBytes = 4;
const plainBytes = 16;

export class Tokens {
  readonly #key: Uint8Array;
  readonly #checkKey: Uint8Array;
  readonly #form: TokenForm;
  readonly #trust: TokenTrust;

  constructor(key: Uint8Array, form: TokenForm, trust: TokenTrust) {
    this.#key = key;
    // A key of its own: no secret can be chosen so that its token tells the check of another.
    this.#checkKey = createHmac("sha256", key).update("check of tokens").digest();
    this.#form = form;
    this.#trust = trust;
  }

  /** @param secret a byte string */
  of(secret: string): string {
    const hash = createHmac("sha256", this.#key).update(secret, "latin1").digest();
    const bytes = this.#form === "plain" ? hash.subarray(0, plainBytes) : this.#proven(hash.subarray(0, secretBytes));
    return `tok_${bytes.toString("base64url")}`;
  }

  /** Whether a text is one token. */
  isToken(text: string): boolean {
    if (!alone.test(text)) return false;
    if (this.#trust === "any") return true;
    const bytes = Buffer.from(text.slice("tok_".length), "base64url");
    // 22 characters hold 132 bits, of which the last four are none of the token's.
    return `tok_${this.#proven(bytes.subarray(0, secretBytes)).toString("base64url")}` === text;
  }

  #proven(hash: Uint8Array): Buffer {
    const check = createHmac("sha256", this.#checkKey).update(hash).digest().subarray(0, checkBytes);
    return Buffer.concat([hash, check]);
  }
}
