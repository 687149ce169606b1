/** Compares two bodies of different bytes that read as the same text: what is left are the mark at the start, the charset that the
 * bytes are written in, and bytes that are no text at all. */

import type { MediaType } from "../../model/media-type.ts";
import type { AnswerPair } from "./pair.ts";

interface WrittenText {
  readonly bytes: Uint8Array;
  readonly type: MediaType | null;
}

/** What TextDecoder takes away from the start of a text. */
const byteOrderMarks: readonly string[] = ["efbbbf", "feff", "fffe"];
/** What it puts in the place of bytes that it cannot read. */
const replacement = "\ufffd";
const shownBytes = 16;

/** @param text that both read as */
export function compareTextBytes(left: WrittenText, right: WrittenText, text: string, pair: AnswerPair): void {
  const [before, after] = [markOf(left.bytes), markOf(right.bytes)];
  const place = { location: "body", path: "", level: "lexeme" } as const;
  if (before !== after)
    return pair.ledger.differ({ ...place, kind: "body.charset", from: before, to: after, transition: `${before}→${after}` });
  // Content-Type says so itself.
  if (!text.includes(replacement) && charsetOf(left) !== charsetOf(right)) return pair.ledger.agree();
  const [from, to] = excerptsOf(left.bytes, right.bytes);
  return pair.ledger.differ({ ...place, kind: "body.opaque", from, to, transition: "unreadable bytes" });
}

function markOf(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 3)).toString("hex");
  return byteOrderMarks.some((mark) => start.startsWith(mark)) ? "byte order mark" : "no byte order mark";
}

function charsetOf({ type }: WrittenText): string {
  return type?.charset ?? "utf-8";
}

/** The bytes from the first one on that differs. */
function excerptsOf(left: Uint8Array, right: Uint8Array): readonly [left: string, right: string] {
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  const shown = (bytes: Uint8Array): string => `at ${start}: ${hexOf(bytes.subarray(start, start + shownBytes))}`;
  return [shown(left), shown(right)];
}

function hexOf(bytes: Uint8Array): string {
  return bytes.length === 0 ? "end" : [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
