/** Compares Link headers (RFC 8288) by relation: which relations there are, where each points, and what else is said
 * of it. The order of links says nothing; the order of two links of one relation does. */

import { splitList } from "./directives.ts";
import type { Site } from "./leaf.ts";
import type { AnswerPair } from "./pair.ts";
import { compareUrls } from "./urls.ts";

interface Link {
  readonly target: string;
  /** `rel` and whatever else tells two links of one relation apart. */
  readonly name: string;
  /** The other parameters, sorted. */
  readonly parameters: string;
}

/** Parameters that say which link it is. */
const naming: ReadonlySet<string> = new Set(["rel", "anchor", "hreflang", "media", "type"]);

/** Compares two Link headers; what differs is one event. */
export function compareLinks(left: string, right: string, site: Site, pair: AnswerPair): void {
  if (left === right) return pair.ledger.agree();
  const before = readLinks(left);
  const after = readLinks(right);
  const names = [...before.keys()];
  const isSameSet = before.size === after.size && names.every((name) => before.get(name)?.length === after.get(name)?.length);
  const { location, path } = site;
  const sides = { from: site.render(left), to: site.render(right) };
  if (!isSameSet) return pair.ledger.differ({ location, path, kind: site.valueKind, level: "value", ...sides, transition: "links" });
  for (const name of names) {
    for (const [index, link] of (before.get(name) ?? []).entries()) {
      const partner = after.get(name)?.[index];
      if (partner === undefined) continue;
      if (link.parameters === partner.parameters) compareUrls(link.target, partner.target, site, pair);
      else pair.ledger.differ({ location, path, kind: site.valueKind, level: "value", ...sides, transition: "link parameters" });
    }
  }
}

/** By name, links of one name in order. */
function readLinks(value: string): Map<string, Link[]> {
  const links = new Map<string, Link[]>();
  for (const text of splitList(value, ",")) {
    const link = readLink(text);
    const known = links.get(link.name);
    if (known === undefined) links.set(link.name, [link]);
    else known.push(link);
  }
  return links;
}

function readLink(text: string): Link {
  const [target = "", ...rest] = splitList(text, ";");
  const parameters = rest.map((parameter) => {
    const [name = "", value = ""] = parameter.split(/=(.*)/s);
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/s, "$1")] as const;
  });
  const write = (some: typeof parameters): string =>
    some
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join("; ");
  return {
    target: target.replace(/^<(.*)>$/s, "$1"),
    name: write(parameters.filter(([name]) => naming.has(name))),
    parameters: write(parameters.filter(([name]) => !naming.has(name))),
  };
}
