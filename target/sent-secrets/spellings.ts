/** How a secret may be spelt in what a target answers: one pattern for all escapes that JSON, URLs and markup know, so that a
 * mixture of them is found too, and the places of the secret in base64.
 *
 *    a+b/"c"     a+b\/\"c\"     a\u002Bb/…     a%2Bb%2F%22c%22     a&#43;b/&quot;c&quot;     …Yn…     (byte strings) */

import { decodedBytes, encodedBytes } from "../byte-text.ts";

/** Nobody escapes letters and digits; each other character may be written in several ways. Backslashes are taken together: one by
 * one, each with backslashes before it, there would be no end of ways to read a row of them. */
const pieces = /[A-Za-z0-9]+|[\x80-\xff]+|\\+|[\s\S]/g;
/** JSON in JSON in JSON. */
const mostBackslashes = 8;
const backslashes = "\\\\{1,7}";
const maybeBackslashes = "\\\\{0,7}";
/** `%252F` is what `%2F` is in a URL in a URL. */
const percent = "%(?:25){0,3}";
const ampersand = "&(?:amp;){0,2}";
const named: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };
const shortEscapes: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f" };
const hexadecimal = 16;

/** A regular expression's source for all spellings of a byte string. */
export function spellingsOf(value: string): string {
  return (value.match(pieces) ?? []).map((piece) => (/^[A-Za-z0-9]/.test(piece) ? piece : oneOf(alternatives(piece)))).join("");
}

/** The secret in base64 (of either alphabet), as far as it does not depend on what stands around it. */
export interface Base64Core {
  readonly text: string;
  /** Characters of its first group of four that come before it. */
  readonly lead: number;
}

/** One for each of the places in a group of three bytes where the secret may begin. */
export function base64CoresOf(value: string): Base64Core[] {
  const groupBytes = 3;
  const bitsPerCharacter = 6;
  return Array.from({ length: groupBytes }, (_, before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value, "latin1")]);
    const lead = Math.ceil((before * 8) / bitsPerCharacter);
    return { lead, text: bytes.toString("base64").slice(lead, Math.floor((bytes.length * 8) / bitsPerCharacter)) };
  });
}

/** A regular expression's source for base64 in either alphabet, escaped or not. */
export function base64SpellingsOf(core: string): string {
  return core.replace(/[+/]/g, (mark) => oneOf([...alternatives(mark), mark === "+" ? "-" : "_"]));
}

function alternatives(piece: string): string[] {
  if (piece.startsWith("\\")) return ofBackslashes(piece.length);
  return piece.charCodeAt(0) < 0x80 ? ofAscii(piece) : ofOthers(piece);
}

function ofBackslashes(count: number): string[] {
  const escaped = ofAscii("\\").slice(0, -1);
  return [`${oneOf(escaped)}{${count}}`, `\\\\{${count},${count * mostBackslashes}}`];
}

function ofAscii(character: string): string[] {
  const code = character.charCodeAt(0);
  const hex = anyCase(code.toString(hexadecimal).padStart(2, "0"));
  const short = shortEscapes[character];
  const entities = [`#0{0,4}${code}`, `#[xX]0{0,4}${hex}`, ...(named[character] === undefined ? [] : [named[character]])];
  // The character itself comes last: it may be what an escape begins with.
  return [
    `${backslashes}(?:u00|x)${hex}`,
    ...(short === undefined ? [] : [`${backslashes}${short}`]),
    `${percent}${hex}`,
    `${ampersand}(?:${entities.join("|")});`,
    ...(character === " " ? ["\\+"] : []),
    `${maybeBackslashes}${literal(character)}`,
  ];
}

/** Bytes of UTF-8, or of Latin-1 that the target reads as such and writes as UTF-8. */
function ofOthers(bytes: string): string[] {
  const utf8 = decodedBytes(bytes);
  const texts = utf8.includes("\ufffd") ? [bytes] : [utf8, bytes];
  const spelt = new Set([bytes, ...texts.map(encodedBytes)]);
  const escaped = (text: string): string => Array.from({ length: text.length }, (_, at) => unicodeEscape(text.charCodeAt(at))).join("");
  const percentEncoded = (text: string): string => Array.from(text, (byte) => percent + hexOf(byte.charCodeAt(0), 2)).join("");
  return [...[...spelt].map(literal), ...[...spelt].map(percentEncoded), ...texts.map(escaped)];
}

function unicodeEscape(code: number): string {
  return `${backslashes}u${hexOf(code, 4)}`;
}

function hexOf(code: number, digits: number): string {
  return anyCase(code.toString(hexadecimal).padStart(digits, "0"));
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9\x80-\xff]/g, (character) => `\\x${hexOf2(character)}`);
}

function hexOf2(character: string): string {
  return character.charCodeAt(0).toString(hexadecimal).padStart(2, "0");
}

function oneOf(sources: readonly string[]): string {
  return `(?:${sources.join("|")})`;
}
