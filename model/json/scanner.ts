/** The scanner for lossless JSON: strict RFC 8259, and never recursive, so that no nesting can exhaust the stack.
 *
 * It reads the bytes as Latin-1, one character a byte, so that places in the text are places in the bytes; only a string that
 * holds more than ASCII is decoded for itself.
 *
 * Past a bound it builds no more, but goes on checking: over the bound *and* malformed is malformed. What was begun before the bound
 * stays, as far as it was read. */

import type { Container, Repetitions } from "./containers.ts";
import type { JsonMember, JsonNode } from "./node.ts";

/** Up to here comparing every pair of keys is cheaper than hashing them. */
const pairwiseKeys = 12;
/** Keys that are remembered, by their first letters: the documents of a service have the same ones. A power of two. */
const keySlots = 1024;
const knownKeys: (string | undefined)[] = Array.from({ length: keySlots }, () => undefined);
/** A longer one is hardly a name. */
const longestKnownKey = 64;

const trueNode: JsonNode = { kind: "boolean", value: true };
const falseNode: JsonNode = { kind: "boolean", value: false };
const nullNode: JsonNode = { kind: "null" };

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const lastAscii = 0x7f;
/** So many bytes that are not ASCII are decoded faster here than by a call out of JavaScript: a name with an accent. */
const fewBytes = 8;

const escapes: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** An array or object whose end has not been seen. Past the depth bound it collects nothing. */
interface OpenContainer extends Container {
  /** Values before it. */
  readonly before: number;
  /** Its counterpart in the first document. */
  readonly counterpart: number;
  readonly elements: JsonNode[] | null;
  readonly members: JsonMember[] | null;
  /** Of the member that is being read. */
  key: string;
}

export interface ScannerLimits {
  readonly maxDepth: number;
  readonly maxNodes: number;
}

/** What a scanner has to do with other documents. */
interface Sharing {
  /** Takes down the containers, for a second document. */
  readonly noting?: Container[];
  /** Takes over containers from a first document. */
  readonly repeating?: Repetitions;
}

export class Scanner {
  /** Of the next unread character; of the fault after `document()` gave undefined. */
  position = 0;
  problem = "";
  overLimit: "depth" | "nodes" | null = null;
  duplicateKeys = false;
  /** Values so far. */
  nodes = 0;
  /** Past the bound on values: containers that were open there, and how many characters were read. */
  openAtLimit = 0;
  limitAt = 0;
  /** How many of these have not ended. */
  private stillOpen = 0;
  private readonly bytes: Buffer;
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly maxNodes: number;
  private readonly noting: Container[] | null;
  private readonly repeating: Repetitions | null;

  /** @param bytes valid UTF-8 */
  constructor(bytes: Buffer, limits: ScannerLimits, { noting, repeating }: Sharing = {}) {
    this.bytes = bytes;
    this.text = bytes.toString("latin1");
    this.maxDepth = limits.maxDepth;
    this.maxNodes = limits.maxNodes;
    this.noting = noting ?? null;
    this.repeating = repeating ?? null;
  }

  /** The whole text as one value, or undefined at a fault. */
  document(): JsonNode | undefined {
    const open: OpenContainer[] = [];
    for (;;) {
      // A value starts here.
      let value: JsonNode | null | undefined;
      const start = this.skipSpace();
      if (start === 0x7b || start === 0x5b) {
        value = this.repeated(open.length);
        if (value === null) {
          const container = this.open(start === 0x7b, open.length);
          this.position++;
          if (open.length >= this.maxDepth) this.overLimit ??= "depth";
          if (this.skipSpace() !== (start === 0x7b ? 0x7d : 0x5d)) {
            open.push(container);
            if (container.members !== null && !this.readKey(container)) return undefined;
            continue;
          }
          this.position++;
          value = this.close(container);
        }
      } else {
        value = this.scalar(start);
        if (value === undefined) return undefined;
      }
      // A value ended: close what ends with it.
      for (;;) {
        this.nodes++;
        if (this.nodes > this.maxNodes && this.overLimit === null) this.reachLimit(value, open.length);
        const parent = open.at(-1);
        const next = this.skipSpace();
        if (parent === undefined) return Number.isNaN(next) ? value : this.fault("text after the end of the document");
        if (this.overLimit === null || this.endsWhatWasBegun(open.length)) {
          if (parent.members === null) parent.elements?.push(value);
          else parent.members.push({ key: parent.key, value });
        }
        if (next === 0x2c) {
          this.position++;
          if (parent.members !== null && !this.readKey(parent)) return undefined;
          break;
        }
        if (next !== (parent.members === null ? 0x5d : 0x7d))
          return this.fault(parent.members === null ? "expected , or ]" : "expected , or }");
        this.position++;
        open.pop();
        value = this.close(parent);
      }
    }
  }

