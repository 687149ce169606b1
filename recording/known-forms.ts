/** Forms that only credentials have, whatever stands around them. What redaction replaces anywhere, and `verify` looks for.
 *
 *    eyJ….eyJ….…   AKIA…   ghp_…   xoxb-…   sk_live_…   AIza…   SG.…                                   */

import type { Secrets } from "./secrets.ts";

/** Each is linear: no part of a pattern can match what the next one begins with. */
const jwt = "\\beyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]*";
const accessKey =
  "\\b(?:(?:AKIA|ASIA)[A-Z\\d]{16}|gh[oprsu]_[A-Za-z\\d]{36}|github_pat_\\w{22,}|glpat-[\\w-]{20}|xox[abeprs]-[\\w-]{10,}|[rs]k_live_\\w{16,}" +
  "|AIza[\\w-]{35}|SG\\.[\\w-]{22}\\.[\\w-]{43})(?![\\w-])";

export const jsonWebToken: RegExp = new RegExp(jwt, "g");
export const accessKeys: RegExp = new RegExp(accessKey, "g");
/** Without a state of its own, for asking whether there is one. */
export const credentialForm: RegExp = new RegExp(`${jwt}|${accessKey}`);
const each = new RegExp(credentialForm.source, "g");

/** Byte string in, byte string out. */
export function redactKnownForms(text: string, secrets: Secrets): string {
  return text.replace(each, (credential) => secrets.replaceValue(credential));
}
