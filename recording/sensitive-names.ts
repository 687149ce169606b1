/** Which names promise a secret: of headers, parameters, form fields, JSON keys, elements, attributes, `key=value`.
 * Two patterns from one list, for asking about a name and for searching bytes, so that the search never misses a name.
 * The usual session cookies are here again (live capture has its own list), since recordings know nothing of the proxy. */

import { nameFits } from "./given-rules.ts";
import { holdsCredential } from "./known-forms.ts";
import { tokenForm } from "./tokens.ts";

/** `-`, `_`, `.` or a space between two words. */
const gap = "[-_. ]?";
/** The same in bytes where a form or URL may have escaped it. */
const escapedGap = "(?:[-_. +]|%(?:25)*(?:20|5f|2d|2e))?";

/** Parts of names, long enough to mean nothing else. Not: tokenizer, token_type, token_count, session_count, …  */
const fragments: readonly string[] = [
  "pass~w(?:or)?d",
  "pass~phrase",
  "pass~code",
  "pwd",
  "secret",
  "token(?!i[sz](?:e|ing|ation)|s?~(?:count|type|limit|usage)s?$)",
  "jwt",
  "[cx]srf",
  "api~key",
  "(?:access|auth|application|encryption|signing|subscription|functions)~key",
  "pass~key",
  "passwort",
  "kennwort",
  "otp~code",
  "private~key",
  "session(?!s?~(?:count|timeout|duration)s?$)",
  "phpsessid",
  "authori[sz]ation",
  "authentication~info",
  "credential",
  "card~num",
  "credit~card",
  "cvv",
  "cvc",
];
/** Short words that are parts of harmless ones: the last word of a name, as in `x-amz-signature` or `user[otp]`. */
const lastWords: readonly string[] = ["auth", "otp", "totp", "signature(?:[-_]?256)?", "sig", "bearer", "cookie2?"];
/** The same behind `_` and `-` only: a boarding pass is none. */
const joinedWords = "[a-z0-9][-_](?:pass|pin)";
/** And behind a small letter, as in `userPin`. */
const camelWords = "[a-z0-9](?:Pass|Pin|Otp|Auth|Sid)";
/** Still shorter or more common ones: the whole name, or the last part of `a.b` and `a[b]`. */
const wholeNames: readonly string[] = [
  "sid",
  "sess",
  "sessid",
  "pin",
  "pass",
  "cookies",
  "samlresponse",
  "(?:client_)?assertion",
  "x-authentication",
];
/** Headers between a client and its proxy; all but the one that only speaks of the connection. */
const proxyHeader = "^proxy-(?!connection$)";

/** `scheme://user:password@host`, and `scheme://user:pass/word@host`, where what stands before the slash is no port. */
const userInfo = "(?:^|[^\\w/])//[^\\s/?#@:]*:(?:[^\\s/?#@]*@|\\d*[^\\s/?#@\\d\"'<>),;\\]}\\\\][^\\s/?#@]*[/?#])";
/** Words of paths behind which stands what was sent to one person; further words may follow them (`verify-email`). */
export const personalWords = "reset|confirm(?:ation)?|verify|verification|activat(?:e|ion)|magic(?:[-_. ]?link)?|unlock|impersonate";
/** What redact-url.ts finds in a path without a name; what stands before the passwords of databases. */
const personalSegment = `(?:${personalWords.replace("[-_. ]?", escapedGap)})[\\w.%;=-]{0,64}(?:/|%(?:25)*2f)`;
const oracleUser = "jdbc:oracle:";
const databaseUser = "identified (?:by|with) ";
const tokenInName = new RegExp(tokenForm, "g");
/** A credential without a name. */
const bareCredential = "(?:bearer|basic)(?: |\\+|%20)+[\\w.~+/%-]{8}";
/** A name may be spelt with escapes of ASCII characters that need none, in JSON and in URLs. */
const escapedAscii = ["\\\\u00(?:[4-7]|3\\d|2[0de])", "%(?:25)*(?:[46][1-9a-f]|[57][0-9a]|5f|2d|2e|3\\d)"];
/** Told names may have letters that everybody escapes. */
const escapedAny = ["\\\\u", "%(?:25)*[0-9a-f]{2}"];
/** Before a short word: no letter or digit, other than the end of an escape. Consumed, since looking behind is ten times slower. */
const wordStart = "(?:^|[^a-z0-9]|%(?:25)*[0-9a-f]{2}|\\\\[nrtbf]|\\\\u[0-9a-f]{4})";
/** After it: the end of a quoted name, of an element's, or what comes before a value. */
const wordEnd = "(?=[[\\]\"'`\\\\=:>%&/,|\\t]|\\s{1,256}[=:\"'`|]|\\s+[\\w:.-]{1,64}=|$)";