  /** @param value the one too many; of a container all is read, and only its end is beyond */
  private reachLimit({ kind }: JsonNode, open: number): void {
    this.overLimit = "nodes";
    this.openAtLimit = open;
    this.stillOpen = kind === "array" || kind === "object" ? open + 1 : open;
    this.limitAt = this.position;
  }

  /** Past the bound on values: whether the one that has ended is a container that was open there.
   * @param open containers around it */
  private endsWhatWasBegun(open: number): boolean {
    if (open >= this.stillOpen) return false;
    this.stillOpen = open;
    return true;
  }

  /** The container that starts here, when another document has it too. */
  private repeated(depth: number): JsonNode | null {
    const repetition = this.repeating?.at(this.position, depth) ?? null;
    if (repetition === null) return null;
    this.position += repetition.end - repetition.start;
    // It will be counted itself when it has ended, as any value is.
    this.nodes += repetition.size - 1;
    return repetition.node;
  }

  private open(isObject: boolean, depth: number): OpenContainer {
    const container: OpenContainer = {
      start: this.position,
      depth,
      node: null,
      end: 0,
      size: 0,
      after: 0,
      before: this.nodes,
      counterpart: this.repeating === null ? 0 : this.repeating.enter(),
      elements: isObject ? null : [],
      members: isObject ? [] : null,
      key: "",
    };
    this.noting?.push(container);
    return container;
  }

  private close(container: OpenContainer): JsonNode {
    const { members, elements } = container;
    const node: JsonNode = members === null ? { kind: "array", elements: elements ?? [] } : { kind: "object", members };
    if (members !== null && !this.duplicateKeys) this.duplicateKeys = hasDuplicateKeys(members);
    this.repeating?.leave(container.counterpart);
    if (this.noting !== null) {
      container.node = node;
      container.end = this.position;
      container.size = this.nodes - container.before + 1;
      container.after = this.noting.length;
    }
    return node;
  }

  /** Reads `"key" :`; false at a fault. */
  private readKey(container: OpenContainer): boolean {
    if (this.skipSpace() !== quote) return this.fault("expected a key in quotes") !== undefined;
    const key = this.key();
    if (key === undefined) return false;
    if (this.skipSpace() !== 0x3a) return this.fault("expected :") !== undefined;
    this.position++;
    container.key = key;
    return true;
  }

  /** A key: mostly one that was read before, and then need not be read again. */
  private key(): string | undefined {
    const { text } = this;
    const from = this.position + 1;
    const slot = keySlot(text, from);
    const before = knownKeys[slot];
    if (before !== undefined && text.startsWith(before, from) && text.charCodeAt(from + before.length) === quote) {
      this.position = from + before.length + 1;
      return before;
    }
    const key = this.string();
    // Only what stands in the text as it is: an escape is longer than what it means.
    if (key === undefined || key.length > longestKnownKey || this.position !== from + key.length + 1) return key;
    return (knownKeys[slot] = interned(key));
  }

  private scalar(start: number): JsonNode | undefined {
    switch (start) {
      case quote: {
        const value = this.string();
        return value === undefined ? undefined : { kind: "string", value };
      }
      case 0x74:
        return this.word("true", trueNode);
      case 0x66:
        return this.word("false", falseNode);
      case 0x6e:
        return this.word("null", nullNode);
      default:
        return start === 0x2d || isDigit(start) ? this.number(start) : this.fault("expected a value");
    }
  }

  private word(word: string, node: JsonNode): JsonNode | undefined {
    if (!this.text.startsWith(word, this.position)) return this.fault("expected a value");
    this.position += word.length;
    return node;
  }

