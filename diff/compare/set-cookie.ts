/** Compares Set-Cookie headers by cookie and attribute. Paths: `set-cookie/NAME`, `set-cookie/NAME/ATTRIBUTE`. */

import { parseSetCookie, type SetCookie } from "../../model/cookies.ts";
import { excerpt } from "./excerpt.ts";
import { sameFormat } from "./formats.ts";
import { compareText, formatTransition, headerSite } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { textTransition } from "./transitions.ts";
import { underIgnoring, underValueRule } from "./user-rules.ts";

/** Attributes that say when, and so differ in every answer: compared by presence and format. */
const timeAttributes: ReadonlySet<string> = new Set(["expires", "max-age"]);

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
  const site = headerSite(path);
  const rule = pair.rules.header(path).value;
  if (rule === null) compareText(left, right, site, pair);
  else underValueRule(rule, { ...site, left, right }, pair, () => compareText(left, right, site, pair));
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
  } else if (sameFormat(left, right)) {
    pair.ledger.agreeByFormat();
  } else {
    pair.ledger.differ({
      location: "header",
      path,
      kind: "header.cookie-attribute",
      level: "format",
      ...sides,
      transition: formatTransition(left, right),
    });
  }
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
