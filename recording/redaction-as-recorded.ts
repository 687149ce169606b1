/** How what is compared with recordings has to be redacted: as they were, or equal secrets would not look equal.
 *
 *    segments' meta (rules, form of tokens) ──┐
 *    what the user gave (mode, key, rules)   ─┴─► Redactor */

import { Redactor, type RedactorOptions, tokenFormOf } from "./redaction.ts";
import { joinedRules } from "./redaction-rules.ts";
import type { SegmentMeta } from "./segment-file.ts";

/** Whatever looks like a token is taken for one: it may come from a recording whose key is elsewhere, or from a target that echoes it.
 * @throws PenumbraError `RULE_INVALID` */
export function redactorAsRecorded(segments: readonly SegmentMeta[], { key, mode, rules = [] }: RedactorOptions): Redactor {
  return new Redactor({
    key,
    mode,
    rules: joinedRules([...segments.map((each) => each.redactionRules), rules]),
    tokenForm: tokenFormOf(segments.map((each) => each.redaction)),
    trust: "any",
  });
}

/** What people can be told when equal secrets of these segments do not look equal; null = they do. */
export function redactedApart(segments: readonly SegmentMeta[]): string | null {
  const tokens = segments.filter(({ redaction }) => redaction.startsWith("token"));
  const keys = new Set(tokens.map(({ keyId }) => keyId));
  if (keys.size > 1) return `redacted with different keys (${[...keys].join(", ")}): equal secrets look different`;
  const forms = new Set(tokens.map(({ redaction }) => tokenFormOf([redaction])));
  return forms.size > 1 ? "redacted by an older and a newer Penumbra, whose tokens differ: equal secrets look different" : null;
}
