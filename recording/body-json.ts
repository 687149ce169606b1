/** Bodies in JSON: `null` | {"text"} | {"base64"} | {"length", "sha256", "head", "tail"} when capped.
 * `text` only where the bytes are UTF-8 and come back as they were. */

import { isUtf8 } from "node:buffer";
import { type Body, noBody } from "../model/exchange.ts";
import { Fields, FormError, type JsonObject } from "./fields.ts";

const sha256Hex = /^[0-9a-f]{64}$/;

export function bodyToJson(body: Body): JsonObject | null {
  switch (body.kind) {
    case "none":
      return null;
    case "whole":
      return isUtf8(body.bytes) ? { text: viewOf(body.bytes).toString("utf8") } : { base64: toBase64(body.bytes) };
    case "capped":
      return { length: body.length, sha256: body.sha256, head: toBase64(body.head), tail: toBase64(body.tail) };
    default:
      return body satisfies never;
  }
}

/** @throws FormError */
export function bodyFromJson(value: unknown, path: string): Body {
  if (value === null || value === undefined) return noBody;
  const fields = new Fields(value, path);
  const forms = ["text", "base64", "length"].filter((name) => fields.has(name));
  if (forms.length !== 1) {
    throw new FormError(`${path} must be null or have exactly one of text, base64, or length with sha256, head and tail`);
  }
  if (forms[0] === "text") return { kind: "whole", bytes: Buffer.from(fields.text("text")) };
  if (forms[0] === "base64") return { kind: "whole", bytes: fromBase64(fields, "base64") };
  const sha256 = fields.string("sha256");
  if (!sha256Hex.test(sha256)) fields.unfit("sha256", "64 lower-case hex digits");
  return { kind: "capped", length: fields.count("length"), sha256, head: fromBase64(fields, "head"), tail: fromBase64(fields, "tail") };
}

/** The keys of `bodyToJson` for this value; everything else is somebody else's. */
export function knownBodyKeys(body: JsonObject): readonly string[] {
  if (Object.hasOwn(body, "text")) return ["text"];
  return Object.hasOwn(body, "base64") ? ["base64"] : ["length", "sha256", "head", "tail"];
}

function toBase64(bytes: Uint8Array): string {
  return viewOf(bytes).toString("base64");
}

/** Node skips what is not base64; here a changed character must not pass silently. */
function fromBase64(fields: Fields, name: string): Uint8Array {
  const text = fields.string(name);
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : fields.unfit(name, "padded base64 (RFC 4648 §4)");
}

/** The same memory as a Buffer. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
