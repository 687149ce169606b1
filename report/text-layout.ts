/** Lines of bounded width for a terminal: display width, wrapping at words and between phrases. Wherever a line breaks, none begins
 * with what a CI server obeys. */

import { escapedCharacter, withoutLogCommands } from "./log-commands.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Scripts and symbols that take two columns (the East Asian wide ones, and emoji). */
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const combiningOnly = /^\p{M}+$/u;
const asciiOnly = /^[\x20-\x7e]*$/;

/** Columns that `text` takes in a terminal; it holds no control characters. */
export function displayWidth(text: string): number {
  if (asciiOnly.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (combiningOnly.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

export interface Indents {
  readonly first: string;
  readonly rest: string;
}

/** Between words, but not between a number and its unit. */
const wordGap = / (?!(?:%|ms|kB|MB)(?![A-Za-z]))/;

/** Fills lines of at most `width` columns with words; a word longer than a line is broken. */
export function wrapped(text: string, width: number, indents: Indents): string[] {
  return filled(text.split(wordGap), " ", width, indents);
}

/** Joins phrases by ` · `, breaking lines between phrases where possible. */
export function joined(phrases: readonly string[], width: number, indents: Indents): string[] {
  const room = width - Math.max(displayWidth(indents.first), displayWidth(indents.rest));
  const separated = phrases.map((phrase, index) => (index < phrases.length - 1 ? `${phrase} ·` : phrase));
  const pieces = separated.flatMap((phrase) => (displayWidth(phrase) > room ? phrase.split(wordGap) : [phrase]));
  return filled(pieces, " ", width, indents);
}

function filled(pieces: readonly string[], glue: string, width: number, { first, rest }: Indents): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const piece of pieces.map((each) => inert(each, width - displayWidth(rest)))) {
    const candidate = empty ? line + piece : line + glue + piece;
    if (displayWidth(candidate) <= width) {
      line = candidate;
      empty = false;
      continue;
    }
    if (!empty) lines.push(line);
    const prefix = empty ? line : rest;
    const broken = brokenPiece(piece, Math.max(1, width - displayWidth(prefix)), Math.max(1, width - displayWidth(rest)));
    for (const [index, part] of broken.slice(0, -1).entries()) lines.push((index === 0 ? prefix : rest) + part);
    line = (broken.length === 1 ? prefix : rest) + (broken.at(-1) ?? "");
    empty = false;
  }
  lines.push(line);
  return lines;
}

/** A piece may come to stand at the beginning of a line, and one that has to be broken begins lines anywhere in it. */
function inert(piece: string, room: number): string {
  const spelt = withoutLogCommands(piece, escapedCharacter);
  return displayWidth(spelt) > room ? spelt.replace(/:(?=:)/g, escapedCharacter) : spelt;
}

/** Cuts one piece into parts that fit: the first into `firstRoom` columns, the others into `room`. */
function brokenPiece(piece: string, firstRoom: number, room: number): string[] {
  if (displayWidth(piece) <= firstRoom) return [piece];
  const parts: string[] = [];
  let part = "";
  let partWidth = 0;
  for (const { segment } of segmenter.segment(piece)) {
    const segmentWidth = graphemeWidth(segment);
    if (part !== "" && partWidth + segmentWidth > (parts.length === 0 ? firstRoom : room)) {
      parts.push(part);
      part = "";
      partWidth = 0;
    }
    part += segment;
    partWidth += segmentWidth;
  }
  parts.push(part);
  return parts;
}
