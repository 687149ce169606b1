/** Compares URLs and paths by component, so that an id in a path is compared like an id. */

import { sameFormat } from "./formats.ts";
import { readIds, resourceClass } from "./identity.ts";
import { formatTransition, isSameMoment, type Site } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { splitTarget, type TargetParts } from "./target-parts.ts";

/** Longer texts are no addresses. */
const maxUrl = 4096;
const absoluteUrl = /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i;
const absolutePath = /^\/[A-Za-z0-9._~%-][^\s]*$/;
/** `v2` names a version of an API, not a thing. */
const version = /^v\d+(?:\.\d+)*$/i;

/** An absolute URL, or an absolute path of a server. */
export function isUrl(text: string): boolean {
  const isShort = text.length > 1 && text.length <= maxUrl;
  return isShort && (text.startsWith("/") ? absolutePath.test(text) : absoluteUrl.test(text));
}

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
    const ids = version.test(a) && version.test(b) ? null : readIds(a, b, name, owner);
    if (ids === null) return pair.ledger.differ({ ...broken, transition: part });
    pairs.push({ ...ids, left: a, right: b, inArray: false, broken });
  }
  for (const id of pairs) pair.ledger.relate(id);
  pair.ledger.agreeByFormat();
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
