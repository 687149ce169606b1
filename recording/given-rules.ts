/** The rules that a user gave, ready to be asked: by name, by JSON path, by pattern. */

import { RE2JS } from "re2js";
import { PenumbraError } from "../model/errors.ts";
import type { JsonStep, RedactionRule } from "./redaction-rules.ts";
import { byteString, fromByteString, type RedactionMode } from "./secrets.ts";

/** What becomes of a value that a rule hits; null = as everything else is redacted. */
export interface Hit {
  readonly how: RedactionMode | null;
}

interface NameRule extends Hit {
  readonly fits: (name: string) => boolean;
  /** Its name has a `*`. */
  readonly isWide: boolean;
}

export interface PathRule extends Hit {
  readonly steps: readonly JsonStep[];
}

export interface PatternRule extends Hit {
  readonly pattern: RE2JS;
}

/** They say how a message is read: what fits them only by chance must not take that away. */
export const framingHeaders: ReadonlySet<string> = new Set(["content-type", "content-length", "content-encoding", "transfer-encoding"]);

export class GivenRules {
  readonly paths: readonly PathRule[];
  readonly patterns: readonly PatternRule[];
  /** Names that are secrets everywhere, and those that are none. */
  readonly names: readonly string[];
  readonly kept: readonly string[];
  readonly #byName: Readonly<Record<"header" | "query" | "form", readonly NameRule[]>>;

  /** @throws PenumbraError `RULE_INVALID` for a pattern that is none */
  constructor(rules: readonly RedactionRule[]) {
    const named = (kind: "header" | "query" | "form"): NameRule[] =>
      rules.flatMap((rule) => (rule.kind === kind ? [{ how: rule.how, fits: nameFits(rule.name), isWide: rule.name.includes("*") }] : []));
    const plain = (kind: "name" | "keep"): string[] => rules.flatMap((rule) => (rule.kind === kind ? [rule.name] : []));
    const headers = named("header").map((rule) =>
      rule.isWide ? { ...rule, fits: (name: string) => rule.fits(name) && !framingHeaders.has(name) } : rule,
    );
    this.#byName = { header: headers, query: named("query"), form: named("form") };
    this.paths = rules.flatMap((rule) => (rule.kind === "json" ? [rule] : []));
    this.patterns = rules.flatMap((rule) => (rule.kind === "regex" ? [{ how: rule.how, pattern: compiled(rule.pattern) }] : []));
    this.names = plain("name");
    this.kept = plain("keep");
  }

  /** The first rule for a header (its name in lower case), a parameter of the target, or a field of a form. */
  hit(kind: "header" | "query" | "form", name: string): Hit | null {
    return this.#byName[kind].find(({ fits }) => fits(name)) ?? null;
  }

  has(kind: "header" | "query" | "form"): boolean {
    return this.#byName[kind].length > 0;
  }

  /** Whether there are others than names that are secrets or none. */
  get replace(): boolean {
    return this.concernsBodies || this.has("header") || this.has("query");
  }

  /** Whether a body could hold what a rule is about. */
  get concernsBodies(): boolean {
    return this.paths.length > 0 || this.patterns.length > 0 || this.has("form");
  }
}

/** Whether a name is meant by a rule; names come as text (JSON) and as bytes (everything else). */
export function nameFits(rule: string): (name: string) => boolean {
  const source = rule
    .split("*")
    .map((literal) => RE2JS.quote(literal))
    .join(".*");
  const pattern = RE2JS.compile(source, RE2JS.DOTALL | RE2JS.CASE_INSENSITIVE);
  const isAscii = /^[\0-\x7f]*$/.test(rule);
  return (name) => pattern.matches(name) || (!isAscii && pattern.matches(fromByteString(name)));
}

/** Only what was checked when the configuration was read, or by the build that recorded, comes here. */
function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new PenumbraError("RULE_INVALID", `the redaction rule /${pattern}/ is no regular expression`, "use RE2's syntax", cause);
  }
}

/** The text that a pattern sees: characters, where the bytes are UTF-8. */
export function charactersOf(bytes: string): string {
  const text = fromByteString(bytes);
  return byteString(text) === bytes ? text : bytes;
}
