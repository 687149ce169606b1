/** Compares the headers of two answers by name, each after its own grammar; and their trailers in the same way. */

import { contentCodings } from "../../model/content.ts";
import type { DifferenceKind, Level } from "../../model/difference.ts";
import { type HeaderList, headerValues } from "../../model/exchange.ts";
import { type MediaType, parseMediaType } from "../../model/media-type.ts";
import { commaDirectives, compareDirectives, type DirectiveGrammar, policyDirectives, semicolonDirectives } from "./directives.ts";
import { excerpt } from "./excerpt.ts";
import { sameFormat } from "./formats.ts";
import { commonLayout } from "./header-layout.ts";
import { compareHeaderText } from "./header-tokens.ts";
import { formatTransition, headerSite } from "./leaf.ts";
import { compareLinks } from "./links.ts";
import type { AnswerPair } from "./pair.ts";
import { compareSetCookies } from "./set-cookie.ts";
import { isHttpDate, readTime, sameLifetime } from "./times.ts";
import { anyValue } from "./transitions.ts";
import { compareUrls } from "./urls.ts";
import { underIgnoring, underValueRule } from "./user-rules.ts";

/** About one connection (RFC 9110 §7.6.1) or about the framing of the body, which is compared itself. */
const ignored: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
]);

/** Made for each request: only presence and format say something, unless the answer repeats what the request said. */
const traceIds: ReadonlySet<string> = new Set([
  "cf-ray",
  "request-id",
  "traceparent",
  "tracestate",
  "x-amz-cf-id",
  "x-amz-id-2",
  "x-amz-request-id",
  "x-amzn-requestid",
  "x-amzn-trace-id",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-cloud-trace-context",
  "x-correlation-id",
  "x-request-id",
  "x-trace-id",
]);

/** @param path where the field is: its name, or `trailer/` and its name */
type CompareHeader = (left: string, right: string, path: string, pair: AnswerPair, sameBody: boolean) => void;

/** Fields of one value, with a grammar of their own. */
const singles: ReadonlyMap<string, CompareHeader> = new Map([
  ["date", byFormat],
  ["age", byFormat],
  ["expires", asLifetime],
  ["content-type", asMediaType],
  ["etag", asValidator],
  ["content-md5", asValidator],
  ["location", asUrl],
  ["content-location", asUrl],
  ["strict-transport-security", asDirectives(semicolonDirectives)],
  ["content-disposition", asDirectives(semicolonDirectives)],
  // Several policies are in force together: each stands for itself.
  ["content-security-policy", asDirectives(policyDirectives)],
  ["content-security-policy-report-only", asDirectives(policyDirectives)],
  ...[...traceIds].map((name) => [name, asTraceId] as const),
]);

/** Fields whose lines are one list (RFC 9110 §5.3). */
const lists: ReadonlyMap<string, CompareHeader> = new Map([
  ["vary", asSet],
  ["allow", asSet],
  ["access-control-allow-methods", asSet],
  ["access-control-allow-headers", asSet],
  ["access-control-expose-headers", asSet],
  ["accept-ranges", asSet],
  ["accept-patch", asSet],
  ["accept-post", asSet],
  ["accept-ch", asSet],
  ["critical-ch", asSet],
  ["content-language", asSet],
  ["timing-allow-origin", asSet],
  ["clear-site-data", asSet],
  ["cache-control", asDirectives(commaDirectives)],
  ["cdn-cache-control", asDirectives(commaDirectives)],
  ["surrogate-control", asDirectives(commaDirectives)],
  ["pragma", asDirectives(commaDirectives)],
  ["permissions-policy", asDirectives(commaDirectives)],
  ["priority", asDirectives(commaDirectives)],
  ["reporting-endpoints", asDirectives(commaDirectives)],
  ["digest", asValidator],
  ["content-digest", asValidator],
  ["repr-digest", asValidator],
  ["link", (left, right, path, pair) => compareLinks(left, right, headerSite(path), pair)],
]);

/** Compares two header sections; what differs goes to the ledger of `pair`, by name.
 * @param sameBody the decoded bodies are known to be equal, so that validators must be */
