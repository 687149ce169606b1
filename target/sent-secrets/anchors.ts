/** By what a secret is recognised in a text: four characters of it, and the pattern around them.
 *
 *    tok+Zq7vTt3b ─┬─ itself                            Zq7v → (?<=tok(?:\+|%2B|...))Zq7vTt3b
 *                  ├─ in base64, at three places         in any group of three bytes it may begin at each
 *                  └─ the longest piece of it, likewise   for base64 of the secret with escapes in it: those move what comes after them */

import { base64CoresOf, base64SpellingsOf, spellingsOf } from "./spellings.ts";

export interface Anchor {
  readonly key: number;
  readonly secret: string;
  /** What the text holds of the secret. */
  readonly spelling: string;
  /** Where in it. */
  readonly place: number;
  /** null = as text; else in base64, and how many characters of its first group of four stand before that. */
  readonly lead: number | null;
  /** Not the whole secret: what is around it must be decoded to tell. */
  readonly isPiece: boolean;
  /** One after the other. Made when they are needed first: most secrets are never met. */
  patterns: readonly RegExp[] | null;
}

export interface Place {
  readonly start: number;
  readonly end: number;
}

export const anchorLength = 4;
/** Of the places where an anchor may stand so many are looked at, for one that few others have. */
const triedAnchors = 16;
/** Of a secret in one pattern; a longer one would be more than the engine takes. */
const partLength = 256;
/** RFC 3986 §2.3: usual escapes leave these as they are. */
const unescaped = /[\w.~-]+/g;

/** @param othersWith how many anchors have a key already */
export function anchorsOf(secret: string, othersWith: (key: number) => number): readonly Anchor[] {
  const isPiece = false;
  const whole = { secret, spelling: secret, lead: null, isPiece };
  const inBase64 = base64CoresOf(secret).map(({ text, lead }) => ({ secret, spelling: text, lead, isPiece }));
  const piece = (secret.slice(0, partLength).match(unescaped) ?? []).reduce((a, b) => (b.length > a.length ? b : a), "");
  const ofPiece =
    piece.length < anchorLength || piece === secret
      ? []
      : base64CoresOf(piece).map(({ text, lead }) => ({ secret, spelling: text, lead, isPiece: true }));
  return [whole, ...inBase64, ...ofPiece].flatMap((anchor) => {
    const best = bestPlaceIn(anchor.spelling, othersWith);
    return best === null ? [] : [{ ...anchor, ...best, patterns: null }];
  });
}

/** Where the fewest others have the same: letters and digits where it has them, since escapes leave them. */
function bestPlaceIn(spelling: string, othersWith: (key: number) => number): { readonly place: number; readonly key: number } | null {
  // Near the beginning, since looking back is done at once.
  const start = spelling.slice(0, partLength);
  // From a letter on, so that all backslashes of an escape are looked back for.
  const choices = [/(?=[A-Za-z0-9]{4})/g, /(?=[A-Za-z0-9][^]{3})/g, /(?=[^]{4})/g].map((choice) => [...start.matchAll(choice)]);
  const places = (choices.find((found) => found.length > 0) ?? []).map(({ index }) => index);
  const step = Math.max(1, Math.floor(places.length / triedAnchors));
  let best: { readonly place: number; readonly key: number; readonly others: number } | null = null;
  for (let index = 0; index < places.length; index += step) {
    const place = places[index] ?? 0;
    const key = keyAt(spelling, place);
    const others = othersWith(key);
    if (best === null || others < best.others) best = { place, key, others };
  }
  return best === null ? null : { place: best.place, key: best.key };
}

/** Four characters as the pass over a text reads them. */
function keyAt(text: string, place: number): number {
  let key = 0;
  for (let at = place; at < place + anchorLength; at++) key = (key >>> 8) | (text.charCodeAt(at) << 24);
  return key;
}

export function patternsOf(anchor: Anchor): readonly RegExp[] {
  const { spelling, place, lead } = anchor;
  if (anchor.patterns !== null) return anchor.patterns;
  const spelt = lead === null ? spellingsOf : base64SpellingsOf;
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
export function spellingAt(text: string, start: number, patterns: readonly RegExp[]): Place | null {
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
