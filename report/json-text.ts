/** JSON for files that people also look at in a terminal or in the log of a CI job: nothing in it acts there, since JSON can spell every
 * character of a string otherwise and still means the same. */

import { escapedCharacter, withoutLogCommands } from "./log-commands.ts";
import { acting } from "./visible.ts";

/** Two spaces, as formatters and reviewers expect. */
const indentation = 2;

/** Indented, and ending in a line feed. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, indentation).replace(acting, (character) => (character === "\n" ? character : spelt(character)));
  return `${withoutLogCommands(text, escapedCharacter)}\n`;
}

/** As one or two UTF-16 units (RFC 8259 §7). */
function spelt(character: string): string {
  return character.split("").map(escapedCharacter).join("");
}
