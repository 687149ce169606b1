/** The elements of one array in a JSON file of any size, one at a time: only the element at hand is in memory.
 *
 *    {"log": {"version": "1.2", "entries": [ {…}, {…} ], "comment": ""}}
 *                                            └─ handed out one by one
 *     └────────── what is left without them is parsed at the end ───────┘
 *
 * So that a file that is cut off, or is no JSON around its elements, is found out as JSON.parse would. */

import { isUtf8 } from "node:buffer";
import type { PenumbraError } from "../../model/errors.ts";
import { chunksOf } from "./file-chunks.ts";

/** A string can hold no more than about twice that. */
const maxElementBytes = 256 * 1024 * 1024;
/** Around the entries a HAR has pages and who made it. */
const maxRestBytes = 64 * 1024 * 1024;
/** In `{ "log": { "entries": [`, the depth of what is inside each bracket. */
const [rootDepth, outerDepth, arrayDepth] = [1, 2, 3];

export interface ElementsOptions {
  /** Names of the two keys that lead to the array. */
  readonly keys: readonly [string, string];
  /** Makes the complaint of what is wrong. */
  readonly complain: (problem: string) => PenumbraError;
}

/** An element as it is written, UTF-8, or the rest of the document, which comes last. */
export type Piece =
  | { readonly kind: "element"; readonly bytes: Buffer }
  | { readonly kind: "rest"; readonly document: unknown; readonly hadArray: boolean };

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** @throws PenumbraError made by `complain`; as chunksOf */
export async function* elementsOf(path: string, options: ElementsOptions): AsyncGenerator<Piece> {
  const splitter = new Splitter(options);
  let isStart = true;
  for await (const chunk of chunksOf(path)) {
    const hasMark = isStart && chunk.subarray(0, byteOrderMark.length).equals(byteOrderMark);
    isStart = false;
    yield* splitter.take(hasMark ? chunk.subarray(byteOrderMark.length) : chunk);
  }
  yield splitter.end();
}

/** Bytes that come in pieces, up to a bound. */
class Collected {
  length = 0;
  readonly #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  take(): Buffer {
    const all = Buffer.concat(this.#pieces.splice(0));
    this.length = 0;
    return all;
  }
}

class Splitter {
  readonly #options: ElementsOptions;
  readonly #rest = new Collected();
  readonly #element = new Collected();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The string at hand, while keys matter. */
  #string = "";
  /** Of the object at each depth. */
  readonly #keys: string[] = [];
  #inArray = false;
  #hadArray = false;
  /** In the array: what may come next. */
  #expects: "element or end" | "element" | "comma or end" = "element or end";
  #inElement = false;

  constructor(options: ElementsOptions) {
    this.#options = options;
  }

  *take(chunk: Buffer): Generator<Piece> {
    // Where the part that is not yet handed on begins, and whether it belongs to an element.
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#passString(chunk, at);
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (this.#inArray && this.#depth === arrayDepth && !this.#inElement && isElementStart(byte)) {
        if (this.#expects === "comma or end") throw this.#options.complain("an element without a comma before it");
        this.#rest.add(chunk.subarray(start, at));
        start = at;
        this.#inElement = true;
      }
      // A number or a word ends where something else begins.
      if (this.#inElement && this.#depth === arrayDepth && (byte === comma || byte === closeBracket || isSpace(byte))) {
        yield this.#endElement(chunk.subarray(start, at));
        start = at;
      }
      if (this.#inArray && this.#depth === arrayDepth && !this.#inElement && byte === comma) {
        if (this.#expects !== "comma or end") throw this.#options.complain("a comma without an element before it");
        this.#expects = "element";
        this.#rest.add(chunk.subarray(start, at));
        start = at + 1;
      }
      this.#structure(byte);
      if (this.#inElement && this.#depth === arrayDepth && (byte === closeBrace || byte === closeBracket)) {
        yield this.#endElement(chunk.subarray(start, at + 1));
        start = at + 1;
      }
    }
    (this.#inElement ? this.#element : this.#rest).add(chunk.subarray(start));
    if (this.#element.length > maxElementBytes) throw this.#options.complain(`one entry is longer than ${maxElementBytes} bytes`);
    if (this.#rest.length > maxRestBytes) throw this.#options.complain(`more than ${maxRestBytes} bytes that are no entries`);
  }

  /** @throws PenumbraError where the document around the elements is no JSON */
  end(): Piece {
    const rest = this.#rest.take();
    if (this.#inElement) throw this.#options.complain("not JSON: it is cut off inside an entry");
    if (!isUtf8(rest)) throw this.#options.complain("not UTF-8");
    try {
      return { kind: "rest", document: JSON.parse(rest.toString("utf8")), hadArray: this.#hadArray };
    } catch (cause) {
      // V8's message quotes the text, which may hold a secret.
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.#options.complain(endsTooEarly(cause, rest.toString("utf8")) ? "not JSON: it is cut off" : "not JSON");
    }
  }

  #endElement(last: Buffer): Piece {
    this.#element.add(last);
    this.#inElement = false;
    this.#expects = "comma or end";
    return { kind: "element", bytes: this.#element.take() };
  }

  /** Passes over a string, or as much of it as the chunk has. Most of a HAR is strings, so they are not looked at byte by byte.
   * @returns where its last quote stands, or the end of the chunk */
  #passString(chunk: Buffer, from: number): number {
    let start = this.#escaped ? from + 1 : from;
    this.#escaped = false;
    let end = start;
    do {
      const found = chunk.indexOf(quote, start);
      end = found < 0 ? chunk.length : found;
      const isEscaped = backslashesBefore(chunk, start, end) % 2 === 1;
      if (found < 0) this.#escaped = isEscaped;
      else if (!isEscaped) this.#inString = false;
      start = end + 1;
    } while (this.#inString && start < chunk.length);
    const longestKey = 64;
    if (this.#depth <= outerDepth && this.#string.length < longestKey) this.#string += chunk.toString("latin1", from, end);
    return end;
  }

  #structure(byte: number): void {
    switch (byte) {
      case quote:
        this.#inString = true;
        this.#string = "";
        return;
      case colon:
        if (this.#depth <= outerDepth) this.#keys[this.#depth] = this.#string;
        return;
      case openBrace:
        this.#depth++;
        return;
      case openBracket:
        this.#depth++;
        if (!this.#leadsToArray()) return;
        this.#inArray = true;
        this.#hadArray = true;
        this.#expects = "element or end";
        return;
      case closeBrace:
      case closeBracket:
        if (this.#inArray && this.#depth === arrayDepth && !this.#inElement) this.#leaveArray();
        this.#depth--;
        return;
      default:
    }
  }

  #leadsToArray(): boolean {
    const [outer, inner] = this.#options.keys;
    return this.#depth === arrayDepth && this.#keys[rootDepth] === outer && this.#keys[outerDepth] === inner;
  }

  #leaveArray(): void {
    if (this.#expects === "element") throw this.#options.complain("a comma without an element after it");
    this.#inArray = false;
    this.#keys[outerDepth] = "";
  }
}

function backslashesBefore(chunk: Buffer, from: number, end: number): number {
  let at = end;
  while (at > from && chunk[at - 1] === backslash) at--;
  return end - at;
}

/** Whether the place of the complaint is the end of the text. */
function endsTooEarly({ message }: SyntaxError, text: string): boolean {
  return /end of JSON|Unterminated/.test(message) || Number(/at position (\d+)/.exec(message)?.[1]) === text.length;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isElementStart(byte: number): boolean {
  return !isSpace(byte) && byte !== comma && byte !== closeBracket;
}
