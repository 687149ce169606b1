/** Percent-escapes of URLs and forms. Byte strings. */

import type { Secrets } from "./secrets.ts";

/** Nobody escapes a name more often; a bound, since each time costs. */
const mostEscapes = 4;

/** Lenient: what is no escape stands for itself. */
export function percentDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** As often as a name was escaped; a bound, since each time costs. */
export function fullyDecoded(text: string): string {
  let before = text;
  for (let round = 0; round < mostEscapes && before.includes("%"); round++) before = percentDecode(before);
  return before;
}

/** Of bytes, so that what was escaped UTF-8 is so again. */
export function percentEncode(bytes: string): string {
  return bytes.replace(/[^\w.~!*'()-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

/** What takes the place of an escaped value; null = its parameter goes. */
export function replaceEncoded(value: string, { secrets }: { readonly secrets: Secrets }): string | null {
  const decoded = percentDecode(value.replaceAll("+", " "));
  const replaced = secrets.replace(decoded);
  // Unchanged: harmless or redacted before; its spelling stays.
  return replaced === decoded ? value : replaced && percentEncode(replaced);
}
