/** Makes characters that act instead of show (terminal escapes, text direction marks, zero-width
 * characters) visible, so that recorded traffic cannot steer the terminal or the page it is shown on. */

const shortNames: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Control, format, line and paragraph separators, lone surrogates (Unicode categories), noncharacters, and the
 * fillers that look like nothing. */
export const acting: RegExp = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/gu;

/** `text` on one line without control or direction characters: they become `\n`, `\u001b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(acting, escaped);
}

function escaped(character: string): string {
  const name = shortNames[character];
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).padStart(4, "0");
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex}`;
}

/** Cuts `text` to at most `limit` UTF-16 units, never inside a surrogate pair, ending in `…` when cut. */
export function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = limit - 1;
  const last = text.charCodeAt(end - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}
