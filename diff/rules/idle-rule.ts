/** Why a rule had nothing to do, in words. */

import type { RuleSummary } from "../../model/report.ts";

/** Null when it had something to do. */
export function whyIdle({ idle, shadowedBy }: Pick<RuleSummary, "idle" | "shadowedBy">): string | null {
  if (shadowedBy !== undefined) return `"${shadowedBy}" decides there`;
  if (idle === null) return null;
  return idle === "no-endpoint" ? "no endpoint is called so" : "nothing differs there";
}
