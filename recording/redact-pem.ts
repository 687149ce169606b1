/** Private keys show by their form, wherever they stand and whatever their name. Byte strings.
 *
 *    -----BEGIN RSA PRIVATE KEY-----  MIIE…  -----END RSA PRIVATE KEY-----
 *                                     └─ goes; lines may be broken by `\n` in a string that nobody has unescaped
 *
 * One that is cut off goes as far as it looks like one. */

import type { Rules } from "./redact-parameters.ts";
import { replacedAhead } from "./secrets.ts";

const begin = /(-{4,5} ?BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5})/;
const end = /-{4,5} ?END [A-Z\d ]{0,40}PRIVATE KEY/;
const breakBefore = /^(?:\s|\\[nr]){0,64}/;
const breakAfter = /(?:\s|\\[nr]){1,64}$/;
/** Headers of an encrypted key, lines of base64, and a last one that may be short. */
const cutBody = /^(?:[A-Z][\w-]{1,31}: [^\n\\]*(?:\s|\\[nr])+|[\w+/=]{16,}(?:\s|\\[nr])*)*(?:[\w+/]{1,15}={0,2}(?![\w ]))?/;

export function redactPrivateKeys(text: string, rules: Rules): string {
  if (!text.includes("PRIVATE KEY")) return text;
  // What is between two beginnings is looked at once: the time is linear.
  const [before = "", ...pieces] = text.split(begin);
  return before + pieces.map((piece, index) => (index % 2 === 0 ? piece : redactBody(piece, rules))).join("");
}

function lengthOfCut(rest: string): number {
  replacedAhead.lastIndex = 0;
  return replacedAhead.test(rest) ? replacedAhead.lastIndex : (cutBody.exec(rest)?.[0].length ?? 0);
}

function redactBody(text: string, rules: Rules): string {
  const start = breakBefore.exec(text)?.[0].length ?? 0;
  const rest = text.slice(start);
  const length = end.exec(rest)?.index ?? lengthOfCut(rest);
  const window = rest.slice(Math.max(0, length - 128), length);
  const body = rest.slice(0, length - (breakAfter.exec(window)?.[0].length ?? 0));
  // Equal keys are equal, however their lines are broken.
  const secret = body.replace(/\s+|\\[nr]/g, "\n");
  if (secret === "") return text;
  return text.slice(0, start) + rules.secrets.replaceValue(secret) + rest.slice(body.length);
}
