/** Finds any number of secrets in a text, in all their spellings, in one pass, and one more for each view of the text.
 *
 *    text ─ four bytes at a time ─► filter ──hit──► anchors ─► the pattern around it ─► what stands for the secret
 *                                     └─none (nearly always): on to the next byte
 *
 * An anchor is four letters or digits of a secret, which nearly every spelling leaves as they are; views have them read where one does not.
 * What is in base64 is decoded, put right and encoded again: the secret as it is, or around a piece of it what escapes may be there.
 * Byte strings; over its capacity the secret that was added longest ago goes. */

import { type Anchor, anchorLength, anchorsOf, type Place, patternsOf, spellingAt } from "./anchors.ts";
import { type Edit, edited, editsInViews } from "./views.ts";

/** Byte string → what takes its place. */
export type Stands = (secret: string) => string | undefined;

/** Of four characters; nearly all texts are told from their hashes alone. */
const filterBits = 18;
/** Counts that are full are never taken down again. */
const fullCount = 255;
/** Knuth's multiplicative hash: 2^32 divided by the golden ratio. */
const hashFactor = 0x9e3779b1;
/** base64 in base64. */
const mostNested = 3;
/** Runs of one text that only look like base64 with a secret in it: more are made to keep us busy. */
const mostMisread = 64;
const groupLength = 4;
const mostRounds = 3;
const base64Character = /[\w+/-]/;
/** Of all views of a text together, in lengths of it: escapes in escapes are made to keep us busy. */
const viewedLengths = 12;
/** Of a longer text two views: that much is held in memory. */
const manyCharacters = 8_000_000;

/** One pass over a text. */
interface Pass {
  readonly text: string;
  readonly standsFor: Stands;
  readonly depth: number;
  /** Where the base64 ends that was decoded for a piece in vain, by where its groups of four begin. */
  readonly vain: number[];
}

export class SecretIndex {
  readonly #capacity: number;
  readonly #secrets = new Map<string, readonly Anchor[]>();
  readonly #anchors = new Map<number, Anchor[]>();
  readonly #filter = new Uint8Array(1 << filterBits);
  /** Of the text that is being looked at. */
  #misread = 0;
  /** Characters of its views, and of what is in base64 in them. */
  #viewable = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  /** Whether a secret can be looked for. */
  static canHold(secret: string): boolean {
    return secret.length >= anchorLength && /[A-Za-z0-9]/.test(secret);
  }

  /** Whether it is found in every spelling. Without four letters or digits in a row, it is missed where it is escaped and has in itself what
   * looks like an escape. */
  static findsAll(secret: string): boolean {
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
  replace(text: string, standsFor: Stands): string {
    let before = text;
    // What was put right may have hidden what goes on from there into the next line of base64.
    for (let round = 0; round < mostRounds; round++) {
      const after = this.#replaceOnce(before, standsFor, 0);
      if (after === before) break;
      before = after;
    }
    return before;
  }

  #replaceOnce(text: string, standsFor: Stands, depth: number): string {
    if (depth === 0) this.#viewable = Math.max(2 * text.length, Math.min(viewedLengths * text.length, manyCharacters));
    const allow = (characters: number): boolean => {
      if (characters > this.#viewable) return false;
      this.#viewable -= characters;
      return true;
    };
    const find = (view: string): Edit[] => {
      if (depth === 0) this.#misread = 0;
      return this.#editsIn(view, standsFor, depth);
    };
    return edited(text, editsInViews(text, find, allow));
  }

  #editsIn(text: string, standsFor: Stands, depth: number): Edit[] {
    const edits: Edit[] = [];
    const pass = { text, standsFor, depth, vain: [] };
    let done = 0;
    let key = 0;
    for (let at = 0; at < text.length; at++) {
      key = (key >>> 8) | (text.charCodeAt(at) << 24);
      if (this.#filter[hashOf(key)] === 0) continue;
      const edit = this.#editAt(pass, key, at - anchorLength + 1, done);
      if (edit === null) continue;
      edits.push(edit);
      done = edit.end;
      at = done - 1;
      key = 0;
    }
    return edits;
  }

  #editAt(pass: Pass, key: number, start: number, from: number): Edit | null {
    if (start < from) return null;
    for (const anchor of this.#anchors.get(key) ?? []) {
      const found = spellingAt(pass.text, start, patternsOf(anchor));
      if (found === null || found.start < from) continue;
      const stands = pass.standsFor(anchor.secret);
      if (stands === undefined) continue;
      const plain = { ...found, written: stands };
      if (anchor.lead === null) return plain;
      const inGroups = { start: found.start - anchor.lead, end: found.end };
      const edit = anchor.isPiece ? this.#aroundPiece(pass, inGroups, from) : (this.#inBase64(pass, inGroups, from) ?? plain);
      if (edit !== null) return edit;
    }
    return null;
  }

  /** All of the base64 that it is in, once. */
  #aroundPiece(pass: Pass, piece: Place, from: number): Edit | null {
    const begins = piece.start % groupLength;
    if (piece.start < from || piece.start < (pass.vain[begins] ?? 0)) return null;
    const start = firstGroup(pass.text, piece.start, from);
    const edit = this.#inBase64(pass, { start, end: piece.end }, from);
    if (edit === null) pass.vain[begins] = base64End(pass.text, piece.end);
    return edit;
  }

  /** From the group of four in which the secret begins to where the base64 ends. Padding goes, since the secrets of two targets may differ in
   * length. Null = it only looks like base64. */
  #inBase64({ text, standsFor, depth }: Pass, { start, end }: Place, from: number): Edit | null {
    if (depth === mostNested || start < from || this.#misread >= mostMisread || !isBase64(text.slice(start, start + groupLength)))
      return null;
    const last = base64End(text, end);
    const run = text.slice(start, last);
    const encoded = run.replace(/%(?:25){0,3}2b|\\+u002b/gi, "+").replace(/%(?:25){0,3}2f|\\+u002f|\\+\//gi, "/");
    const decoded = Buffer.from(encoded, "base64").toString("latin1");
    const replaced = this.#replaceOnce(decoded, standsFor, depth + 1);
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

  #newAnchors(secret: string): readonly Anchor[] {
    const anchors = anchorsOf(secret, (key) => this.#anchors.get(key)?.length ?? 0);
    for (const anchor of anchors) {
      const others = this.#anchors.get(anchor.key) ?? [];
      // The longer one first: it may hold the shorter.
      const all = [...others, anchor].sort((a, b) => b.secret.length - a.secret.length);
      this.#anchors.set(anchor.key, all);
      this.#count(anchor.key, 1);
    }
    return anchors;
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

function hashOf(key: number): number {
  return Math.imul(key, hashFactor) >>> (32 - filterBits);
}

/** Of the base64 that a group is in. */
function firstGroup(text: string, group: number, from: number): number {
  let start = group;
  while (start - groupLength >= from && isBase64(text.slice(start - groupLength, start))) start -= groupLength;
  return start;
}

function base64End(text: string, from: number): number {
  let end = from;
  while (end < text.length && base64Character.test(text.charAt(end))) end++;
  return end;
}

function isBase64(text: string): boolean {
  return /^[\w+/-]+$/.test(text);
}
