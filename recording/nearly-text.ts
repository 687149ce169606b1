/** Whether bytes are text, or would be but for a few: an `é` of Latin-1, a zero byte at the end. */

import { isUtf8 } from "node:buffer";

/** Control characters that stand in text are fewer than one in so many; in what is compressed they are one in nine. */
const rareControl = 24;

export function isNearlyText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  let controls = 0;
  const most = 1 + bytes.length / rareControl;
  for (const byte of bytes) {
    // All but tab, line feed, form feed, carriage return and escape.
    if (byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x1b) continue;
    if (++controls > most) return false;
  }
  return true;
}

/** UTF-8 without zero bytes, or nearly text; byte string. */
export function looksLikeText(text: string): boolean {
  const bytes = Buffer.from(text, "latin1");
  return (isUtf8(bytes) && !text.includes("\0")) || isNearlyText(bytes);
}
