/** The name of a finding that stays the same from run to run, so that it can be accepted, known or fixed. */

import { createHash } from "node:crypto";
import type { Signature } from "../model/report.ts";

const shownDigits = 12;
/** A length of hex digits, or a number that stands alone: not the 8 of `utf-8`, nor the factor of `×100`. */
const numberPattern = /\bhex (\d+)|(?<![\w.×÷-])\d+(?:\.\d+)?(?![\w.-])/g;
/** Hexadecimal numbers printed without their leading zeros are a digit or two shorter now and then. */
const hexStep = 4;

/** 12 hex digits over endpoint, location, path, kind and transition. */
export function fingerprintOf(signature: Signature, transition: string): string {
  const parts = [signature.endpoint, signature.location, signature.path, signature.kind, stableTransition(signature, transition)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, shownDigits);
}

/** A transition without the counts that depend on the data of the day: `15→0 elements` and `7→0 elements` are the
 * same change (zero stays: empty is a state of its own). Status codes are names, factors and the lengths of formats are what changed. */
export function stableTransition(signature: Pick<Signature, "location">, transition: string): string {
  if (signature.location === "status") return transition;
  return transition.replace(numberPattern, (number, digits: string | undefined) => {
    if (digits !== undefined) return `hex ${fullLength(Number(digits))}`;
    return number === "0" ? "0" : "n";
  });
}

function fullLength(digits: number): number {
  return Math.ceil(digits / hexStep) * hexStep;
}
