/** What noise is learnt apart at one place, besides the kind of difference there.
 *
 *    a page's token   another value ─ noise        no value, or no token ─ not seen of the control, whatever its values are
 *    a status         200→503 ─ noise at times     200→500 ─ not
 *
 * Kinds of JSON and headers say these by themselves; one kind of markup holds them all. */

import type { Difference } from "../model/difference.ts";

/** '' where the place and the kind say everything. */
export function learntApart({ location, kind, level, transition }: Omit<Difference, "path" | "from" | "to">): string {
  if (location === "status" || kind.startsWith("body.")) return transition;
  if (!kind.startsWith("markup.")) return "";
  // What came and what went are two things, as a missing and an additional member are.
  return level === "presence" ? transition : level;
}
