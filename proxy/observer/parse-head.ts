/** Raw heads, as they were on the wire, to the model: Latin-1, wire order, case and duplicates kept.
 * The framing scan has already accepted these bytes, so lines end in CRLF and every field has a colon. */

import type { HeaderList } from "../../model/exchange.ts";

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: HeaderList;
}

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

const versionPrefix = "HTTP/";

/** `GET /x HTTP/1.1` and its fields (RFC 9112 §3). */
export function parseRequestHead(head: Uint8Array): RequestHead {
  const [startLine, headers] = parseLines(head);
  const afterMethod = startLine.indexOf(" ");
  const afterTarget = startLine.lastIndexOf(" ");
  return {
    method: startLine.slice(0, afterMethod),
    target: startLine.slice(afterMethod + 1, afterTarget),
    version: startLine.slice(afterTarget + 1 + versionPrefix.length),
    headers,
  };
}

/** `HTTP/1.1 200 OK` and its fields (RFC 9112 §4); the reason may be empty. */
export function parseAnswerHead(head: Uint8Array): AnswerHead {
  const [startLine, headers] = parseLines(head);
  const afterVersion = startLine.indexOf(" ");
  const status = startLine.slice(afterVersion + 1, afterVersion + 4);
  return { status: Number(status), reason: startLine.slice(afterVersion + 5), headers };
}

/** The fields of a trailer section (RFC 9112 §7.1.2), which has no start line. */
export function parseTrailers(section: Uint8Array): HeaderList {
  return fieldsOf(linesOf(section));
}

function parseLines(head: Uint8Array): [startLine: string, headers: HeaderList] {
  const [startLine = "", ...lines] = linesOf(head);
  return [startLine, fieldsOf(lines)];
}

function linesOf(section: Uint8Array): string[] {
  return Buffer.from(section.buffer, section.byteOffset, section.byteLength).toString("latin1").split("\r\n");
}

/** Up to the empty line. */
function fieldsOf(lines: readonly string[]): HeaderList {
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    if (line === "") break;
    const colon = line.indexOf(":");
    fields.push([line.slice(0, colon), trimWhitespace(line.slice(colon + 1))]);
  }
  return fields;
}

/** OWS is space and tab only (RFC 9110 §5.6.3); `trim` would take obs-text such as U+00A0 as well. */
function trimWhitespace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isWhitespace(value.charCodeAt(start))) start++;
  while (end > start && isWhitespace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
