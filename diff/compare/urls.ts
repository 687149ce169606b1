/** Compares URLs and paths by component, so that an id in a path is compared like an id. */

import { sameFormat } from "./formats.ts";
import { readIds, resourceClass } from "./identity.ts";
import { formatTransition, isSameMoment, type Site } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { splitTarget, type TargetParts } from "./target-parts.ts";

/** A URL in a Link header (RFC 8288 §3). */
const linkTarget = /<([^<>]*)>/g;

/** Compares two URLs as one leaf; ids in path and query follow the renaming of the answers. */
export function compareUrls(left: string, right: string, site: Site, pair: AnswerPair): void {
  if (left === right) return pair.ledger.agree();
  const { location, path } = site;
  const sides = { from: site.render(left), to: site.render(right) };
  const before = splitTarget(left);
  const after = splitTarget(right);
  const component = structuralChange(before, after);
  if (component !== null)
    return pair.ledger.differ({ location, path, kind: site.valueKind, level: "value", ...sides, transition: component });

  const broken = { location, path, kind: site.valueKind, level: "value", ...sides, transition: "reference" } as const;
  const pairs = [];
  for (const [a, b, name, owner, part] of changedParts(before, after)) {
    if (!sameFormat(a, b)) {
      return pair.ledger.differ({ location, path, kind: site.formatKind, level: "format", ...sides, transition: formatTransition(a, b) });
    }
    if (part === "query" && isSameMoment(a, b, pair)) continue;
    const ids = readIds(a, b, name, owner);
    if (ids === null) return pair.ledger.differ({ ...broken, transition: part });
    pairs.push({ ...ids, left: a, right: b, inArray: false, broken });
  }
  for (const id of pairs) pair.ledger.relate(id);
  pair.ledger.agreeByFormat();
}

/** Compares two Link headers: the same relations, and each URL by component. */
export function compareLinks(left: string, right: string, site: Site, pair: AnswerPair): void {
  if (left === right) return pair.ledger.agree();
  const before = [...left.matchAll(linkTarget)].map((match) => match[1] ?? "");
  const after = [...right.matchAll(linkTarget)].map((match) => match[1] ?? "");
  if (left.replaceAll(linkTarget, "<>") !== right.replaceAll(linkTarget, "<>") || before.length !== after.length) {
    const sides = { from: site.render(left), to: site.render(right) };
    return pair.ledger.differ({
      location: site.location,
      path: site.path,
      kind: site.valueKind,
      level: "value",
      ...sides,
      transition: "links",
    });
  }
  for (const [index, url] of before.entries()) compareUrls(url, after[index] ?? "", site, pair);
}

/** The first component whose shape differs, or null when only segments and query values may. */
function structuralChange(left: TargetParts, right: TargetParts): string | null {
  if (left.scheme !== right.scheme) return "scheme";
  if (left.authority !== right.authority) return "host";
  if (left.segments.length !== right.segments.length) return "path";
  const sameNames = left.query.length === right.query.length && left.query.every(([name], index) => name === right.query[index]?.[0]);
  if (!sameNames) return "query";
  return left.fragment === right.fragment ? null : "fragment";
}

type ChangedPart = readonly [left: string, right: string, name: string, owner: string, part: "path" | "query"];

function changedParts(left: TargetParts, right: TargetParts): ChangedPart[] {
  const changed: ChangedPart[] = [];
  left.segments.forEach((segment, index) => {
    const partner = right.segments[index] ?? "";
    if (segment !== partner) changed.push([segment, partner, "id", resourceClass(left.segments.slice(0, index)), "path"]);
  });
  const resource = resourceClass(left.segments);
  left.query.forEach(([name, value], index) => {
    const partner = right.query[index]?.[1] ?? "";
    if (value !== partner) changed.push([value, partner, name, resource, "query"]);
  });
  return changed;
}
