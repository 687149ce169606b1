/** Redacts what a user's rules name. Byte strings in, byte strings out; what no rule hits keeps its bytes.
 *
 *    rules by name and path ──► what redaction finds by itself ──► patterns
 *
 * In this order, so that a rule decides what becomes of a place that would be redacted anyway, and a pattern never changes
 * which token a secret gets. */

import type { JsonNode } from "../model/json/node.ts";
import { parseJson } from "../model/json/parse.ts";
import { writeJson } from "../model/json/write.ts";
import { percentDecode, percentEncode } from "./escapes.ts";
import { charactersOf, type Hit, type PatternRule } from "./given-rules.ts";
import { mapByPaths, mapLeaves } from "./map-json.ts";
import { type Rules } from "./redact-parameters.ts";
import { unwrapped } from "./redact-text.ts";
import { byteString, fromByteString } from "./secrets.ts";
import { tokenLength } from "./tokens.ts";

/** Twice the nodes that a body at the usual 1 MiB cap can have. */
const maxNodes = 1_000_000;
/** Each finds only what the one before uncovered. */
const mostRounds = 8;
const token = /tok_[\w-]{22}/g;

/** Whether a rule names this header; then what to write (null = drop it). */
export function headerByRule(name: string, value: string, rules: Rules): { readonly value: string | null } | null {
  const hit = rules.given.hit("header", name);
  return hit === null ? null : { value: dropsField(hit, value) ? null : rules.secrets.replaceRuled(value, hit.how) };
}

