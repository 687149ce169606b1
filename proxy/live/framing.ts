/** The framing scan: finds where messages begin and end in one direction of a connection (RFC 9112 §6), and
 * nothing else. Bytes in, events out, whatever way the bytes are cut; it never changes, holds back or orders bytes.
 *
 *    start ──► head ──┬─► fixed body ──────────────────┬─► end ──► start | held | closed
 *      ▲              ├─► chunk size ► data ► … ► trailers ─┤
 *      │              ├─► until close                  │
 *      │              └─► (no body) ───────────────────┘
 *      └──── empty lines between messages are skipped (RFC 9112 §2.2)
 *
 * Where two implementations could disagree about an end, the scan stops: `ambiguous_framing`. */

import { faulty, type HeadView, incomplete, isFieldValueByte, isTokenByte } from "./head-view.ts";

/** Why a scan has ended before its connection. `tunnel`: 101, or 2xx to CONNECT. */
export type StopReason = "ambiguous_framing" | "head_too_large" | "not_http" | "http2" | "tunnel";

/** What the request says about how its answer is framed (RFC 9112 §6.3); null = no request is waiting. */
export type AnswerContext = "ordinary" | "to-head" | "to-connect" | "to-upgrade" | "to-upgrading-head" | null;

/** The context of the answer to the request with this head. */
export function answerContextOf(request: HeadView): Exclude<AnswerContext, null> {
  if (request.isConnect) return "to-connect";
  if (request.isHead) return request.upgrade ? "to-upgrading-head" : "to-head";
  return request.upgrade ? "to-upgrade" : "ordinary";
}

/** Whether the request's side has to wait for the answer before its next bytes can be read. */
export function decidesProtocol(context: AnswerContext): boolean {
  return context === "to-connect" || context === "to-upgrade" || context === "to-upgrading-head";
}

/** Receives the events of one direction: begin, head, data…, trailers?, end; or stopped, and then nothing more. */
export interface FramingSink {
  /** The first byte of a message. */
  begin(): void;
  /** The whole head; the view is valid during the call. */
  head(view: HeadView): void;
  /** A 1xx head other than 101; the final answer to the same request follows. */
  informational(view: HeadView): void;
  /** Payload of the body without chunk framing: `source[start…end)`. */
  data(source: Buffer, start: number, end: number): void;
  /** A trailer section that is not empty, with its final empty line. */
  trailers(section: Buffer): void;
  end(): void;
  stopped(reason: StopReason): void;
}

/** Longest head or trailer section that is observed; servers accept 8 to 64 KiB. */
const maxHeadBytes = 64 * 1024;
/** Longest line of chunk size and extensions. */
const maxChunkLineBytes = 16 * 1024;
/** 13 hex digits are 52 bits: always an exact integer. */
const maxChunkDigits = 13;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const semicolon = 0x3b;
const equals = 0x3d;
const quote = 0x22;
const backslash = 0x5c;

const start = 0;
const inHead = 1;
const fixedBody = 2;
const chunkSize = 3;
const chunkExtension = 4;
const chunkLineEnd = 5;
const chunkData = 6;
const chunkDataReturn = 7;
const chunkDataFeed = 8;
const trailerSection = 9;
const untilClose = 10;
const held = 11;
const closed = 12;
const stopped = 13;

/** Where in a chunk extension the scan is (RFC 9112 §7.1.1). */
const extensionName = 0;
const extensionNameMore = 1;
const extensionValue = 2;
const extensionValueMore = 3;
const extensionQuoted = 4;
const extensionEscaped = 5;
const extensionAfterQuote = 6;

abstract class MessageScanner {
  protected readonly sink: FramingSink;
  protected readonly view: HeadView;
  protected state: number = start;
  #begun = false;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #lineBytes = 0;
  #lastByte = 0;
  #remaining = 0;
  #digits = 0;
  #chunkLineBytes = 0;
  #extension = extensionName;

  /** @param view may be shared by all scanners of a process: it is only used within a call */
  constructor(sink: FramingSink, view: HeadView) {
    this.sink = sink;
    this.view = view;
  }

  get isStopped(): boolean {
    return this.state === stopped;
  }

  /** No message has begun that has not ended. */
  get isBetweenMessages(): boolean {
    return this.state === start || this.state === closed || this.state === held;
  }

