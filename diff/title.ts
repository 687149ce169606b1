/** One sentence that says what changed, for people. */

import type { DifferenceKind } from "../model/difference.ts";
import type { Assessment } from "./assess.ts";
import { familyName } from "./clusters.ts";
import { mainTransition } from "./signatures.ts";

/** @param members of one cluster, the main signature first */
export function titleOf(members: readonly Assessment[]): string {
  const [main] = members;
  if (main === undefined) return "";
  const { endpoint, location, path, kind } = main.record.signature;
  const change = changeOf(main);
  const endpoints = new Set(
    members
      .filter(({ record }) => record.signature.location === location && record.signature.kind === kind)
      .map(({ record }) => record.signature.endpoint),
  );
  if (endpoints.size > 1) return `${subjectOf(location, path, true)} ${change} on ${endpoints.size} endpoints`;
  const subject = subjectOf(location, path, false);
  return `${endpoint}: ${subject === "" ? change : `${subject} ${change}`}`;
}

function subjectOf(location: string, path: string, isShared: boolean): string {
  if (location === "transport") return "";
  if (location === "status" || location === "latency") return location;
  if (location === "header") return headerSubject(path);
  if (path === "") return "";
  return isShared ? `field ${familyName(path)}` : `field ${path}`;
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

function changeOf({ record }: Assessment): string {
  const { kind, location, path } = record.signature;
  const { stable, from, to } = mainTransition(record);
  const isRoot = location === "body" && path === "";
  if (kind === "json.element-count") {
    return `${isRoot ? "list " : ""}${to?.startsWith("0 ") === true ? "became empty" : "changed its length"} (${stable.replace(/ elements?$/, "")})`;
  }
  if (kind === "json.order" && isRoot) return `list ${words[kind]}`;
  const said = words[kind] ?? (stable.includes("→") ? stable : `${from ?? "absent"}→${to ?? "absent"}`);
  return isRoot && words[kind] === undefined ? `body ${said}` : said;
}
