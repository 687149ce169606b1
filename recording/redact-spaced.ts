/** Redacts values that only white space or a word keeps apart from the name before, where that says enough. Byte strings.
 *
 *    --password S   --api-key "S"          an option of a command
 *    machine a login ann password S        .netrc
 *    define('DB_PASSWORD', 'S')            a call that is given a name and a value
 *    IDENTIFIED BY 'S'                     SQL
 *    | password | S |   password<TAB>S     a line of two cells
 *    Password:<line break>S3cret           below its name, where it has a line for itself and a digit in it
 *    the password is S3cret                prose, where the value has a digit in it: `the password is wrong` tells nothing */

import { type Rules, replaceNamed } from "./redact-parameters.ts";

/** What no text has between a name and its value. */
const name = "[\\w.-]{1,64}";
const option = new RegExp(`(?<![\\w-])--(${name})[ \\t]{1,64}(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\s"'\`<>-][^\\s"'\`<>]*))`, "g");
const netrc = /\b(?:machine|login|account|default)(?:[ \t]+\S{1,256})?\s{1,64}(password|account)[ \t]+(\S+)/g;
const call =
  /\b(?:define|putenv|setenv|set|put|add|append|header|setHeader|setProperty)\(\s{0,8}["']([\w.-]{1,64})["']\s{0,8},\s{0,8}(?:"([^"\n]+)"|'([^'\n]+)')/g;
const sql = /\bIDENTIFIED (?:BY|WITH \w{1,64} (?:BY|AS)) (?:PASSWORD )?'((?:[^'\n]|'')+)'/gi;
const twoCells = new RegExp(
  `^([ \\t]{0,64}\\|)?[ \\t]{0,64}(${name}(?: ${name})?)[ \\t]{0,64}(\\||\\t)[ \\t]{0,64}([^|\\t\\r\\n]*[^|\\s])[ \\t]{0,64}\\|?[ \\t]{0,8}\\r?$`,
  "gm",
);
const prose = new RegExp(`(${name}(?: ${name})?) {1,4}(?:is|was|ist|war|lautet):? {1,4}["']?((?=[^\\s"']*\\d)[^\\s"'<>]{6,256})`, "g");
const below = new RegExp(
  `^[ \\t]{0,64}(${name}(?: ${name})?):[ \\t]{0,64}\\r?\\n[ \\t]{0,64}((?=[^\\s]{0,256}\\d)[^\\s:={}"'<>]{6,256})[ \\t]{0,64}\\r?$`,
  "gm",
);
/** Options that say where the secret is. */
const place = /[-_.](?:stdin|file|path|prompt|command)$/i;
/** Of a sentence. */
const closers = /[).,;:!?\]}]{1,8}$/;

export function redactSpaced(text: string, rules: Rules): string {
  let out = text;
  if (out.includes("--")) out = replaced(out, option, [2, 3, 4], rules);
  if (out.includes("password")) out = replaced(out, netrc, [2], rules);
  if (/["'] {0,8},/.test(out)) out = replaced(out, call, [2, 3], rules);
  if (/IDENTIFIED/i.test(out))
    out = out.replace(sql, (all: string, value: string) => all.slice(0, -value.length - 1) + `${rules.secrets.replaceValue(value)}'`);
  if (/:[ \t]{0,64}\r?\n/.test(out)) out = replaced(out, below, [2], rules);
  if (/[|\t]/.test(out)) out = replaced(out, twoCells, [4], rules, 2);
  return / (?:is|was|ist|war|lautet):? /.test(out) ? replaced(out, prose, [2], rules) : out;
}

/** @param values the groups of which one holds the value, the last thing in the match but for what closes it */
function replaced(text: string, pattern: RegExp, values: readonly number[], rules: Rules, named = 1): string {
  return text.replace(pattern, (all: string, ...groups: (string | undefined)[]) => {
    const about = groups[named - 1] ?? "";
    const value = values.map((group) => groups[group - 1]).find((found) => found !== undefined) ?? "";
    const last = about.slice(about.lastIndexOf(" ") + 1);
    if (value === "" || place.test(about) || !(rules.names.matches(about) || rules.names.matches(last))) return all;
    const secret = value.replace(closers, "");
    const at = all.lastIndexOf(value);
    return all.slice(0, at) + replaceNamed(last, secret, rules) + all.slice(at + secret.length);
  });
}