export function compareHeaders(left: HeaderList, right: HeaderList, sameBody: boolean, pair: AnswerPair): void {
  eachField(left, right, (name, was, is) => {
    underIgnoring(pair.rules.header(name).ignoredBy, pair, () => {
      if (name === "set-cookie") compareSetCookies(was, is, pair);
      else if (name === "content-encoding") compareCodings(left, right, pair);
      else compareField({ name, path: name }, was, is, sameBody, pair);
    });
  });
}

/** Compares two trailer sections. Paths: `trailer/NAME`. */
export function compareTrailers(left: HeaderList, right: HeaderList, sameBody: boolean, pair: AnswerPair): void {
  eachField(left, right, (name, was, is) => {
    const path = `trailer/${name}`;
    underIgnoring(pair.rules.header(path).ignoredBy, pair, () => compareField({ name, path }, was, is, sameBody, pair));
  });
}

/** Goes through the fields of both sections by name. */
function eachField(left: HeaderList, right: HeaderList, see: (name: string, was: readonly string[], is: readonly string[]) => void): void {
  if (left.length === 0 && right.length === 0) return;
  const layout = commonLayout(left, right, ignored);
  if (layout === null) {
    const before = byName(left);
    const after = byName(right);
    for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) see(name, before.get(name) ?? [], after.get(name) ?? []);
  } else {
    for (const { name, lines } of layout.fields) see(name, valuesAt(left, lines), valuesAt(right, lines));
  }
}

function valuesAt(headers: HeaderList, lines: readonly number[]): string[] {
  return lines.map((line) => headers[line]?.[1] ?? "");
}

function byName(headers: HeaderList): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [key, value] of headers) {
    const name = key.toLowerCase();
    if (ignored.has(name)) continue;
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

interface Field {
  readonly name: string;
  readonly path: string;
}

function compareField({ name, path }: Field, left: readonly string[], right: readonly string[], sameBody: boolean, pair: AnswerPair): void {
  const compare = lists.get(name) ?? singles.get(name) ?? asText;
  const [was, is] = [left[0], right[0]];
  if (was === undefined || is === undefined) {
    const kind = is === undefined ? "header.missing" : "header.extra";
    differ(
      pair,
      path,
      kind,
      "presence",
      was === undefined ? null : left.join(", "),
      is === undefined ? null : right.join(", "),
      is === undefined ? "present→absent" : "absent→present",
    );
  } else if (lists.has(name) || (left.length === 1 && right.length === 1)) {
    // Several lines of a list are one list (RFC 9110 §5.3).
    byRule(left.join(", "), right.join(", "), path, pair, compare, sameBody);
  } else if (left.length === right.length) {
    left.forEach((value, index) => byRule(value, right[index] ?? "", path, pair, compare, sameBody));
  } else {
    const level = left.join(", ") === right.join(", ") ? "lexeme" : "value";
    differ(pair, path, "header.multiplicity", level, left.join(", "), right.join(", "), left.length > right.length ? "fewer" : "more");
  }
}

/** One value, under the user's rule for it. */
function byRule(left: string, right: string, path: string, pair: AnswerPair, compare: CompareHeader, sameBody: boolean): void {
  const rule = pair.rules.header(path).value;
  if (rule === null && left === right && compare !== byFormat && compare !== asTraceId) return pair.ledger.agree();
  if (rule === null) return compare(left, right, path, pair, sameBody);
  const values = { location: "header", path, formatKind: "header.format", left, right, render: excerpt } as const;
  return underValueRule(rule, values, pair, () => compare(left, right, path, pair, sameBody));
}

function asText(left: string, right: string, path: string, pair: AnswerPair): void {
  compareHeaderText(left, right, path, pair);
}

function asDirectives(grammar: DirectiveGrammar): CompareHeader {
  return (left, right, path, pair) => compareDirectives(left, right, path, grammar, pair);
}

/** Differs in every answer by its nature: only its format says something. */
function byFormat(left: string, right: string, path: string, pair: AnswerPair): void {
  if (left === right || (isHttpDate(left) && isHttpDate(right)) || sameFormat(left, right)) pair.ledger.agreeByFormat();
  else differ(pair, path, "header.format", "format", left, right, formatTransition(left, right));
}

function asLifetime(left: string, right: string, path: string, pair: AnswerPair): void {
  const before = readTime(left);
  const after = readTime(right);
  if (left !== right && before !== null && after !== null && sameLifetime(before, after, pair.dates)) pair.ledger.agreeByFormat();
  else asText(left, right, path, pair);
}

function asUrl(left: string, right: string, path: string, pair: AnswerPair): void {
  compareUrls(left, right, headerSite(path), pair);
}

function asTraceId(left: string, right: string, path: string, pair: AnswerPair): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const sent = headerValues(pair.requestHeaders, name);
  if (sent.includes(left) || sent.includes(right)) asText(left, right, path, pair);
  else byFormat(left, right, path, pair);
}

