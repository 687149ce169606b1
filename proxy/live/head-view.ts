/** Reads one head (start line and header section) in place: offsets into the bytes, no strings, no copies.
 * Strict on purpose: what two HTTP implementations could read differently is `faulty` and will not be recorded.
 * One view serves a whole process: its content is valid until the next `parse`. */

export type HeadKind = "request" | "answer" | "trailers";

/** Results of `parse` other than the offset after the head. */
export const incomplete: number = 0;
export const faulty: number = -1;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const comma = 0x2c;
const colon = 0x3a;
const digitZero = 0x30;
const digitNine = 0x39;

const isToken: Uint8Array = tableOf("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"); // RFC 9110 §5.6.2
const isFieldByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte === tab || (byte >= space && byte !== 0x7f) ? 1 : 0)); // RFC 9110 §5.5
const isTargetByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte > space && byte !== 0x7f ? 1 : 0));
const toLower: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters, "latin1")) table[byte] = 1;
  return table;
}

export function isTokenByte(byte: number): boolean {
  return isToken[byte] === 1;
}

export function isFieldValueByte(byte: number): boolean {
  return isFieldByte[byte] === 1;
}

const upgradeName = Buffer.from("upgrade");
const connectionName = Buffer.from("connection");
const contentLengthName = Buffer.from("content-length");
const transferEncodingName = Buffer.from("transfer-encoding");
const chunkedToken = Buffer.from("chunked");
const closeToken = Buffer.from("close");
const keepAliveToken = Buffer.from("keep-alive");
const versionPrefix = Buffer.from("HTTP/1.");
const headMethod = Buffer.from("HEAD");
const connectMethod = Buffer.from("CONNECT");

/** Offsets kept for each field: name start, name end, value start, value end (without white space around it). */
const offsetsPerField = 4;
const usualFields = 64;

/** The bytes given to the constructor's owner until the first head. */
const noBytes = Buffer.alloc(0);

export class HeadView {
  buffer: Buffer = noBytes;
  start = 0;
  /** After the empty line. */
  end = 0;
  /** Of a request; -1 when not even a method and a space were found. */
  methodEnd = -1;
  minorVersion = 1;
  status = 0;
  fieldCount = 0;
  /** -1 = none. */
  contentLength = -1;
  chunked = false;
  /** The connection may carry another message after this one (RFC 9112 §9.3). */
  persistent = true;
  /** Asks for (request) or announces (answer) another protocol. */
  upgrade = false;

  #offsets: Int32Array = new Int32Array(usualFields * offsetsPerField);
  #hasTransferEncoding = false;
  #connectionUpgrade = false;
  #connectionClose = false;
  #connectionKeepAlive = false;

