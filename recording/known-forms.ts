/** Forms that only credentials have, whatever stands around them. What redaction replaces anywhere, and `verify` looks for.
 *
 *    eyJ….eyJ….…   AKIA…   ghp_…   xoxb-…   sk_live_…   AIza…   SG.…                                   */

import type { Secrets } from "./secrets.ts";
import { tokenForm } from "./tokens.ts";

const notInWord = "(?<![A-Za-z\\d])";
/** Of three parts, or of five when it is encrypted (RFC 7515, RFC 7516). */
const jwt = `${notInWord}eyJ[\\w-]{8,512}\\.[\\w-]*\\.[\\w-]+(?:\\.[\\w-]+){0,2}`;
/** How each begins, which is found ten times as fast as the whole, and what follows. Linear: no part can match what the next one begins with. */
const makes: readonly (readonly [beginning: string, rest: string])[] = [
  ["(?:AKIA|ASIA)", "[A-Z\\d]{16}"],
  ["gh[oprsu]_", "[A-Za-z\\d]{36,255}"],
  ["github_pat_", "\\w{22,}"],
  ["gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-", "[\\w-]{20,}(?:\\.[\\w-]+){0,2}"],
  ["x(?:ox[a-z]|app)-", "[\\w-]{10,}"],
  ["(?:[rs]k_(?:live|test)|whsec)_", "\\w{16,}"],
  ["AIza", "[\\w-]{35}"],
  ["ya29\\.", "[\\w-]{20,}"],
  ["GOCSPX-", "[\\w-]{20,}"],
  ["SG\\.", "[\\w-]{22}\\.[\\w-]{43}"],
  ["hooks\\.slack\\.com/", "services/T\\w{6,}/B\\w{6,}/\\w{16,}"],
];
const accessKey = `${notInWord}(?:${makes.map(([beginning, rest]) => beginning + rest).join("|")})(?!\\w)`;
/** A token of another key is a secret: what it stands for is one, and it has to be the same wherever it stands. */
const foreignToken = `(?<![\\w-])(?:${tokenForm})+(?![\\w-])`;

export const jsonWebToken: RegExp = new RegExp(jwt, "g");
export const accessKeys: RegExp = new RegExp(accessKey, "g");
const hint = new RegExp(["eyJ", "tok_", ...makes.map(([beginning]) => beginning)].join("|"));
const form = new RegExp(`${jwt}|${accessKey}|${foreignToken}`);
const each = new RegExp(form.source, "g");

export function holdsCredential(text: string): boolean {
  return hint.test(text) && form.test(text);
}

/** Byte string in, byte string out. */
export function redactKnownForms(text: string, secrets: Secrets): string {
  return hint.test(text) ? text.replace(each, (credential) => secrets.replaceValue(credential)) : text;
}
