/** Recorded text inside Markdown: shown as it is, never read as Markdown, HTML, a mention or a link. */

import { withoutLogCommands } from "./log-commands.ts";
import { clipped, visible } from "./visible.ts";

/** ASCII punctuation that Markdown, HTML or a forge gives a meaning to. An entity cannot open or
 * close anything (CommonMark §2.5), so encoding them is enough for Markdown itself. */
const meaningful = /[&<>"'`|\\*_~[\]#+!@$^=]|[-:.%](?=\S)/g;

/** What forges look for in the finished HTML outside of code: mentions, issue numbers, labels, milestones, addresses. */
const references = /(&#(?:64|35|33|37|126|36|38);|&#58;(?=\/\/)|\bGH|\bwww(?=&#46;))(?=\S)/gi;
const zeroWidthSpace = "&#8203;";

/** A sentence of ours with recorded text in it, at most `limit` characters of it: plain type, without links. */
export function prose(text: string, limit: number): string {
  return encoded(text, limit).replace(references, `$1${zeroWidthSpace}`);
}

/** One line of recorded text as inline code, at most `limit` characters of it. Forges look for mentions, issue
 * numbers and addresses in the finished HTML, but not inside `<code>`; so an entity alone would not do. */
export function inlineCode(text: string, limit: number): string {
  return text === "" ? "" : `<code>${encoded(text, limit)}</code>`;
}

/** One line of recorded text inside a `<pre>` block, where only HTML has a meaning; never at the beginning of the line. */
export function preformatted(text: string, limit: number): string {
  return withoutLogCommands(clipped(visible(text), limit).replace(/[&<>]/g, entityOf), entityOf);
}

function encoded(text: string, limit: number): string {
  return clipped(visible(text), limit).replace(meaningful, entityOf);
}

function entityOf(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