export class SensitiveNames {
  readonly #name: RegExp;
  readonly #camel: RegExp;
  /** One after the other: together they would be four times as slow. */
  readonly #anywhere: readonly RegExp[];
  readonly #kept: readonly ((name: string) => boolean)[];

  /** @param extra further names, each meant whole, without case
   * @param kept names that are harmless although they do not look it; `*` stands for any run of characters */
  constructor(extra: readonly string[], kept: readonly string[] = []) {
    this.#kept = kept.map(nameFits);
    // Names are compared as text (JSON) and as bytes (everything else).
    const spellings = extra.flatMap((name) => [name, Buffer.from(name).toString("latin1")]);
    const further = spellings.map((name) => name.replace(/[^\w]/g, "\\$&"));
    const last = lastWords.join("|");
    const short = [...lastWords, ...wholeNames].join("|");
    const nameEnd = "\\]?(?:\\[\\d{0,8}\\])?$";
    const name = [
      ...fragments.map((fragment) => fragment.replaceAll("~", gap)),
      `(?:^|[-_.:[$ ])(?:${last})${nameEnd}`,
      `(?:^[-_$]*|[.:[$])(?:${wholeNames.join("|")})${nameEnd}`,
      `${joinedWords}${nameEnd}`,
      proxyHeader,
      ...further.map((word) => `^${word}$`),
    ];
    const anywhere = [
      [...fragments.map((fragment) => fragment.replaceAll("~", escapedGap)), ...further],
      [`${wordStart}(?:${short})${wordEnd}|${joinedWords}${wordEnd}`],
      [userInfo],
      [personalSegment, oracleUser, databaseUser],
      [bareCredential],
      [`[,;|\\t][ "]{0,2}(?:${short})[ "]{0,2}\\r?\\n`],
      [`--(?:[\\w.-]{0,63}[-_.])?(?:${short})[ \\t]`],
      ...(/^[ -~]*$/.test(extra.join("")) ? escapedAscii : escapedAny).map((escape) => [escape]),
    ];
    this.#name = new RegExp(name.join("|"), "i");
    this.#anywhere = [...anywhere.map((patterns) => new RegExp(patterns.join("|"), "i")), new RegExp(camelWords + wordEnd)];
    this.#camel = new RegExp(camelWords + nameEnd);
  }

  matches(name: string): boolean {
    // The letters of a token say nothing, even if they happen to spell a word.
    const plain = name.trim();
    if (!this.#promises(plain) || this.isKept(name)) return false;
    return !plain.includes("tok_") || this.#promises(plain.replace(tokenInName, ""));
  }

  #promises(name: string): boolean {
    return this.#name.test(name) || this.#camel.test(name);
  }

  /** Somebody said that it is harmless. */
  isKept(name: string): boolean {
    return this.#kept.some((fits) => fits(name));
  }

  /** Cookies under another roof: a JSON key, a line of a dump. Their names stay. */
  isCookie(name: string): boolean {
    return /^(?:set-)?cookies?$/i.test(name);
  }

  /** False = no sensitive name can be in this text, however it is parsed. No parsing. */
  mayOccurIn(text: string): boolean {
    return this.#anywhere.some((pattern) => pattern.test(text)) || holdsCredential(text);
  }
}
