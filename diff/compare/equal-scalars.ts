/** The most frequent case of a comparison, in short: two scalars that are equal. Neither their path nor a rendering is
 * needed, only whether they are an id. */

import type { JsonNode } from "../../model/json/node.ts";
import type { HeldRules } from "../rules/held-rules.ts";
import { readIdName, readIds, readNumberIds } from "./identity.ts";
import type { Ledger } from "./ledger.ts";

/** Where a scalar stands, as far as equal ones need it. */
interface ScalarPlace {
  readonly name: string;
  readonly owner: string;
  readonly inArray: boolean;
  readonly rules: Pick<HeldRules, "ignoredBy" | "value">;
}

/** Shorter texts are ids by name only. */
export const shortestUniqueId = 16;

/** Counts two scalars as one leaf when they are equal to the letter.
 * @returns false when they are not, are containers, or have a rule of their own: nothing was counted then */
export function agreeOnScalar(left: JsonNode, right: JsonNode, place: ScalarPlace, ledger: Ledger): boolean {
  if (place.rules.ignoredBy !== null || place.rules.value !== null) return false;
  switch (left.kind) {
    case "string":
      if (right.kind !== "string" || left.value !== right.value) return false;
      agreeOnText(left.value, place.name, place.owner, place.inArray, ledger);
      return true;
    case "number":
      if (right.kind !== "number" || left.lexeme !== right.lexeme) return false;
      // Rare, and judged with the rest about numbers.
      if (readNumberIds(left.lexeme, left.lexeme, place.name, place.owner) !== null) return false;
      ledger.agree();
      return true;
    case "boolean":
      if (right.kind !== "boolean" || left.value !== right.value) return false;
      ledger.agree();
      return true;
    case "null":
      if (right.kind !== "null") return false;
      ledger.agree();
      return true;
    case "object":
    case "array":
      return false;
    default:
      return left satisfies never;
  }
}

/** Counts a text that both sides have at the same place. */
export function agreeOnText(text: string, name: string, owner: string, inArray: boolean, ledger: Ledger): void {
  const isPlain = text.length < shortestUniqueId && readIdName(name).kind === "none";
  const ids = isPlain ? null : readIds(text, text, name, owner);
  if (ids === null) ledger.agree();
  else ledger.identify({ ...ids, left: text, right: text, inArray, broken: null });
}
