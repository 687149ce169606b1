/** Finds any number of secrets in a text, in all their spellings, in one pass.
 *
 *    text ─ four bytes at a time ─► filter ──hit──► anchors ─► the pattern around it ─► what stands for the secret
 *                                     └─none (nearly always): on to the next byte
 *
 * An anchor is four letters or digits of a secret, which every spelling leaves as they are. What is in base64 is decoded, put right
 * and encoded again. Byte strings; over its capacity the secret that was added longest ago goes. */

import { base64CoresOf, base64SpellingsOf, spellingsOf } from "./spellings.ts";

/** Byte string → what takes its place. */
export type Stands = (secret: string) => string | undefined;

interface Anchor {
  readonly key: number;
  readonly secret: string;
  /** Where in its spelling. */
  readonly place: number;
  /** null = as text; else in base64, and how many characters of its first group of four stand before that. */
  readonly lead: number | null;
  /** One after the other. Made when they are needed first: most secrets are never met. */
  patterns: readonly RegExp[] | null;
}

interface Match {
  readonly start: number;
  readonly end: number;
  readonly written: string;
}

const anchorLength = 4;
/** Of the places where an anchor may stand so many are looked at, for one that few others have. */
const triedAnchors = 16;
/** Of four characters; nearly all texts are told from their hashes alone. */
const filterBits = 18;
/** Counts that are full are never taken down again. */
const fullCount = 255;
/** Knuth's multiplicative hash: 2^32 divided by the golden ratio. */
const hashFactor = 0x9e3779b1;
/** Of a secret in one pattern; a longer one would be more than the engine takes. */
const partLength = 256;
/** base64 in base64. */
const mostNested = 3;
/** Runs of one text that only look like base64 with a secret in it: more are made to keep us busy. */
const mostMisread = 64;
const base64Character = /[\w+/-]/;

export class SecretIndex {
  readonly #capacity: number;
  readonly #secrets = new Map<string, readonly Anchor[]>();
  readonly #anchors = new Map<number, Anchor[]>();
  readonly #filter = new Uint8Array(1 << filterBits);
  /** Of the text that is being looked at. */
  #misread = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  /** Whether a secret can be looked for: it needs four letters or digits in a row. */
  static canHold(secret: string): boolean {
    return /[A-Za-z0-9]{4}/.test(secret);
  }

