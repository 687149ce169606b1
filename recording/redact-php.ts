/** Redacts what PHP serialised: `s:8:"password";s:11:"S";`, with lengths that fit what takes its place. Byte strings. */

import { type Rules, replaceNamed } from "./redact-parameters.ts";

const named = /s:\d{1,4}:"([^"]{1,128})";(?:s:(\d{1,9}):"|[id]:([\d.eE+-]{1,32});)/g;

export function redactPhp(text: string, rules: Rules): string {
  if (!/s:\d{1,4}:"/.test(text)) return text;
  let out = "";
  let done = 0;
  named.lastIndex = 0;
  for (let match = named.exec(text); match !== null; match = named.exec(text)) {
    const [all, name = "", length, number] = match;
    const start = match.index + all.length;
    if (!rules.names.matches(name)) {
      // What was taken as the value may be a name.
      named.lastIndex = match.index + `s::"";`.length + name.length;
      continue;
    }
    const told = start + Number(length ?? 0);
    const found = text.indexOf('";', start);
    // A text that was cut may end at the quote.
    const isTold = text.startsWith('";', told) || (text[told] === '"' && told === text.length - 1);
    const end = length === undefined ? start : isTold ? told : found < 0 ? text.length : found;
    const value = number ?? text.slice(start, end);
    const replaced = replaceNamed(name, value, rules);
    const head = `s:${name.length}:"${name}";`;
    if (replaced !== value) {
      out += `${text.slice(done, match.index)}${head}s:${replaced.length}:"${replaced}"${number === undefined ? "" : ";"}`;
      done = number === undefined ? Math.min(end + 1, text.length) : start;
    }
    named.lastIndex = Math.max(end, start);
  }
  return out + text.slice(done);
}
