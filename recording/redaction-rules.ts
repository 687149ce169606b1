/** Rules that users give on top of what redaction finds by itself: plain JSON, so that they can be handed to another process and kept
 * in a recording.
 *
 *    configuration file ──► RedactionRule[] ─┬─► observer, import, replay: GivenRules (given-rules.ts)
 *                                            └─► meta of the recording ──► replay                        */

import { Fields, FormError } from "./fields.ts";
import type { RedactionMode } from "./secrets.ts";

/** Which children of a JSON value are meant; `descends`: of the value itself and of everything below it. */
export interface JsonStep {
  readonly selector:
    | { readonly kind: "member"; readonly name: string }
    | { readonly kind: "element"; readonly index: number }
    | { readonly kind: "any" };
  readonly descends: boolean;
}

/** `how` null = as everything else is redacted. Names are compared without case; `*` in them stands for any run of characters. */
export type RedactionRule =
  | { readonly kind: "header" | "query" | "form"; readonly name: string; readonly how: RedactionMode | null }
  /** `path` is how the user wrote `steps`. */
  | { readonly kind: "json"; readonly path: string; readonly steps: readonly JsonStep[]; readonly how: RedactionMode | null }
  /** In RE2's syntax; its first group goes, or all of it when it has none. */
  | { readonly kind: "regex"; readonly pattern: string; readonly how: RedactionMode | null }
  /** A secret wherever a name can stand. */
  | { readonly kind: "name"; readonly name: string }
  /** No secret, although it looks like one. */
  | { readonly kind: "keep"; readonly name: string };

/** Rules of several places, each once. */
export function joinedRules(lists: readonly (readonly RedactionRule[])[]): readonly RedactionRule[] {
  return [...new Map(lists.flat().map((rule) => [JSON.stringify(rule), rule])).values()];
}

/** Rules as a recording keeps them. @throws FormError */
export function readStoredRules(value: unknown): readonly RedactionRule[] {
  if (!Array.isArray(value)) throw new FormError("redaction_rules must be an array");
  return value.map((rule: unknown, index) => readRule(new Fields(rule, `redaction_rules[${index}]`)));
}

function readRule(fields: Fields): RedactionRule {
  const kind = fields.string("kind");
  switch (kind) {
    case "header":
    case "query":
    case "form":
      return { kind, name: fields.string("name"), how: readHow(fields) };
    case "json":
      return { kind, path: fields.string("path"), steps: fields.array("steps").map(readStep), how: readHow(fields) };
    case "regex":
      return { kind, pattern: fields.string("pattern"), how: readHow(fields) };
    case "name":
    case "keep":
      return { kind, name: fields.string("name") };
    default:
      return fields.unfit("kind", "a kind of rule that this build knows");
  }
}

function readHow(fields: Fields): RedactionMode | null {
  const how = fields.raw("how");
  return how === null || how === "token" || how === "mask" || how === "drop" ? how : fields.unfit("how", "token, mask, drop or null");
}

function readStep(value: unknown): JsonStep {
  const fields = new Fields(value, "step");
  const selector = fields.object("selector");
  const descends = fields.boolean("descends");
  const kind = selector.string("kind");
  if (kind === "member") return { selector: { kind, name: selector.string("name") }, descends };
  if (kind === "element") return { selector: { kind, index: selector.count("index") }, descends };
  return kind === "any" ? { selector: { kind }, descends } : selector.unfit("kind", "member, element or any");
}
