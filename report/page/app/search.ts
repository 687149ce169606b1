/** The search line: words, and tokens that ask one thing. All of them have to hold.
 *
 *    price endpoint:"GET /orders/{id}" path:/items status:200->500 kind:json class:flaky state:new severity:high          */

import type { FindingRow } from "../data.ts";

export interface Term {
  /** "" = anywhere. */
  readonly key: string;
  /** In lower case. */
  readonly value: string;
  readonly isExcluded: boolean;
}

/** What a token looks at. */
const places: Readonly<Record<string, (finding: FindingRow) => readonly string[]>> = {
  endpoint: ({ places: all }) => all.map(([endpoint]) => endpoint),
  path: ({ places: all }) => all.map(([, place]) => place),
  status: ({ places: all, transition }) => (all.some(([, place]) => place === "status") ? [transition] : []),
  kind: ({ kind }) => [kind],
  class: (finding) => [finding.class],
  state: ({ state }) => [state],
  severity: ({ severity }) => [severity],
  id: ({ id }) => [id],
};

export const tokenNames: readonly string[] = Object.keys(places);

/** A `-` before a term excludes; quotes keep spaces. What looks like a token of another name is a word. */
export function readTerms(text: string): readonly Term[] {
  return [...text.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi)].flatMap(([all, minus = "", name = "", quoted, bare = ""]) => {
    const key = name.toLowerCase();
    const isToken = Object.hasOwn(places, key);
    const value = (isToken || name === "" ? (quoted ?? bare) : all.slice(minus.length)).toLowerCase();
    return value === "" ? [] : [{ key: isToken ? key : "", value, isExcluded: minus !== "" }];
  });
}

export function fits(finding: FindingRow, terms: readonly Term[]): boolean {
  return terms.every((term) => holds(finding, term) !== term.isExcluded);
}

function holds(finding: FindingRow, { key, value }: Term): boolean {
  const texts = key === "" ? anywhere(finding) : (places[key]?.(finding) ?? []);
  // `200->500` as it is typed, `200→500` as it is shown.
  const wanted = key === "status" ? value.replace("->", "→") : value;
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

const known = new WeakMap<FindingRow, readonly string[]>();

function anywhere(finding: FindingRow): readonly string[] {
  const before = known.get(finding);
  if (before !== undefined) return before;
  const { title, id, severity, state, condition, evidence, kind, transition, example, places: all } = finding;
  const text = [title, id, severity, state, finding.class, condition, evidence, kind, transition, ...(example ?? []), ...all.flat()];
  const joined = [text.join("\n").toLowerCase()];
  known.set(finding, joined);
  return joined;
}