  /** A secret that is there already counts as the newest. */
  add(secret: string): void {
    const known = this.#secrets.get(secret);
    this.#secrets.delete(secret);
    this.#secrets.set(secret, known ?? this.#newAnchors(secret));
    if (this.#secrets.size > this.#capacity) this.#removeOldest();
  }

  /** The same string where it holds none. */
  replace(text: string, standsFor: Stands, depth = 0): string {
    if (depth === 0) this.#misread = 0;
    let out = "";
    let done = 0;
    let key = 0;
    for (let at = 0; at < text.length; at++) {
      key = (key >>> 8) | (text.charCodeAt(at) << 24);
      if (this.#filter[hashOf(key)] === 0) continue;
      const match = this.#matchAt(text, key, at - anchorLength + 1, done, standsFor, depth);
      if (match === null) continue;
      out += text.slice(done, match.start) + match.written;
      done = match.end;
      at = done - 1;
      key = 0;
    }
    return done === 0 ? text : out + text.slice(done);
  }

  #matchAt(text: string, key: number, start: number, from: number, standsFor: Stands, depth: number): Match | null {
    if (start < from) return null;
    for (const anchor of this.#anchors.get(key) ?? []) {
      const found = spellingAt(text, start, patternsOf(anchor));
      if (found === null || found.start < from) continue;
      const stands = standsFor(anchor.secret);
      if (stands === undefined) continue;
      const plain = { ...found, written: stands };
      return anchor.lead === null || depth === mostNested
        ? plain
        : (this.#inBase64(text, { ...plain, start: found.start - anchor.lead }, from, standsFor, depth) ?? plain);
    }
    return null;
  }

  /** From the group of four in which the secret begins to where the base64 ends. Padding goes, since the secrets of two targets may differ in
   * length. Null = it only looks like base64. */
  #inBase64(text: string, { start, end }: Match, from: number, standsFor: Stands, depth: number): Match | null {
    if (start < from || this.#misread >= mostMisread || !isBase64(text.slice(start, start + anchorLength))) return null;
    let last = end;
    while (last < text.length && base64Character.test(text.charAt(last))) last++;
    const run = text.slice(start, last);
    const encoded = run.replace(/%(?:25){0,3}2b|\\+u002b/gi, "+").replace(/%(?:25){0,3}2f|\\+u002f|\\+\//gi, "/");
    const decoded = Buffer.from(encoded, "base64").toString("latin1");
    const replaced = this.replace(decoded, standsFor, depth + 1);
    if (replaced === decoded) {
      this.#misread++;
      return null;
    }
    const alphabet = /[+/]/.test(encoded) ? "base64" : "base64url";
    const padding = /^(?:=|%(?:25){0,3}3d|\\+u003d){1,2}/i.exec(text.slice(last, last + longestPadding))?.[0] ?? "";
    return {
      start,
      end: last + padding.length,
      written: Buffer.from(replaced, "latin1").toString(alphabet).replace(/=+$/, ""),
    };
  }

  #newAnchors(secret: string): Anchor[] {
    const ofText = this.#anchorIn(secret, secret, null);
    const ofBase64 = base64CoresOf(secret).map(({ text, lead }) => this.#anchorIn(secret, text, lead));
    const anchors = [ofText, ...ofBase64].filter((anchor) => anchor !== null);
    for (const anchor of anchors) {
      const others = this.#anchors.get(anchor.key) ?? [];
      // The longer one first: it may hold the shorter.
      const all = [...others, anchor].sort((a, b) => b.secret.length - a.secret.length);
      this.#anchors.set(anchor.key, all);
      this.#count(anchor.key, 1);
    }
    return anchors;
  }

  /** At the place that the fewest others have in common with it. */
  #anchorIn(secret: string, spelling: string, lead: number | null): Anchor | null {
    // Near the beginning, since looking back is done at once.
    const places = [...spelling.slice(0, partLength).matchAll(/(?=[A-Za-z0-9]{4})/g)].map(({ index }) => index);
    const step = Math.max(1, Math.floor(places.length / triedAnchors));
    let best: { readonly place: number; readonly key: number; readonly others: number } | null = null;
    for (let index = 0; index < places.length; index += step) {
      const place = places[index] ?? 0;
      const key = keyAt(spelling, place);
      const others = this.#anchors.get(key)?.length ?? 0;
      if (best === null || others < best.others) best = { place, key, others };
    }
    if (best === null) return null;
    return { key: best.key, secret, place: best.place, lead, patterns: null };
  }

  #removeOldest(): void {
    const [oldest] = this.#secrets;
    if (oldest === undefined) return;
    const [secret, anchors] = oldest;
    this.#secrets.delete(secret);
    for (const anchor of anchors) {
      const others = (this.#anchors.get(anchor.key) ?? []).filter((other) => other !== anchor);
      if (others.length === 0) this.#anchors.delete(anchor.key);
      else this.#anchors.set(anchor.key, others);
      this.#count(anchor.key, -1);
    }
  }

  #count(key: number, by: number): void {
    const slot = hashOf(key);
    const count = this.#filter[slot] ?? 0;
    if (count < fullCount) this.#filter[slot] = count + by;
  }
}

/** `%252525253D` twice. */
const longestPadding = 24;

/** Four characters as the pass over a text reads them. */
function keyAt(text: string, place: number): number {
  let key = 0;
  for (let at = place; at < place + anchorLength; at++) key = (key >>> 8) | (text.charCodeAt(at) << 24);
  return key;
}

function hashOf(key: number): number {
  return Math.imul(key, hashFactor) >>> (32 - filterBits);
}

function patternsOf(anchor: Anchor): readonly RegExp[] {
  const { secret, place, lead } = anchor;
  if (anchor.patterns !== null) return anchor.patterns;
  const spelt = lead === null ? spellingsOf : base64SpellingsOf;
  const spelling = lead === null ? secret : (base64CoresOf(secret).find((core) => core.lead === lead)?.text ?? "");
  const before = place === 0 ? "" : `(?<=(${spelt(spelling.slice(0, place))}))`;
  const [first = "", ...others] = partsOf(spelling.slice(place)).map(spelt);
  anchor.patterns = [before + first, ...others].map((source) => new RegExp(source, "ys"));
  return anchor.patterns;
}

/** Cut between two letters, which are no part of a longer escape. */
function partsOf(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${partLength}}(?:(?<=[A-Za-z0-9])(?=[A-Za-z0-9])|$)|[^]{1,${partLength}}`, "g")) ?? [];
}

/** @param start of the anchor */
function spellingAt(text: string, start: number, patterns: readonly RegExp[]): Omit<Match, "written"> | null {
  let [begin, end] = [start, start];
  for (const pattern of patterns) {
    pattern.lastIndex = end;
    const found = pattern.exec(text);
    if (found === null) return null;
    begin -= found[1]?.length ?? 0;
    end = pattern.lastIndex;
  }
  return { start: begin, end };
}

function isBase64(text: string): boolean {
  return /^[\w+/-]+$/.test(text);
}
