/** Which secrets are too much like a word or a number to be looked for everywhere: in most answers they would be something else.
 *
 *    password  theme-dark  483920  2025-11-22  ada@shop.example  /orders/list     plain
 *    Sommer2024  Kq7mZ2vL@9p4T  correct horse battery  ada:password               secrets   */

import { isSurprising } from "../surprise.ts";
import { SecretIndex } from "./secret-index.ts";

/** Of fewer characters only those are secrets that nobody could guess. */
const longEnough = 8;
/** Whatever it is made of, it is no word. */
const longestWord = 64;
/** In the case of a word, humps included (random letters have shorter ones). */
const word = "(?:[A-Z]?[a-z]{2,20}(?:[A-Z][a-z]{2,20})*|[A-Z]{1,20}|[a-z])";
/** `en`, `light-mode`, `application.settings.Theme`: of more parts a passphrase is made. */
const words = new RegExp(`^${word}(?:[-_.]${word}){0,2}$`);
const mail = new RegExp(`^${word}(?:[-_.+]${word}){0,2}\\d{0,4}@(?:[a-z-]{1,30}\\.){1,4}[a-z]{2,20}$`);
const address = new RegExp(`^(?:https?://[a-z.-]{1,60}(?::\\d{1,5})?)?(?:/(?:${word}(?:[-_.]${word}){0,4}|\\d{1,6})?){1,12}$`);
const date = /^\d{4}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[T ][\d:.,+Z-]{0,24})?$|^\d{1,2}:\d{2}(?::\d{2})?$/;

/** @param secret byte string */
export function isPlain(secret: string): boolean {
  if (isNumeric(secret) || !SecretIndex.canHold(secret)) return true;
  if (secret.length < longEnough) return !isSurprising(secret.replace(/[^A-Za-z0-9]/g, "-"));
  return secret.length <= longestWord && [words, mail, address, date].some((shape) => shape.test(secret));
}

export function isNumeric(secret: string): boolean {
  return /^[-+]?[\d.]+$/.test(secret);
}