  /** RFC 8259 §6: [ minus ] int [ frac ] [ exp ] */
  private number(start: number): JsonNode | undefined {
    const from = this.position;
    if (start === 0x2d) this.position++;
    if (this.text.charCodeAt(this.position) === 0x30) this.position++;
    else if (!this.digits()) return this.fault("expected a digit");
    if (this.text.charCodeAt(this.position) === 0x2e) {
      this.position++;
      if (!this.digits()) return this.fault("expected a digit");
    }
    if ((this.text.charCodeAt(this.position) | 0x20) === 0x65) {
      this.position++;
      const sign = this.text.charCodeAt(this.position);
      if (sign === 0x2b || sign === 0x2d) this.position++;
      if (!this.digits()) return this.fault("expected a digit");
    }
    return { kind: "number", lexeme: this.text.slice(from, this.position) };
  }

  private digits(): boolean {
    const from = this.position;
    let at = from;
    while (isDigit(this.text.charCodeAt(at))) at++;
    this.position = at;
    return at > from;
  }

  /** A string from its opening quote on; undefined at a fault. */
  private string(): string | undefined {
    const text = this.text;
    let at = this.position + 1;
    let from = at;
    let value = "";
    let others = 0;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.position = at + 1;
        if (from === at) return value;
        const last = this.decoded(from, at, others);
        return value === "" ? last : value + last;
      }
      if (code === backslash) {
        value += this.decoded(from, at, others);
        this.position = at;
        const unescaped = this.escape();
        if (unescaped === undefined) return undefined;
        value += unescaped;
        at = from = this.position;
        others = 0;
      } else if (code >= firstPrintable) {
        if (code > lastAscii) others++;
        at++;
      } else {
        this.position = at;
        return this.fault(Number.isNaN(code) ? "string without end" : "control character in a string");
      }
    }
  }

  /** @param others bytes that are not ASCII */
  private decoded(from: number, to: number, others: number): string {
    if (others === 0) return this.text.slice(from, to);
    return others > fewBytes ? this.bytes.toString("utf8", from, to) : decodeUtf8(this.text, from, to);
  }

  private escape(): string | undefined {
    const letter = this.text.charAt(this.position + 1);
    if (letter === "u") {
      const digits = this.text.slice(this.position + 2, this.position + 6);
      if (!/^[0-9A-Fa-f]{4}$/.test(digits)) return this.fault("expected four hexadecimal digits");
      this.position += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = escapes[letter];
    if (character === undefined) return this.fault("unknown escape");
    this.position += 2;
    return character;
  }

  /** The code of the next character that is not white space, NaN at the end. */
  private skipSpace(): number {
    let code = this.text.charCodeAt(this.position);
    if (code > 0x20) return code;
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.position);
    return code;
  }

  private fault(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
}

/** Keys that begin alike share a slot. */
function keySlot(text: string, from: number): number {
  const first = text.charCodeAt(from) * 31 + text.charCodeAt(from + 1) * 7 + text.charCodeAt(from + 2);
  return (first * 5 + text.charCodeAt(from + 3)) & (keySlots - 1);
}

/** The string that the engine keeps for a property of that name: it is compared by address, and does not hold on to the document
 * it was read in. */
function interned(key: string): string {
  const holder: Record<string, null> = Object.create(null);
  holder[key] = null;
  return Object.keys(holder)[0] ?? key;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function hasDuplicateKeys(members: readonly JsonMember[]): boolean {
  if (members.length > pairwiseKeys) return new Set(members.map((member) => member.key)).size < members.length;
  for (let i = 1; i < members.length; i++) {
    const key = members[i]?.key;
    for (let j = 0; j < i; j++) if (members[j]?.key === key) return true;
  }
  return false;
}

/** Decodes valid UTF-8 that is given one character a byte. */
function decodeUtf8(text: string, from: number, to: number): string {
  let value = "";
  let ascii = from;
  for (let at = from; at < to; ) {
    const lead = text.charCodeAt(at);
    if (lead <= lastAscii) {
      at++;
      continue;
    }
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = lead & (0xff >> (length + 1));
    for (let more = 1; more < length; more++) point = (point << 6) | (text.charCodeAt(at + more) & 0x3f);
    value += text.slice(ascii, at) + String.fromCodePoint(point);
    at += length;
    ascii = at;
  }
  return value + text.slice(ascii, to);
}
