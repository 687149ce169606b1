/** Which names promise a secret: of headers, query parameters, form fields, JSON keys, `key=value` in text.
 * One pattern for asking about a name and for searching bytes, so that the search never misses a name. */

/** Parts of names; `.?`-like gaps stand for `-`, `_`, `.` or a space between two words. */
const gap = "[-_. ]?";
const fragments: readonly string[] = [
  `pass${gap}w(?:or)?d`,
  `pass${gap}phrase`,
  "pwd",
  "secret",
  "token",
  "jwt",
  `api${gap}key`,
  `access${gap}key`,
  `private${gap}key`,
  "session",
  "authori[sz]ation",
  "credential",
  `card${gap}num`,
  `credit${gap}card`,
  "cvv",
  "cvc",
];

/** `scheme://user:password@host`; bounded, so that the search stays linear. */
const userInfo = "://[^\\s/?#@:]{0,64}:[^\\s/?#@]{1,256}@";
/** In a JSON text a name may be spelt with escapes of ASCII characters. */
const escapedAscii = "\\\\u00";

export class SensitiveNames {
  readonly #name: RegExp;
  readonly #anywhere: RegExp;

  /** @param extra further names, each meant whole, without case */
  constructor(extra: readonly string[]) {
    const further = extra.map((name) => name.replace(/[^\w]/g, "\\$&"));
    this.#name = new RegExp([...fragments, ...further.map((name) => `^${name}$`)].join("|"), "i");
    this.#anywhere = new RegExp([...fragments, ...further, userInfo, escapedAscii].join("|"), "i");
  }

  matches(name: string): boolean {
    return this.#name.test(name);
  }

  /** False = no sensitive name can be in this text, however it is parsed. One pass, no parsing. */
  mayOccurIn(text: string): boolean {
    return this.#anywhere.test(text);
  }
}