  /** Reads a head that begins at `start`; `limit` is where the bytes end so far.
   * @returns the offset after the head, `incomplete` or `faulty` */
  parse(buffer: Buffer, start: number, limit: number, kind: HeadKind): number {
    this.buffer = buffer;
    this.start = start;
    this.methodEnd = -1;
    this.fieldCount = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.upgrade = false;
    this.#hasTransferEncoding = false;
    this.#connectionUpgrade = false;
    this.#connectionClose = false;
    this.#connectionKeepAlive = false;
    let at = start;
    if (kind !== "trailers") {
      at = kind === "request" ? this.#requestLine(start, limit) : this.#statusLine(start, limit);
      if (at <= 0) return at;
    }
    at = this.#fields(at, limit, kind !== "trailers");
    if (at <= 0) return at;
    this.end = at;
    if (kind === "trailers") return at;
    // RFC 9112 §6.1: both, or Transfer-Encoding before 1.1, is how requests are smuggled.
    if (this.#hasTransferEncoding && (this.contentLength >= 0 || this.minorVersion === 0)) return faulty;
    this.upgrade = this.upgrade && this.#connectionUpgrade;
    this.persistent = !this.#connectionClose && (this.minorVersion === 1 || this.#connectionKeepAlive);
    return at;
  }

  get isHead(): boolean {
    return this.#isMethod(headMethod);
  }

  get isConnect(): boolean {
    return this.#isMethod(connectMethod);
  }

  nameStart(field: number): number {
    return this.#offsets[field * offsetsPerField] as number;
  }

  nameEnd(field: number): number {
    return this.#offsets[field * offsetsPerField + 1] as number;
  }

  valueStart(field: number): number {
    return this.#offsets[field * offsetsPerField + 2] as number;
  }

  valueEnd(field: number): number {
    return this.#offsets[field * offsetsPerField + 3] as number;
  }

  /** The first field of that name (given in lower case) at or after `from`, or -1. */
  find(lowerName: Uint8Array, from: number): number {
    for (let field = from; field < this.fieldCount; field++) {
      if (matches(this.buffer, this.nameStart(field), this.nameEnd(field), lowerName)) return field;
    }
    return -1;
  }

  #isMethod(method: Uint8Array): boolean {
    // Methods are compared with case (RFC 9110 §9.1).
    if (this.methodEnd - this.start !== method.length) return false;
    for (let i = 0; i < method.length; i++) if (this.buffer[this.start + i] !== method[i]) return false;
    return true;
  }

