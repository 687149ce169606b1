/** What rules say about one place, whatever the place is. */

import type { Regex } from "./pattern.ts";
import type { RuleEffect } from "./rule.ts";

/** How values at a place compare instead of exactly. `by` is the number of the rule. */
export type ValueRule =
  | { readonly kind: "tolerance"; readonly by: number; readonly tolerance: RuleEffect & { readonly kind: "tolerance" } }
  /** `holds` = null asks for nothing but the same format. */
  | { readonly kind: "format"; readonly by: number; readonly name: string; readonly holds: Regex | null };

/** Null = no such rule. The first rule in the file decides where several do the same. */
export interface HeldRules {
  /** Number of the rule that ignores this place, or one around it. */
  readonly ignoredBy: number | null;
  readonly value: ValueRule | null;
  readonly unorderedBy: number | null;
  readonly key: { readonly by: number; readonly member: string } | null;
}

export const holdNothing: HeldRules = { ignoredBy: null, value: null, unorderedBy: null, key: null };
