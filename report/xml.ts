/** Text inside XML 1.0: legal characters only, everything with a meaning escaped, be it one to a CI server that reads the log. */

import { withoutLogCommands } from "./log-commands.ts";

/** Everything outside the `Char` production (XML 1.0 §2.2), lone surrogates included. */
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // Written plainly, a parser would turn these into spaces in an attribute (XML 1.0 §3.3.3).
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** An attribute's value, without its quotes. */
export function xmlAttribute(text: string): string {
  return inert(text.replace(illegal, "").replace(/[&<>"'\t\n\r]/g, (character) => entities[character] ?? ""));
}

/** Character data; line feeds stay. */
export function xmlText(text: string): string {
  return inert(text.replace(illegal, "").replace(/[&<>\r]/g, (character) => entities[character] ?? ""));
}

function inert(escaped: string): string {
  return withoutLogCommands(escaped, (character) => `&#${character.charCodeAt(0)};`);
}
