/** JSON for files that people also look at in a terminal or in the log of a CI job: nothing in it acts there, since JSON can spell every
 * character of a string otherwise and still means the same. */

import { escapedCharacter, withoutLogCommands } from "./log-commands.ts";

/** Two spaces, as formatters and reviewers expect. */
const indentation = 2;
/** Legal in JSON as they are, but they would act on a terminal that shows the file: C1 controls, text direction,
 * zero-width, line separators. */
const acting = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Indented, and ending in a line feed. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, indentation).replace(acting, escapedCharacter);
  return `${withoutLogCommands(text, escapedCharacter)}\n`;
}
