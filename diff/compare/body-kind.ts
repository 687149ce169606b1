/** What a body is read as. The media type decides; where there is none, the bytes do. */

import { isJson, type MediaType } from "../../model/media-type.ts";

export type BodyKind = "json" | "json-lines" | "form" | "markup" | "text" | "bytes";

const jsonLines: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
]);
const markup: ReadonlySet<string> = new Set(["text/html", "application/xhtml+xml"]);
const text: ReadonlySet<string> = new Set([
  "application/xml",
  "application/javascript",
  "application/ecmascript",
  "application/yaml",
  "application/x-yaml",
  "application/graphql",
  "application/sql",
]);
const form = "application/x-www-form-urlencoded";
/** Types that servers send when they do not know. */
const unknown: ReadonlySet<string> = new Set(["application/octet-stream", "application/unknown"]);

/** The kind that a media type names; null when it names none, so that the bytes have to tell. */
export function kindOfType(type: MediaType | null): BodyKind | null {
  if (type === null) return null;
  const { essence } = type;
  if (isJson(essence)) return "json";
  if (jsonLines.has(essence)) return "json-lines";
  if (essence === form) return "form";
  if (markup.has(essence)) return "markup";
  if (essence.startsWith("text/") || text.has(essence) || essence.endsWith("+xml")) return "text";
  return unknown.has(essence) ? null : "bytes";
}

/** What bytes without a media type look like: JSON objects and arrays, text, or neither. */
export function kindOfBytes(bytes: Uint8Array): BodyKind {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  if (first === 0x7b || first === 0x5b) return "json";
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
