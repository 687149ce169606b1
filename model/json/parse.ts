/** The scanner for lossless JSON: strict RFC 8259, strict UTF-8, and never recursive, so that
 * no nesting can exhaust the stack. Its pair is write.ts.
 *
 *    bytes ─► UTF-8 check ─► text ─► scanner ─► JsonNode
 *
 * Past a bound it builds no more, but goes on checking: over the bound *and* malformed is
 * malformed. */

import { constants, isAscii, isUtf8 } from "node:buffer";
import type { JsonMember, JsonNode, JsonParse } from "./node.ts";

/** Far deeper than APIs nest, far from where a reader of the tree would have to care. */
const defaultMaxDepth = 512;
/** Bounds the memory of one document: the comparison has the same budget for a pair. */
const defaultMaxNodes = 200_000;
/** Up to here comparing every pair of keys is cheaper than hashing them. */
const pairwiseKeys = 12;
/** Keys of one document that are remembered, by their first letters; a power of two. */
const keySlots = 64;

const trueNode: JsonNode = { kind: "boolean", value: true };
const falseNode: JsonNode = { kind: "boolean", value: false };
const nullNode: JsonNode = { kind: "null" };

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;

const escapes: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Reads one JSON document.
 * @returns `invalid` with the byte offset of the first fault, a byte order mark included
 * @throws never */
export function parseJson(bytes: Uint8Array, limits: { readonly maxDepth?: number; readonly maxNodes?: number } = {}): JsonParse {
  if (bytes.length > constants.MAX_STRING_LENGTH) return { kind: "over-limit", limit: "nodes" };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) return { kind: "invalid", offset: firstBadByte(buffer), problem: "not UTF-8" };
  const text = buffer.toString(isAscii(buffer) ? "latin1" : "utf8");
  const scanner = new Scanner(text, limits.maxDepth ?? defaultMaxDepth, limits.maxNodes ?? defaultMaxNodes);
  const root = scanner.document();
  if (root === undefined) {
    return { kind: "invalid", offset: Buffer.byteLength(text.slice(0, scanner.position)), problem: scanner.problem };
  }
  if (scanner.overLimit !== null) return { kind: "over-limit", limit: scanner.overLimit };
  return { kind: "parsed", root, duplicateKeys: scanner.duplicateKeys };
}

/** Where decoding and encoding again no longer gives the same bytes. */
function firstBadByte(buffer: Buffer): number {
  const repaired = Buffer.from(buffer.toString("utf8"));
  let offset = 0;
  while (offset < buffer.length && repaired[offset] === buffer[offset]) offset++;
  return offset;
}

/** An array or object whose end has not been seen. Past the depth bound it collects nothing. */
interface OpenContainer {
  readonly elements: JsonNode[] | null;
  readonly members: JsonMember[] | null;
  /** Of the member that is being read. */
  key: string;
}

class Scanner {
  /** Of the next unread character; of the fault after `document()` gave undefined. */
  position = 0;
  problem = "";
  overLimit: "depth" | "nodes" | null = null;
  duplicateKeys = false;
  private nodes = 0;
  private readonly keys: string[] = [];
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly maxNodes: number;

  constructor(text: string, maxDepth: number, maxNodes: number) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.maxNodes = maxNodes;
  }

  /** The whole text as one value, or undefined at a fault. */
  document(): JsonNode | undefined {
    const open: OpenContainer[] = [];
    for (;;) {
      // A value starts here.
      let value: JsonNode | undefined;
      const start = this.skipSpace();
      if (start === 0x7b || start === 0x5b) {
        this.position++;
        const container = start === 0x7b ? { elements: null, members: [], key: "" } : { elements: [], members: null, key: "" };
        if (this.skipSpace() === (start === 0x7b ? 0x7d : 0x5d)) {
          this.position++;
          if (open.length >= this.maxDepth) this.overLimit ??= "depth";
          value = this.close(container);
        } else {
          if (open.length >= this.maxDepth) this.overLimit ??= "depth";
          open.push(container);
          if (container.members !== null && !this.readKey(container)) return undefined;
          continue;
        }
      } else {
        value = this.scalar(start);
        if (value === undefined) return undefined;
      }
      // A value ended: close what ends with it.
      for (;;) {
        this.nodes++;
        if (this.nodes > this.maxNodes) this.overLimit ??= "nodes";
        const parent = open.at(-1);
        const next = this.skipSpace();
        if (parent === undefined) return Number.isNaN(next) ? value : this.fault("text after the end of the document");
        if (this.overLimit === null) {
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

  private close(container: OpenContainer): JsonNode {
    if (container.members === null) return { kind: "array", elements: container.elements ?? [] };
    if (!this.duplicateKeys) this.duplicateKeys = hasDuplicateKeys(container.members);
    return { kind: "object", members: container.members };
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

  /** A key: mostly one that was read before, so that its text is kept once and need not be read again. */
  private key(): string | undefined {
    const { text, keys } = this;
    const from = this.position + 1;
    const slot = (text.charCodeAt(from) * 31 + text.charCodeAt(from + 1) * 7 + text.charCodeAt(from + 2)) & (keySlots - 1);
    const before = keys[slot];
    if (before !== undefined && text.startsWith(before, from) && text.charCodeAt(from + before.length) === quote) {
      this.position = from + before.length + 1;
      return before;
    }
    const key = this.string();
    // Only what stands in the text as it is: an escape is longer than what it means.
    if (key !== undefined && this.position === from + key.length + 1) keys[slot] = key;
    return key;
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
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.position = at + 1;
        return from === this.position ? value : value + text.slice(from, at);
      }
      if (code === backslash) {
        value += text.slice(from, at);
        this.position = at;
        const unescaped = this.escape();
        if (unescaped === undefined) return undefined;
        value += unescaped;
        at = from = this.position;
      } else if (code >= firstPrintable) {
        at++;
      } else {
        this.position = at;
        return this.fault(Number.isNaN(code) ? "string without end" : "control character in a string");
      }
    }
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
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.position);
    return code;
  }

  private fault(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
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
