/** Compares Set-Cookie headers by cookie and attribute. Paths: `set-cookie/NAME`, `set-cookie/NAME/ATTRIBUTE`. */

import { parseSetCookie, type SetCookie } from "../../model/cookies.ts";
import { excerpt } from "./excerpt.ts";
import { sameFormat } from "./formats.ts";
import { compareHeaderText } from "./header-tokens.ts";
import { formatTransition, headerSite } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { readTime } from "./times.ts";
import { textTransition } from "./transitions.ts";
import { underIgnoring, underValueRule } from "./user-rules.ts";

/** Attributes that say until when. What is left of a session's time differs in every answer; that a cookie is
 * deleted, or lives for another time from the answer's Date on, is a difference. */
const timeAttributes: ReadonlySet<string> = new Set(["expires", "max-age"]);
/** A session that another request began a moment ago. */
const lifetimeToleranceMs = 2_000;

/** Compares all Set-Cookie values of two answers. */
export function compareSetCookies(left: readonly string[], right: readonly string[], pair: AnswerPair): void {
  const before = byName(left);
  const after = byName(right);
  for (const [name, cookie] of before) {
    const partner = after.get(name);
    if (partner === undefined) presence("header.missing", `set-cookie/${name}`, cookie.value, null, pair);
    else underIgnoring(pair.rules.header(`set-cookie/${name}`).ignoredBy, pair, () => compareCookie(name, cookie, partner, pair));
  }
  for (const [name, cookie] of after) if (!before.has(name)) presence("header.extra", `set-cookie/${name}`, null, cookie.value, pair);
}

function compareCookie(name: string, left: SetCookie, right: SetCookie, pair: AnswerPair): void {
  const path = `set-cookie/${name}`;
  compareValue(path, left.value, right.value, pair);
  const before = new Map(left.attributes);
  const after = new Map(right.attributes);
  for (const [attribute, value] of before) {
    const partner = after.get(attribute);
    if (partner === undefined) presence("header.cookie-attribute", `${path}/${attribute}`, value ?? attribute, null, pair);
    else compareAttribute(`${path}/${attribute}`, attribute, value ?? "", partner ?? "", pair);
  }
  for (const [attribute, value] of after) {
    if (!before.has(attribute)) presence("header.cookie-attribute", `${path}/${attribute}`, null, value ?? attribute, pair);
  }
}

function compareValue(path: string, left: string, right: string, pair: AnswerPair): void {
  const rule = pair.rules.header(path).value;
  const compare = (): void => compareHeaderText(left, right, path, pair);
  if (rule === null) compare();
  else underValueRule(rule, { ...headerSite(path), left, right }, pair, compare);
}

function compareAttribute(path: string, attribute: string, left: string, right: string, pair: AnswerPair): void {
  const sides = { from: excerpt(left), to: excerpt(right) };
  if (left.toLowerCase() === right.toLowerCase()) {
    pair.ledger.agree();
  } else if (!timeAttributes.has(attribute)) {
    pair.ledger.differ({
      location: "header",
      path,
      kind: "header.cookie-attribute",
      level: "value",
      ...sides,
      transition: textTransition(left, right),
    });
  } else if (!sameFormat(left, right)) {
    pair.ledger.differ({
      location: "header",
      path,
      kind: "header.cookie-attribute",
      level: "format",
      ...sides,
      transition: formatTransition(left, right),
    });
  } else {
    const [before, after] = [lifetimeMs(attribute, left, pair.dates.left), lifetimeMs(attribute, right, pair.dates.right)];
    if (before === null || after === null || Math.abs(before - after) <= lifetimeToleranceMs) return pair.ledger.agreeByFormat();
    const transition = before <= 0 === after <= 0 ? "lifetime" : before <= 0 ? "deleted→set" : "set→deleted";
    pair.ledger.differ({ location: "header", path, kind: "header.cookie-attribute", level: "value", ...sides, transition });
  }
}

/** How long the cookie lives from the answer on, 0 = it is deleted; null when that cannot be told. */
function lifetimeMs(attribute: string, value: string, date: number | null): number | null {
  if (attribute === "max-age") return /^-?\d+$/.test(value) ? Math.max(0, Number(value)) * 1000 : null;
  const until = readTime(value);
  if (until === null) return null;
  // Without a Date only the beginning of time is known to be in the past.
  if (date === null) return until.at <= 0 ? 0 : null;
  return Math.max(0, until.at - date);
}

function presence(
  kind: "header.missing" | "header.extra" | "header.cookie-attribute",
  path: string,
  left: string | null,
  right: string | null,
  pair: AnswerPair,
): void {
  const from = left === null ? null : excerpt(left);
  const to = right === null ? null : excerpt(right);
  pair.ledger.differ({
    location: "header",
    path,
    kind,
    level: "presence",
    from,
    to,
    transition: left === null ? "absent→present" : "present→absent",
  });
}

/** Cookies by name; a name that is set twice (for two paths) is numbered from the second on. */
function byName(values: readonly string[]): Map<string, SetCookie> {
  const cookies = new Map<string, SetCookie>();
  for (const value of values) {
    const cookie = parseSetCookie(value);
    let name = cookie.name;
    for (let turn = 2; cookies.has(name); turn++) name = `${cookie.name}#${turn}`;
    cookies.set(name, cookie);
  }
  return cookies;
}