function asSet(left: string, right: string, path: string, pair: AnswerPair): void {
  const before = members(left);
  const after = members(right);
  if (before.isSubsetOf(after) && after.isSubsetOf(before)) return pair.ledger.agree();
  const oneSided = before.isSubsetOf(after) ? "more" : "fewer";
  const transition = oneSided === "fewer" && !after.isSubsetOf(before) ? anyValue : oneSided;
  return differ(pair, path, "header.value", "value", left, right, transition);
}

function members(value: string): Set<string> {
  const all = value.split(",").map((member) => member.trim().toLowerCase());
  return new Set(all.filter((member) => member !== ""));
}

function asMediaType(left: string, right: string, path: string, pair: AnswerPair): void {
  if (left === right) return pair.ledger.agree();
  const before = parseMediaType(left);
  const after = parseMediaType(right);
  if (before === null || after === null) return asText(left, right, path, pair);
  if (before.essence !== after.essence)
    return differ(pair, path, "body.media-type", "value", left, right, `${before.essence}→${after.essence}`);
  if (before.charset !== after.charset) {
    return differ(pair, path, "body.charset", "value", left, right, `${before.charset ?? "absent"}→${after.charset ?? "absent"}`);
  }
  if (otherParameters(before) !== otherParameters(after)) return differ(pair, path, "header.value", "value", left, right, "parameters");
  // What is left is a multipart boundary, which is random, or another spelling.
  return pair.ledger.agreeByFormat();
}

function otherParameters({ parameters }: MediaType): string {
  const others = [...parameters].filter(([name]) => name !== "boundary" && name !== "charset");
  return JSON.stringify(others.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A validator follows the body: it may differ when the body does, and must not when it does not. */
function asValidator(left: string, right: string, path: string, pair: AnswerPair, sameBody: boolean): void {
  const before = validatorForm(left);
  const after = validatorForm(right);
  if (left === right) pair.ledger.agree();
  else if (before !== after) differ(pair, path, "header.format", "format", left, right, `${before}→${after}`);
  else if (sameBody) differ(pair, path, "header.value", "value", left, right, anyValue);
  else pair.ledger.agreeByFormat();
}

/** Weak or strong for an entity tag (RFC 9110 §8.8.3), the algorithm for a digest (RFC 9530). */
function validatorForm(value: string): string {
  if (value.startsWith('W/"')) return "weak";
  if (value.startsWith('"')) return "strong";
  return /^([A-Za-z0-9-]+)=/.exec(value)?.[1]?.toLowerCase() ?? "bare";
}

function compareCodings(left: HeaderList, right: HeaderList, pair: AnswerPair): void {
  const before = contentCodings(left).join(", ");
  const after = contentCodings(right).join(", ");
  if (before === after) return pair.ledger.agree();
  const transition = `${before || "absent"}→${after || "absent"}`;
  return differ(pair, "content-encoding", "body.encoding", "value", before || null, after || null, transition);
}

function differ(
  pair: AnswerPair,
  path: string,
  kind: DifferenceKind,
  level: Level,
  left: string | null,
  right: string | null,
  transition: string,
): void {
  const from = left === null ? null : excerpt(left);
  const to = right === null ? null : excerpt(right);
  pair.ledger.differ({ location: "header", path, kind, level, from, to, transition });
}