  /** Takes the next bytes of this direction. */
  push(chunk: Buffer): void {
    let at = 0;
    const length = chunk.length;
    while (at < length) {
      switch (this.state) {
        case start:
        case closed:
          at = this.#skipEmptyLines(chunk, at);
          break;
        case inHead:
        case trailerSection:
          at = this.#section(chunk, at);
          break;
        case fixedBody: {
          const end = Math.min(length, at + this.#remaining);
          this.sink.data(chunk, at, end);
          this.#remaining -= end - at;
          at = end;
          if (this.#remaining === 0) this.#end();
          break;
        }
        case chunkData: {
          const end = Math.min(length, at + this.#remaining);
          this.sink.data(chunk, at, end);
          this.#remaining -= end - at;
          at = end;
          if (this.#remaining === 0) this.state = chunkDataReturn;
          break;
        }
        case chunkDataReturn:
          if (chunk[at++] !== carriageReturn) this.stop("ambiguous_framing");
          else this.state = chunkDataFeed;
          break;
        case chunkDataFeed:
          if (chunk[at++] !== lineFeed) this.stop("ambiguous_framing");
          else this.#beginChunk();
          break;
        case chunkSize:
        case chunkExtension:
        case chunkLineEnd:
          at = this.#chunkLine(chunk, at);
          break;
        case untilClose:
          this.sink.data(chunk, at, length);
          return;
        case held:
          // Bytes that may be the next request or already another protocol, depending on the answer.
          this.stop("ambiguous_framing");
          return;
        default:
          return;
      }
    }
  }

  /** This direction has ended in order (FIN): a body that lasts until close is complete with it.
   * @returns false when a message was cut */
  finish(): boolean {
    if (this.state === untilClose) this.#end();
    if ((this.state === inHead || this.state === trailerSection) && this.#parts.length > 0) this.#classifyUnfinished();
    return this.isBetweenMessages || this.state === stopped;
  }

  /** Ends the scan from outside (the other direction stopped). Reports nothing. */
  abandon(): void {
    this.state = stopped;
    this.#parts = [];
  }

  protected stop(reason: StopReason): void {
    this.abandon();
    this.sink.stopped(reason);
  }

  /** Reports the head and says how the body is framed. */
  protected abstract headComplete(view: HeadView): void;
  /** The state after the end of the message whose head was reported last. */
  protected abstract stateAfterMessage(): number;
  protected abstract readonly kind: "request" | "answer";
  /** What is wrong with a head that was just found faulty. */
  protected abstract faultOf(view: HeadView): StopReason;

  protected bodyOf(length: number): void {
    if (this.state === stopped) return;
    this.#remaining = length;
    if (length === 0) this.#end();
    else this.state = fixedBody;
  }

  protected bodyInChunks(): void {
    if (this.state !== stopped) this.#beginChunk();
  }

  protected bodyUntilClose(): void {
    if (this.state !== stopped) this.state = untilClose;
  }

  /** Another head of the same message follows (1xx). */
  protected expectAnotherHead(): void {
    this.#begun = false;
    this.state = start;
  }

  /** A sink may have abandoned the scan in the event before. */
  #end(): void {
    if (this.state === stopped) return;
    this.#begun = false;
    this.state = this.stateAfterMessage();
    this.sink.end();
  }

  #skipEmptyLines(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at] as number;
      if (this.#lastByte === carriageReturn) {
        this.#lastByte = 0;
        if (byte !== lineFeed) {
          this.stop("ambiguous_framing");
          return at;
        }
        at++;
      } else if (byte === carriageReturn) {
        this.#lastByte = byte;
        at++;
      } else {
        // More after the last message of the connection: the other side will not read it as a message.
        if (this.state === closed) this.stop("ambiguous_framing");
        else this.state = inHead;
        return at;
      }
    }
    return at;
  }

  /** A head, or a trailer section, which is a head without start line. */
  #section(chunk: Buffer, from: number): number {
    const kind = this.state === trailerSection ? "trailers" : this.kind;
    if (!this.#begun) {
      this.#begun = true;
      this.sink.begin();
    }
    if (this.#parts.length === 0) {
      const end = this.view.parse(chunk, from, chunk.length, kind);
      if (end > incomplete) {
        if (end - from > maxHeadBytes) this.stop("head_too_large");
        else this.#sectionComplete(chunk, from, end);
        return end;
      }
      if (end === faulty) {
        this.stop(kind === "trailers" ? "ambiguous_framing" : this.faultOf(this.view));
        return chunk.length;
      }
      this.#lineBytes = 0;
      this.#lastByte = 0;
    }
    return this.#collect(chunk, from, kind);
  }

  /** The slow way for sections that arrive in pieces: each byte is looked at once until the empty line has come. */
  #collect(chunk: Buffer, from: number, kind: "request" | "answer" | "trailers"): number {
    let at = from;
    let complete = false;
    while (at < chunk.length && !complete) {
      const byte = chunk[at++] as number;
      if (byte === lineFeed) {
        if (this.#lastByte !== carriageReturn) break;
        complete = this.#lineBytes === 1;
        this.#lineBytes = 0;
      } else {
        this.#lineBytes++;
      }
      this.#lastByte = byte;
    }
    this.#parts.push(chunk.subarray(from, at));
    this.#partBytes += at - from;
    const bareLineFeed = at > from && chunk[at - 1] === lineFeed && this.#lastByte !== lineFeed;
    if (!complete && !bareLineFeed && this.#partBytes <= maxHeadBytes) return at;
    const section = Buffer.concat(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    this.#lastByte = 0;
    const end = this.view.parse(section, 0, section.length, kind);
    if (end !== faulty && section.length > maxHeadBytes) this.stop("head_too_large");
    else if (end === section.length) this.#sectionComplete(section, 0, end);
    else this.stop(kind === "trailers" ? "ambiguous_framing" : this.faultOf(this.view));
    return at;
  }

  /** A section that came in pieces and will not go on: was it wrong already, as it would have been in one piece? */
  #classifyUnfinished(): void {
    const section = Buffer.concat(this.#parts, this.#partBytes);
    const kind = this.state === trailerSection ? "trailers" : this.kind;
    if (this.view.parse(section, 0, section.length, kind) !== faulty) return;
    this.stop(kind === "trailers" ? "ambiguous_framing" : this.faultOf(this.view));
  }

  #sectionComplete(source: Buffer, from: number, end: number): void {
    if (this.state !== trailerSection) {
      this.headComplete(this.view);
      return;
    }
    const emptyLineBytes = 2;
    if (end - from > emptyLineBytes) this.sink.trailers(source.subarray(from, end));
    this.#end();
  }

  #beginChunk(): void {
    this.state = chunkSize;
    this.#remaining = 0;
    this.#digits = 0;
    this.#chunkLineBytes = 0;
  }

  /** `1*HEXDIG *( ";" name [ "=" value ] ) CRLF`, without white space: "5 " is read as 5 by some and refused by others. */
  #chunkLine(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at++] as number;
      if (++this.#chunkLineBytes > maxChunkLineBytes) {
        this.stop("ambiguous_framing");
        return at;
      }
      if (this.state === chunkSize) {
        const digit = hexValue(byte);
        if (digit >= 0) {
          this.#remaining = this.#remaining * 16 + digit;
          if (++this.#digits <= maxChunkDigits) continue;
        } else if (this.#digits > 0 && byte === carriageReturn) {
          this.state = chunkLineEnd;
          continue;
        } else if (this.#digits > 0 && byte === semicolon) {
          this.state = chunkExtension;
          this.#extension = extensionName;
          continue;
        }
        this.stop("ambiguous_framing");
        return at;
      }
      if (this.state === chunkLineEnd) {
        if (byte !== lineFeed) this.stop("ambiguous_framing");
        else this.state = this.#remaining === 0 ? trailerSection : chunkData;
        return at;
      }
      if (!this.#extensionByte(byte)) {
        this.stop("ambiguous_framing");
        return at;
      }
    }
    return at;
  }

