/** A body as lines for people: JSON indented, forms by field, text by line, anything else as the head of a hex dump. */

import { decodeContent } from "../../model/content.ts";
import { type Body, type HeaderList, isUnrecorded } from "../../model/exchange.ts";
import type { JsonNode } from "../../model/json/node.ts";
import { parseJson } from "../../model/json/parse.ts";
import { isJson, mediaTypeOf } from "../../model/media-type.ts";
import { byteSize, counted } from "../figures.ts";
import { prettyJson } from "./pretty-json.ts";

export interface BodyView {
  /** What it is and what was done to show it: "JSON · 812 B · gzip removed". */
  readonly note: string;
  readonly lines: readonly string[];
  /** The document, for laying another one beside it; null when it is not JSON. */
  readonly document: JsonNode | null;
}

/** More than anybody reads; keeps a decompression bomb from costing more than this. */
const mostDecodedBytes = 4_000_000;
const mostLines = 10_000;
const hexBytes = 512;
const hexBytesPerLine = 16;
/** Text has hardly any control characters; binary data read as text has many. */
const mostControlShare = 0.02;
const controls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/g;

export const noBodyView: BodyView = { note: "no body", lines: [], document: null };

/** @param like the document that this body is shown beside, for the order of its keys */
export function viewBody(headers: HeaderList, body: Body, like: JsonNode | null): BodyView {
  switch (body.kind) {
    case "none":
      return noBodyView;
    case "whole":
      return wholeBody(headers, body.bytes, like);
    case "capped": {
      if (isUnrecorded(body))
        return { note: `${body.length === 0 ? "" : `${byteSize(body.length)} · `}not recorded`, lines: [], document: null };
      const missing = body.length - body.head.length - body.tail.length;
      const gap = `… ${counted(missing, "byte")} not kept …`;
      // The cut may have gone through a character: its pieces are left out on both sides.
      const [head, tail] = [linesOf(headers, withoutTornEnd(body.head)), linesOf(headers, withoutTornStart(body.tail))];
      return {
        note: `${byteSize(body.length)} · over the cap, SHA-256 ${body.sha256}`,
        lines: [...head.lines, gap, ...tail.lines],
        document: null,
      };
    }
    default:
      return body satisfies never;
  }
}

function wholeBody(headers: HeaderList, bytes: Uint8Array, like: JsonNode | null): BodyView {
  if (bytes.length === 0) return { note: "empty body", lines: [], document: null };
  const content = decodeContent(headers, bytes, mostDecodedBytes);
  const size = byteSize(bytes.length);
  if (content.kind === "undecodable") {
    return { note: `${size} · cannot be decoded (${content.problem})`, lines: hexLines(bytes), document: null };
  }
  const removed = content.codings.length > 0 ? ` · ${content.codings.join(", ")} removed` : "";
  const type = mediaTypeOf(headers)?.essence ?? "";
  if (isJson(type) || type === "") {
    const parse = parseJson(content.bytes);
    if (parse.kind === "parsed")
      return { note: `JSON · ${size}${removed}`, ...bounded(prettyJson(parse.root, like)), document: parse.root };
  }
  const { kind, lines } = linesOf(headers, content.bytes);
  return { note: `${kind} · ${size}${removed}`, ...bounded(lines), document: null };
}

function bounded(lines: readonly string[]): { lines: readonly string[] } {
  const left = lines.length - mostLines;
  return { lines: left > 0 ? [...lines.slice(0, mostLines), `… ${counted(left, "more line")} left out`] : lines };
}

/** Text lines when the bytes are text in the stated charset, else the head of a hex dump. */
function linesOf(headers: HeaderList, bytes: Uint8Array): { kind: string; lines: readonly string[] } {
  const type = mediaTypeOf(headers);
  const text = textOf(bytes, type?.charset ?? "utf-8");
  if (text === null) return { kind: "binary", lines: hexLines(bytes) };
  if (type?.essence === "application/x-www-form-urlencoded") return { kind: "form", lines: text.split(/(?<=&)/) };
  const lines = textLines(text);
  return { kind: type?.essence ?? "text", lines };
}

/** Line ends that are all alike say nothing and are hidden; a single odd one stays to be seen. */
function textLines(text: string): readonly string[] {
  const lines = text.split("\n");
  const last = lines.length - 1;
  const allReturn = last > 0 && lines.every((line, index) => line.indexOf("\r") === (index < last ? Math.max(0, line.length - 1) : -1));
  return allReturn ? lines.map((line, index) => (index < last ? line.slice(0, -1) : line)) : lines;
}

function textOf(bytes: Uint8Array, charset: string): string | null {
  const text = decodedText(bytes, charset) ?? decodedText(bytes, "utf-8");
  if (text === null) return null;
  const acting = text.match(controls)?.length ?? 0;
  return acting > text.length * mostControlShare ? null : text;
}

function decodedText(bytes: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    // An unknown charset or malformed text: TextDecoder says so by exception only, and the hex dump shows it all.
    return null;
  }
}

const continuationMask = 0xc0;
const continuation = 0x80;
/** A UTF-8 character has at most three bytes after its first. */
const mostContinuations = 3;

function withoutTornStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < mostContinuations && ((bytes[start] ?? 0) & continuationMask) === continuation) start++;
  return bytes.subarray(start);
}

function withoutTornEnd(bytes: Uint8Array): Uint8Array {
  for (let end = bytes.length; end >= Math.max(0, bytes.length - mostContinuations); end--) {
    if (decodedText(bytes.subarray(0, end), "utf-8") !== null) return bytes.subarray(0, end);
  }
  return bytes;
}

function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < Math.min(hexBytes, bytes.length); offset += hexBytesPerLine) {
    const row = [...bytes.subarray(offset, Math.min(offset + hexBytesPerLine, hexBytes))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${offset.toString(16).padStart(6, "0")}  ${hex.padEnd(hexBytesPerLine * 3 - 1)}  ${ascii}`);
  }
  const left = bytes.length - hexBytes;
  return left > 0 ? [...lines, `… ${counted(left, "more byte")}`] : lines;
}
