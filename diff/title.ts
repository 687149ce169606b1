/** One sentence that says what changed, for people.
 *
 * It speaks of the main signature alone, and neither of single values nor of how many endpoints share the cause, so that
 * the same finding has the same title live, in replay and in the next run. Reports add the rest. */

import type { DifferenceKind } from "../model/difference.ts";
import type { Assessment } from "./assess.ts";
import { anyValue } from "./compare/transitions.ts";
import { mainTransition, type SignatureRecord } from "./signatures.ts";

/** @param members of one cluster, the main signature first */
export function titleOf(members: readonly Assessment[]): string {
  const [main] = members;
  if (main === undefined) return "";
  const { endpoint, location, path } = main.record.signature;
  const subject = subjectOf(location, path);
  const change = changeOf(main.record);
  const title = `${endpoint}: ${subject === "" ? change : `${subject} ${change}`}`;
  return main.labels === null ? title : `${title}, between instances of production`;
}

function subjectOf(location: string, path: string): string {
  if (location === "transport") return "";
  if (location === "status" || location === "latency") return location;
  if (location === "header") return headerSubject(path);
  return path === "" ? "" : `field ${path}`;
}

function headerSubject(path: string): string {
  if (path.startsWith("set-cookie/")) return `cookie ${path.slice("set-cookie/".length)}`;
  return path.startsWith("trailer/") ? `trailer ${path.slice("trailer/".length)}` : `header ${path}`;
}

/** What is said of kinds whose transition would say less; all others show their transition. */
const words: Readonly<Partial<Record<DifferenceKind, string>>> = {
  "transport.connect": "connection refused",
  "transport.timeout": "no answer in time",
  "transport.reset": "connection reset",
  "transport.truncated": "answer broke off",
  "transport.framing": "answer is not valid HTTP",
  "header.missing": "gone",
  "header.extra": "added",
  "json.missing": "gone",
  "json.extra": "added",
  "json.order": "in another order",
  "json.element-missing": "lost elements",
  "json.element-extra": "has more elements",
  "json.reference": "no longer refers to the same thing",
  "json.constant": "is always the same",
  "body.unparseable": "body can no longer be parsed",
  "body.undecodable": "body can no longer be decoded",
  "text.line": "text changed",
  "text.block": "text changed",
};

/** What is said of changes for the better, of kinds whose words are about the worse. */
const betterWords: ReadonlyMap<string, string> = new Map([
  ["invalid→parsed", "body can be parsed now"],
  ["undecodable→decoded", "body can be decoded now"],
]);

function changeOf(record: SignatureRecord): string {
  const { kind, location, path } = record.signature;
  const { stable } = mainTransition(record);
  const isRoot = location === "body" && path === "";
  if (kind === "json.element-count")
    return `${isRoot ? "list " : ""}${stable === "n→0" ? "became empty" : "changed its length"} (${stable})`;
  if (kind === "json.order" && isRoot) return `list ${words[kind]}`;
  const said = betterWords.get(stable) ?? words[kind] ?? wordsOf(stable);
  return isRoot && words[kind] === undefined ? `body ${said}` : said;
}

/** "200→500" · "changed (×100)" · "changed" where the transition has no name of its own. */
function wordsOf(transition: string): string {
  if (transition.includes("→")) return transition;
  return transition === "" || transition === anyValue ? "changed" : `changed (${transition})`;
}