  #extensionByte(byte: number): boolean {
    switch (this.#extension) {
      case extensionQuoted:
        if (byte === backslash) this.#extension = extensionEscaped;
        else if (byte === quote) this.#extension = extensionAfterQuote;
        return isFieldValueByte(byte);
      case extensionEscaped:
        this.#extension = extensionQuoted;
        return isFieldValueByte(byte);
      default:
    }
    if (isTokenByte(byte)) {
      if (this.#extension === extensionAfterQuote) return false;
      if (this.#extension === extensionName) this.#extension = extensionNameMore;
      else if (this.#extension === extensionValue) this.#extension = extensionValueMore;
      return true;
    }
    if (byte === quote && this.#extension === extensionValue) {
      this.#extension = extensionQuoted;
      return true;
    }
    if (byte === equals && this.#extension === extensionNameMore) {
      this.#extension = extensionValue;
      return true;
    }
    // A name or value must have begun before the next one or the end of the line.
    if (this.#extension === extensionName || this.#extension === extensionValue) return false;
    if (byte === semicolon) this.#extension = extensionName;
    else if (byte === carriageReturn) this.state = chunkLineEnd;
    else return false;
    return true;
  }
}

/** Requests: from the client. */
export class RequestScanner extends MessageScanner {
  protected readonly kind = "request";
  #persistent = true;
  #awaitsAnswer = false;
  #messages = 0;

  /** The answer to an Upgrade or CONNECT request has come, and the connection goes on with HTTP/1. */
  release(): void {
    this.#awaitsAnswer = false;
    if (this.state === held) this.state = this.stateAfterMessage();
  }

  protected headComplete(view: HeadView): void {
    this.#messages++;
    const { isConnect, chunked, contentLength, upgrade, persistent } = view;
    if (isConnect && (chunked || contentLength > 0)) {
      this.stop("ambiguous_framing"); // RFC 9110 §9.3.6: CONNECT has no content; some read it all the same
      return;
    }
    this.#persistent = persistent;
    this.#awaitsAnswer = isConnect || upgrade;
    this.sink.head(view);
    if (chunked) this.bodyInChunks();
    else this.bodyOf(Math.max(0, contentLength));
  }

  protected stateAfterMessage(): number {
    if (this.#awaitsAnswer) return held;
    return this.#persistent ? start : closed;
  }

  /** The first bytes of a connection tell whether it is HTTP/1 at all; later, what cannot be read is ambiguous. */
  protected faultOf(view: HeadView): StopReason {
    if (this.#messages > 0) return "ambiguous_framing";
    if (view.buffer.subarray(view.start, view.start + http2Preface.length).equals(http2Preface)) return "http2";
    return view.methodEnd < 0 ? "not_http" : "ambiguous_framing";
  }
}

/** RFC 9113 §3.4, up to where it differs from HTTP/1. */
const http2Preface = Buffer.from("PRI * HTTP/2");

/** Answers: from the primary. */
export class AnswerScanner extends MessageScanner {
  protected readonly kind = "answer";
  readonly #context: () => AnswerContext;
  #persistent = true;
  #becomesTunnel = false;

  /** @param context asked at each head: which request is it the answer to */
  constructor(sink: FramingSink, view: HeadView, context: () => AnswerContext) {
    super(sink, view);
    this.#context = context;
  }

  protected headComplete(view: HeadView): void {
    const context = this.#context();
    const { status, chunked, contentLength, persistent } = view;
    if (context === null) {
      this.stop("ambiguous_framing"); // an answer that nobody asked for
      return;
    }
    if (status < 200 && status !== 101) {
      this.expectAnotherHead();
      this.sink.informational(view);
      return;
    }
    this.#persistent = persistent;
    const asksUpgrade = context === "to-upgrade" || context === "to-upgrading-head";
    this.#becomesTunnel = (status === 101 && asksUpgrade) || (context === "to-connect" && status >= 200 && status < 300);
    if (status === 101 && !this.#becomesTunnel) {
      this.stop("ambiguous_framing");
      return;
    }
    this.sink.head(view);
    if (this.#becomesTunnel) {
      this.bodyOf(0);
      this.stop("tunnel");
    } else if (context === "to-head" || context === "to-upgrading-head" || status === 204 || status === 304) {
      this.bodyOf(0);
    } else if (chunked) {
      this.bodyInChunks();
    } else if (contentLength >= 0) {
      this.bodyOf(contentLength);
    } else {
      this.bodyUntilClose();
    }
  }

  protected stateAfterMessage(): number {
    return this.#persistent ? start : closed;
  }

  protected faultOf(): StopReason {
    return "ambiguous_framing";
  }
}

/** Value of a hexadecimal digit, or -1. */
function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