/** The query of a target, and what follows its `#`. */
export function targetByRules(target: string, rules: Rules): string {
  if (!rules.given.has("query") || !/[?#]/.test(target)) return target;
  const start = target.search(/[?#]/);
  const pieces = target.slice(start).split(/(?=[?#])/);
  return target.slice(0, start) + pieces.map((piece) => piece.charAt(0) + parametersByRule("query", piece.slice(1), rules)).join("");
}

/** A query, or the body of a form. */
export function parametersByRule(kind: "query" | "form", text: string, rules: Rules): string {
  if (!rules.given.has(kind)) return text;
  const parts = text.split("&").map((part) => {
    const equals = part.indexOf("=");
    if (equals < 0) return part;
    const hit = rules.given.hit(kind, formDecode(part.slice(0, equals)));
    if (hit === null) return part;
    const value = formDecode(part.slice(equals + 1));
    if (dropsField(hit, value)) return null;
    const replaced = rules.secrets.replaceRuled(value, hit.how);
    return replaced === value ? part : part.slice(0, equals + 1) + percentEncode(replaced);
  });
  return parts.filter((part) => part !== null).join("&");
}

/** The value of a part of multipart/form-data, which cannot go without breaking what is around it. */
export function fieldByRule(name: string, value: string, rules: Rules): string | null {
  const hit = rules.given.hit("form", name);
  return hit === null ? null : rules.secrets.replaceRuled(value, hit.how);
}

/** JSON, with or without what some put around it, or lines of it.
 * @returns null when it is not JSON */
export function jsonByPaths(text: string, rules: Rules): string | null {
  return eachDocument(text, (root) => rules.given.paths.reduce((node, path) => mapByPaths(node, path, rules.secrets), root));
}

/** Redacts again what was changed by rules: what they replace may have ended a name or a value, as the é of `passwordéid: 1`. So that to redact
 * what is redacted changes nothing. */
export function settled<Redacted>(text: string, rules: Rules, redact: (text: string) => Redacted | string): Redacted | string {
  let before: string = text;
  let after = redact(before);
  if (!rules.given.replace) return after;
  for (let round = 1; round < mostRounds && typeof after === "string" && after !== before; round++) {
    before = after;
    after = redact(before);
  }
  return after;
}

/** What a pattern finds in a text, or in JSON in each key, string and number for itself. */
export function contentByPatterns(text: string, isForm: boolean, rules: Rules): string {
  const { patterns } = rules.given;
  if (patterns.length === 0) return text;
  if (isForm)
    return text
      .split(/([&=])/)
      .map((piece) => escapedByPatterns(piece, true, rules))
      .join("");
  const found = (value: string): string => textByPatterns(byteString(value.toWellFormed()), rules);
  const change = (value: string): string => {
    const before = byteString(value.toWellFormed());
    const after = found(value);
    return after === before ? value : fromByteString(after);
  };
  return eachDocument(text, (root) => mapLeaves(root, change)) ?? textByPatterns(text, rules);
}

/** The target as a whole, and then what is escaped in it. */
export function targetByPatterns(target: string, rules: Rules): string {
  if (rules.given.patterns.length === 0) return target;
  const whole = textByPatterns(target, rules);
  if (!whole.includes("%")) return whole;
  return whole
    .split(/([/?#&=;])/)
    .map((piece, index) => escapedByPatterns(piece, index > 0 && whole.includes("?"), rules))
    .join("");
}

export function textByPatterns(text: string, rules: Rules): string {
  return rules.given.patterns.reduce((before, rule) => byPattern(before, rule, rules), text);
}

function escapedByPatterns(piece: string, plusIsSpace: boolean, rules: Rules): string {
  const decoded = plusIsSpace ? formDecode(piece) : percentDecode(piece);
  const after = textByPatterns(decoded, rules);
  if (after === decoded) return piece;
  return decoded === piece ? after : percentEncode(after);
}

/** Linear in the text: matches do not overlap. */
function byPattern(bytes: string, { pattern, how }: PatternRule, rules: Rules): string {
  const text = charactersOf(bytes);
  const matcher = pattern.matcher(text);
  const group = pattern.groupCount() > 0 ? 1 : 0;
  let out = "";
  let done = 0;
  while (matcher.find()) {
    const start = matcher.start(group);
    const end = matcher.end(group);
    if (start < done || end <= start) continue;
    out += text.slice(done, start) + replacedPiece(text, { start, end }, how, rules);
    done = end;
  }
  if (done === 0) return bytes;
  const after = out + text.slice(done);
  return text === bytes ? after : byteString(after);
}

/** Tokens that stand in the piece stay, and so does one that it stands in. */
function replacedPiece(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  how: Hit["how"],
  rules: Rules,
): string {
  const piece = text.slice(start, end);
  const replace = (part: string): string => (part === "" ? part : fromByteString(rules.secrets.replaceRuled(byteString(part), how)));
  const around = text.slice(Math.max(0, start - tokenLength), end + tokenLength);
  if (!around.includes("tok_")) return replace(piece);
  let out = "";
  let done = start;
  token.lastIndex = Math.max(0, start - tokenLength);
  for (let match = token.exec(text); match !== null && match.index < end; match = token.exec(text)) {
    const after = match.index + match[0].length;
    if (after <= start) continue;
    if (!rules.secrets.isToken(match[0])) {
      // A token may begin within what only looks like one.
      token.lastIndex = match.index + 1;
      continue;
    }
    out += replace(text.slice(done, Math.max(done, match.index))) + text.slice(Math.max(done, match.index), Math.min(after, end));
    done = Math.min(after, end);
  }
  return out + replace(text.slice(done, end));
}

/** Whole JSON, else line by line (also after `data:`); null when none of it is JSON. */
function eachDocument(text: string, change: (root: JsonNode) => JsonNode): string | null {
  const { before, json, after } = unwrapped(text);
  const whole = changed(json, change);
  if (whole !== null) return before + whole + after;
  let isJson = false;
  const lines = text.split("\n").map((line) => {
    const start = /^(?:data:)?\s*(?=[{[])/.exec(line)?.[0];
    const redacted = start === undefined ? null : changed(line.slice(start.length), change);
    isJson ||= redacted !== null;
    return redacted === null ? line : (start ?? "") + redacted;
  });
  return isJson ? lines.join("\n") : null;
}

function changed(json: string, change: (root: JsonNode) => JsonNode): string | null {
  const parsed = parseJson(Buffer.from(json, "latin1"), { maxNodes });
  if (parsed.kind !== "parsed") return null;
  const root = change(parsed.root);
  return root === parsed.root ? json : Buffer.from(writeJson(root)).toString("latin1");
}

function dropsField({ how }: Hit, value: string): boolean {
  return how === "drop" && value !== "";
}

function formDecode(text: string): string {
  return percentDecode(text.replaceAll("+", " "));
}
