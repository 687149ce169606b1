/** The name of a finding that stays the same from run to run, so that it can be accepted, known or fixed. */

import { createHash } from "node:crypto";
import type { Signature } from "../model/report.ts";

const shownDigits = 12;
/** A number that stands alone: not the 8 of `utf-8`. */
const countPattern = /(?<![\w.-])\d+(\.\d+)?(?![\w.-])/g;

/** 12 hex digits over endpoint, location, path, kind and transition. */
export function fingerprintOf(signature: Signature, transition: string): string {
  const parts = [signature.endpoint, signature.location, signature.path, signature.kind, stableTransition(signature, transition)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, shownDigits);
}

/** A transition without the counts that depend on the data of the day: `15→0 elements` and `7→0 elements` are the
 * same change (zero stays: empty is a state of its own); status codes are names, not counts. */
export function stableTransition(signature: Pick<Signature, "location">, transition: string): string {
  return signature.location === "status" ? transition : transition.replace(countPattern, (number) => (number === "0" ? "0" : "n"));
}