  /** `method SP target SP HTTP/1.x CRLF` */
  #requestLine(start: number, limit: number): number {
    const buffer = this.buffer;
    let at = start;
    while (at < limit && isToken[buffer[at] as number] === 1) at++;
    if (at === limit) return incomplete;
    if (at === start || buffer[at] !== space) return faulty;
    this.methodEnd = at;
    const targetStart = ++at;
    while (at < limit && isTargetByte[buffer[at] as number] === 1) at++;
    if (at === limit) return incomplete;
    if (at === targetStart || buffer[at] !== space) return faulty;
    at = this.#version(at + 1, limit);
    return at <= 0 ? at : lineEnd(buffer, at, limit);
  }

  /** `HTTP/1.x SP status [SP reason] CRLF` */
  #statusLine(start: number, limit: number): number {
    const buffer = this.buffer;
    let at = this.#version(start, limit);
    if (at <= 0) return at;
    if (at === limit) return incomplete;
    if (buffer[at] !== space) return faulty;
    this.status = 0;
    for (let i = 1; i <= 3; i++) {
      if (at + i >= limit) return incomplete;
      const digit = buffer[at + i] as number;
      if (digit < digitZero || digit > digitNine) return faulty;
      this.status = this.status * 10 + digit - digitZero;
    }
    at += 4;
    if (this.status < 100) return faulty;
    if (at === limit) return incomplete;
    if (buffer[at] !== space) return lineEnd(buffer, at, limit);
    while (at < limit && isFieldByte[buffer[at] as number] === 1) at++;
    return lineEnd(buffer, at, limit);
  }

  /** `HTTP/1.0` or `HTTP/1.1`; another minor version has no framing rules that all agree on. */
  #version(start: number, limit: number): number {
    const buffer = this.buffer;
    for (let i = 0; i < versionPrefix.length; i++) {
      if (start + i === limit) return incomplete;
      if (buffer[start + i] !== versionPrefix[i]) return faulty;
    }
    const at = start + versionPrefix.length;
    if (at === limit) return incomplete;
    const minor = (buffer[at] as number) - digitZero;
    if (minor !== 0 && minor !== 1) return faulty;
    this.minorVersion = minor;
    return at + 1;
  }

  #fields(start: number, limit: number, framing: boolean): number {
    const buffer = this.buffer;
    let at = start;
    for (;;) {
      if (at >= limit) return incomplete;
      if (buffer[at] === carriageReturn) return lineEnd(buffer, at, limit);
      const nameStart = at;
      while (at < limit && isToken[buffer[at] as number] === 1) at++;
      if (at === limit) return incomplete;
      // Covers obs-fold, white space before the colon, an empty name, a line without colon, NUL and bare LF.
      if (at === nameStart || buffer[at] !== colon) return faulty;
      const nameEnd = at++;
      while (at < limit && isWhitespace(buffer[at] as number)) at++;
      const valueStart = at;
      while (at < limit && isFieldByte[buffer[at] as number] === 1) at++;
      let valueEnd = at;
      at = lineEnd(buffer, at, limit);
      if (at <= 0) return at;
      while (valueEnd > valueStart && isWhitespace(buffer[valueEnd - 1] as number)) valueEnd--;
      this.#add(nameStart, nameEnd, valueStart, valueEnd);
      if (framing && !this.#readFraming(nameStart, nameEnd, valueStart, valueEnd)) return faulty;
    }
  }

  #add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.fieldCount * offsetsPerField;
    if (at === this.#offsets.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    const offsets = this.#offsets;
    offsets[at] = nameStart;
    offsets[at + 1] = nameEnd;
    offsets[at + 2] = valueStart;
    offsets[at + 3] = valueEnd;
    this.fieldCount++;
  }

  /** @returns false when the field makes the end of the message a matter of opinion */
  #readFraming(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): boolean {
    const buffer = this.buffer;
    switch (nameEnd - nameStart) {
      case upgradeName.length:
        if (matches(buffer, nameStart, nameEnd, upgradeName)) this.upgrade = true;
        return true;
      case connectionName.length:
        if (matches(buffer, nameStart, nameEnd, connectionName)) this.#readConnection(valueStart, valueEnd);
        return true;
      case contentLengthName.length:
        if (!matches(buffer, nameStart, nameEnd, contentLengthName)) return true;
        // A repeated length is refused even when both agree: some take the first, some the list (RFC 9112 §6.3).
        if (this.contentLength >= 0) return false;
        this.contentLength = decimal(buffer, valueStart, valueEnd);
        return this.contentLength >= 0;
      case transferEncodingName.length:
        if (!matches(buffer, nameStart, nameEnd, transferEncodingName)) return true;
        if (this.#hasTransferEncoding) return false;
        this.#hasTransferEncoding = true;
        this.chunked = matches(buffer, valueStart, valueEnd, chunkedToken);
        return this.chunked;
      default:
        return true;
    }
  }

  #readConnection(start: number, end: number): void {
    let at = start;
    while (at < end) {
      while (at < end && (isWhitespace(this.buffer[at] as number) || this.buffer[at] === comma)) at++;
      const optionStart = at;
      while (at < end && this.buffer[at] !== comma) at++;
      let optionEnd = at;
      while (optionEnd > optionStart && isWhitespace(this.buffer[optionEnd - 1] as number)) optionEnd--;
      if (matches(this.buffer, optionStart, optionEnd, closeToken)) this.#connectionClose = true;
      else if (matches(this.buffer, optionStart, optionEnd, keepAliveToken)) this.#connectionKeepAlive = true;
      else if (matches(this.buffer, optionStart, optionEnd, upgradeName)) this.#connectionUpgrade = true;
    }
  }
}

/** Whether the bytes from `start` to `end` are these, without regard to the case of letters. */
function matches(buffer: Buffer, start: number, end: number, lower: Uint8Array): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) if (toLower[buffer[start + i] as number] !== lower[i]) return false;
  return true;
}

function lineEnd(buffer: Buffer, at: number, limit: number): number {
  if (at >= limit) return incomplete;
  if (buffer[at] !== carriageReturn) return faulty;
  if (at + 1 >= limit) return incomplete;
  return buffer[at + 1] === lineFeed ? at + 2 : faulty;
}

/** `1*DIGIT` (RFC 9110 §8.6), or -1 when it is not that or beyond exact integers. */
function decimal(buffer: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (buffer[at] as number) - digitZero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

function isWhitespace(byte: number): boolean {
  return byte === space || byte === tab;
}
