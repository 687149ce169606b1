/** Which values can link two exchanges by being equal: those that hardly occur twice by chance.
 * Surprise is length × log2(alphabet), the alphabet guessed from the kinds of characters in the value. */

/** Below this, equal values are common: a six-digit number has 19.9 bits. */
const linkBits = 20;
/** Shorter values cannot have as many, in any alphabet. */
const minLength = 4;
/** Longer values are documents, not references; tokens with many claims stay below. */
const maxLength = 8192;
/** What identifiers and tokens are written with; no space, quote, bracket, comma or @. */
const tokenShape = /^[A-Za-z0-9._~+/=:|%!$-]+$/;
/** Base64 may begin with a slash too; then its plus and equals signs tell. */
const url = /^(?:[a-z][a-z0-9+.-]*:\/\/|\/(?!.*[+=]))/i;
const decimal = /^[+-]?\d+\.\d*(?:e[+-]?\d+)?$|^[+-]?\d+e[+-]?\d+$/i;
const date = /^\d{4}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[T_ ].*)?$|^\d{1,2}:\d{2}(?::\d{2})?/;
/** What redaction leaves of a secret, whatever its letters happen to spell. */
const redactionToken = /^tok_[\w-]{22}$/;
/** A part of a slug, a file name, a version or a media type: letters in the case of a word (humps of three letters or more: random ones are shorter), then at most four digits. */
const word = /^(?:[A-Z]?[a-z]{2,20}(?:[A-Z][a-z]{2,20})*(?:At|By|Id|In|No|Of|On|To|Up)?|[A-Z]{1,20}|[A-Za-z]?)\d{0,4}$/;
const partsOfWords = /[-_.:/+ ]/;

const digits = 10;
const hexadecimal = 16;
const letters = 26;

/** Bits of surprise of a value, were its characters drawn at random. */
function surpriseBits(value: string): number {
  let alphabet = 0;
  if (/^[0-9a-f-]+$/.test(value) && /[a-f]/.test(value) && /\d/.test(value)) alphabet = hexadecimal;
  else {
    if (/\d/.test(value)) alphabet += digits;
    if (/[a-z]/.test(value)) alphabet += letters;
    if (/[A-Z]/.test(value)) alphabet += letters;
    alphabet += new Set(value.replace(/[A-Za-z0-9]/g, "")).size;
  }
  return alphabet < 2 ? 0 : value.length * Math.log2(alphabet);
}

/** Identifiers, tokens and the like: enough surprise, and no word, slug, number, date, path or URL. */
export function isSurprising(value: string): boolean {
  if (redactionToken.test(value)) return true;
  if (value.length < minLength || value.length > maxLength || !tokenShape.test(value) || surpriseBits(value) < linkBits) return false;
  if (url.test(value) || decimal.test(value) || date.test(value)) return false;
  if (/^\d+$/.test(value)) return true;
  return !value.split(partsOfWords).every((part) => word.test(part));
}
