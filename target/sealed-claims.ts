/** What a recording still says of the claims of a JSON Web Token that redaction has replaced: which is equal to what, and no more. */

import type { SealedClaims } from "../model/sealed-claims.ts";
import type { Composite, Place } from "./place.ts";

/** The claims of a token as parts, under the keys that those of the target's own token have; null = none are known. */
export function sealedParts(claims: SealedClaims, token: string): Composite | null {
  const known = Object.hasOwn(claims, token) ? claims[token] : undefined;
  if (known === undefined) return null;
  const parts = Object.entries(known).map(([name, value]): [string, Place] => [
    `/${name}`,
    { where: { kind: "json", name, parent: null }, value, composite: null },
  ]);
  return { parts: new Map(parts), write: () => null };
}
