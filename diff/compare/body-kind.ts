/** What a body is read as. The media type decides; where there is none, the bytes do. */

import { isJson, type MediaType } from "../../model/media-type.ts";

export type BodyKind =
  | "json"
  | "json-lines"
  | "json-sequence"
  | "form"
  | "event-stream"
  | "multipart"
  | "message-pack"
  | "cbor"
  | "cbor-sequence"
  | "protobuf"
  | "xml"
  | "markup"
  | "text"
  | "bytes";

/** Kinds that are read as a JSON tree (documents/read.ts). */
export type DocumentKind = Exclude<BodyKind, "xml" | "markup" | "text" | "bytes">;

/** By essence. */
const kinds: ReadonlyMap<string, BodyKind> = new Map([
  ["application/x-ndjson", "json-lines"],
  ["application/ndjson", "json-lines"],
  ["application/jsonl", "json-lines"],
  ["application/x-jsonlines", "json-lines"],
  ["application/json-seq", "json-sequence"],
  ["application/x-www-form-urlencoded", "form"],
  ["text/event-stream", "event-stream"],
  ["application/msgpack", "message-pack"],
  ["application/x-msgpack", "message-pack"],
  ["application/vnd.msgpack", "message-pack"],
  ["application/cbor", "cbor"],
  ["application/cbor-seq", "cbor-sequence"],
  ["application/protobuf", "protobuf"],
  ["application/x-protobuf", "protobuf"],
  ["application/vnd.google.protobuf", "protobuf"],
  ["application/xml", "xml"],
  ["text/xml", "xml"],
  ["text/html", "markup"],
  ["application/xhtml+xml", "markup"],
  ["application/javascript", "text"],
  ["application/ecmascript", "text"],
  ["application/yaml", "text"],
  ["application/x-yaml", "text"],
  ["application/graphql", "text"],
  ["application/sql", "text"],
]);
/** By structured syntax suffix (RFC 6839, RFC 8091, RFC 8949 §9.5). */
const suffixes: ReadonlyMap<string, BodyKind> = new Map([
  ["json-seq", "json-sequence"],
  ["cbor", "cbor"],
  ["cbor-seq", "cbor-sequence"],
  ["msgpack", "message-pack"],
  ["xml", "xml"],
  ["yaml", "text"],
]);
/** Types that servers send when they do not know. */
const unknown: ReadonlySet<string> = new Set(["application/octet-stream", "application/unknown"]);

/** The kind that a media type names; null when it names none, so that the bytes have to tell. */
export function kindOfType(type: MediaType | null): BodyKind | null {
  if (type === null) return null;
  const { essence } = type;
  if (isJson(essence)) return "json";
  const known = kinds.get(essence) ?? suffixes.get(essence.slice(essence.lastIndexOf("+") + 1));
  if (known !== undefined) return known;
  if (essence.startsWith("multipart/")) return "multipart";
  if (essence.startsWith("text/")) return "text";
  return unknown.has(essence) ? null : "bytes";
}

export function isDocumentKind(kind: BodyKind): kind is DocumentKind {
  return kind !== "xml" && kind !== "markup" && kind !== "text" && kind !== "bytes";
}

/** What bytes without a media type look like: JSON objects and arrays, XML that says so, text, or none of these. */
export function kindOfBytes(bytes: Uint8Array): BodyKind {
  const start = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  const first = bytes[start];
  if (first === 0x7b || first === 0x5b) return "json";
  if (first === 0x3c && Buffer.from(bytes.subarray(start, start + 5)).toString("latin1") === "<?xml") return "xml";
  return bytes.includes(0) ? "bytes" : "text";
}

/** Body bytes as text: by the charset of the media type where it is known, else UTF-8. Malformed
 * sequences become U+FFFD. */
export function bodyText(bytes: Uint8Array, type: MediaType | null): string {
  return decoderFor(type?.charset ?? null).decode(bytes);
}

function decoderFor(charset: string | null): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    // A charset that nobody knows is read like none.
    return new TextDecoder();
  }
}
