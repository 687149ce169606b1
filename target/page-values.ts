/** The values that an HTML page gives to whoever sends something from it: fields of forms, links, data attributes, JSON in
 * scripts, and texts that are a name for themselves.
 *
 *    <input name=csrf value="8a1b">   ─►  input[csrf]@value   form field csrf   "8a1b"
 *    <a href="/orders/15?x=1&amp;y">  ─►  a[]@href            a URL             "/orders/15?x=1&y"
 *
 * Only the tokenizer of an HTML parser runs (WHATWG HTML §13.2.5): its work is linear, a tree builder's is not. */

import { type Token, Tokenizer, TokenizerMode } from "parse5";
import type { Where } from "./place.ts";
import { isSurprising } from "./surprise.ts";

export interface PageValue {
  /** Of the values with the same key in another page, the one with the same number means the same. */
  readonly key: string;
  readonly where: Where;
  readonly text: string;
}

/** More than forms and links of a page; the rest teaches nothing. */
const maxValues = 5000;
const maxLength = 64 * 1024;
/** How things look, and words for people. */
const wordyAttributes: ReadonlySet<string> = new Set(
  "alt autocomplete charset class height lang media method name placeholder rel role size style target title type width".split(" "),
);
const rawText: ReadonlySet<string> = new Set(["style", "xmp", "iframe", "noembed", "noframes"]);
const escapableText: ReadonlySet<string> = new Set(["textarea", "title"]);

export function pageValues(html: string): PageValue[] {
  const reading = new PageReading();
  const tokenizer = new Tokenizer({ sourceCodeLocationInfo: false }, reading);
  reading.onMode = (mode) => {
    tokenizer.state = mode;
  };
  tokenizer.write(html, true);
  return reading.values;
}

/** What the tokenizer calls. */
class PageReading {
  readonly values: PageValue[] = [];
  onMode: (mode: (typeof TokenizerMode)[keyof typeof TokenizerMode]) => void = () => undefined;
  #tag = "";
  #name = "";
  #type = "";
  #text = "";

  onStartTag({ tagName, attrs }: Token.TagToken): void {
    this.#endText();
    this.#tag = tagName;
    const attributes = new Map(attrs.map(({ name, value }) => [name, value]));
    this.#name = attributes.get("name") ?? "";
    this.#type = attributes.get("type") ?? "";
    if (tagName === "script") this.onMode(TokenizerMode.SCRIPT_DATA);
    else if (rawText.has(tagName)) this.onMode(TokenizerMode.RAWTEXT);
    else if (escapableText.has(tagName)) this.onMode(TokenizerMode.RCDATA);
    for (const [attribute, value] of attributes) {
      if (!wordyAttributes.has(attribute)) this.#add(attribute, this.#whereOf(attribute), value);
    }
  }

  onEndTag(): void {
    this.#endText();
  }

  onEof(): void {
    this.#endText();
  }

  onCharacter({ chars }: Token.CharacterToken): void {
    if (this.#text.length <= maxLength) this.#text += chars;
  }

  onWhitespaceCharacter(token: Token.CharacterToken): void {
    this.onCharacter(token);
  }

  onNullCharacter(): void {
    // Replaced or left out, according to where it stands; no value has one.
  }

  onComment(): void {
    // For people.
  }

  onDoctype(): void {
    // Holds no value.
  }

  #whereOf(attribute: string): Where {
    // What people fill in is theirs; what they do not see comes back as it is.
    if (attribute === "value" && this.#type === "hidden") return { kind: "form", name: this.#name };
    if (attribute === "value" || attribute === "content") return { kind: "json", name: this.#name, parent: null };
    return attribute.startsWith("data-") ? { kind: "json", name: attribute.slice("data-".length), parent: null } : { kind: "bare" };
  }

  #endText(): void {
    const text = this.#text.trim();
    this.#text = "";
    const isData = this.#tag === "script" && /json/i.test(this.#type);
    if (text === "" || (!isData && this.#tag !== "textarea" && !isSurprising(text))) return;
    this.#add("#text", this.#tag === "textarea" ? { kind: "json", name: this.#name, parent: null } : { kind: "bare" }, text);
  }

  #add(attribute: string, where: Where, text: string): void {
    if (text === "" || text.length > maxLength || this.values.length >= maxValues) return;
    this.values.push({ key: `${this.#tag}[${this.#name}]@${attribute}`, where, text });
  }
}
