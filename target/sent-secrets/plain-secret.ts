/** Takes out secrets that could be words or numbers (`password`, `483920`): only as a whole word, and never the key of a JSON object. */

import { decodedBytes, encodedBytes } from "../byte-text.ts";
import { isNumeric } from "./plainness.ts";
import { spellingsOf } from "./spellings.ts";

/** What may stand before a word, escapes included. */
const wordStart = "(?<=^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2}|\\\\u[0-9A-Fa-f]{4}|\\\\[nrtbf])";
const wordEnd = '(?![A-Za-z0-9]|\\\\{0,7}"\\s{0,8}:)';
const numberStart = "(?<![\\d.+-])";
const numberEnd = "(?![.]?\\d)";
/** Of a longer one a pattern would be more than the engine takes: it is looked for as it is, and as JSON and URLs have it. */
const longestPattern = 256;
const jsonString = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"';

export class PlainSecret {
  /** Letters and digits that no spelling changes: most texts do not have them. */
  readonly #sure: string;
  /** Null = it is too long for one. */
  readonly #word: RegExp | null;
  readonly #spellings: readonly string[];
  /** Null = no number. */
  readonly #inJson: RegExp | null;

  constructor(secret: string) {
    const isNumber = isNumeric(secret);
    this.#sure = (secret.match(/[A-Za-z0-9]+/g) ?? [""]).reduce((longest, run) => (run.length > longest.length ? run : longest));
    const isLong = secret.length > longestPattern;
    this.#spellings = isLong ? [secret, ...escapedLong(secret)] : [];
    const [before, after] = isNumber ? [wordStart + numberStart, numberEnd + wordEnd] : [wordStart, wordEnd];
    const word = isLong ? null : before + spellingsOf(secret) + after;
    this.#word = word === null ? null : new RegExp(word, "gs");
    this.#inJson = isNumber && word !== null ? new RegExp(`${jsonString}|${word}`, "gs") : null;
  }

  /** A number of a JSON document becomes a string, so that the document stays one. */
  replace(text: string, stands: string, isJson: boolean): string {
    if (!text.includes(this.#sure)) return text;
    const word = this.#word;
    if (word === null) return this.#spellings.reduce((rest, spelling) => rest.replaceAll(spelling, () => stands), text);
    const inText = (part: string): string => part.replace(word, () => stands);
    if (!isJson || this.#inJson === null) return inText(text);
    return text.replace(this.#inJson, (found, ...args: unknown[]) => {
      if (!found.startsWith('"')) return `"${stands}"`;
      // A key stays; on its own the string would not be seen to be one.
      const [at, whole] = args.filter((arg) => typeof arg === "number" || typeof arg === "string");
      const isKey =
        typeof at === "number" && typeof whole === "string" && /^\s{0,8}:/.test(whole.slice(at + found.length, at + found.length + 9));
      return isKey ? found : inText(found);
    });
  }
}

function escapedLong(secret: string): string[] {
  const text = decodedBytes(secret).toWellFormed();
  return [encodedBytes(JSON.stringify(text).slice(1, -1)), encodeURIComponent(text)];
}
