/** A belief in words: what it is about, and what staging takes for granted there.
 *
 *    ["GET /orders", "answer", "answer 200", "document ", "/coupon"]  ─►  "answer 200 /coupon"   "is always absent" */

import type { Candidate } from "./candidates.ts";
import { lacking } from "./json-facts.ts";
import type { Place } from "./place.ts";
import { fewestShown } from "./scalar-facts.ts";
import { pairMark } from "./traffic.ts";

/** Values that are shown of a set. */
const mostShown = 12;
const inWords: Readonly<Record<string, string>> = {
  int: "a whole number",
  uuid: "a UUID",
  ulid: "a ULID",
  date: "a date",
  hex: "hexadecimal",
  base64: "base64",
  mixed: "letters and digits",
  word: "a word",
};

/** What it is about, within the endpoint; "" = the endpoint. */
export function placeText({ kind, what, path }: Candidate): string {
  const within = path.slice(1);
  const answer = within.find((part) => /^answer \d/.test(part)) ?? null;
  const pointer = within.filter((part) => part.startsWith("/")).join("");
  const field = kind === "field" ? `/${bare(what)}` : "";
  const named = within.find((part) => part.startsWith("parameter ") || /^\{.+\}$/.test(part));
  const isBody = within.some((part) => part.startsWith("document ") || part === "content") || kind === "media type";
  const side = answer ?? (isBody ? "body" : null);
  return [side, named, `${pointer}${field}`].filter((part) => part !== undefined && part !== null && part !== "").join(" ");
}

/** What staging takes for granted. */
export function saysText(candidate: Candidate): string {
  const { kind, what, path, staging } = candidate;
  const isLacking = what.startsWith(lacking);
  switch (kind) {
    case "endpoint":
      return "is never called";
    case "status":
      return `never answers ${what}`;
    case "id form":
      return `is never ${inWords[what] ?? what}`;
    case "parameter":
    case "header":
      return `${isLacking ? "always" : "never"} has the ${bare(what).startsWith("cookie ") ? bare(what) : `${kind} ${bare(what)}`}`;
    case "combination":
      return `never has the ${path.at(-1) === "pairs of headers" ? "headers" : "parameters"} ${what.split(pairMark).join(" and ")} together`;
    case "media type":
      return what === "none" ? "is never empty" : `is never ${what}`;
    case "field":
      return isLacking ? "is always there" : "is always absent";
    case "null":
      return "is never null";
    case "type":
      return `is never ${what}`;
    case "value":
      return valueText(candidate);
    case "range":
      return rangeText(what, staging);
    case "size":
      return sizeText(what, path, staging);
    case "characters":
      return `never has ${what}`;
    case "order":
      return orderText(what, path.at(-1) ?? "");
    case "overlap":
      return path.length === 1 ? "requests of one session never overlap" : `never overlaps with ${what} in its session`;
    default:
      return kind satisfies never;
  }
}

function bare(what: string): string {
  return what.startsWith(lacking) ? what.slice(lacking.length) : what;
}

/** Values of staging are shown where they are a closed set, those of production where many sessions have used them. */
function valueText({ what, staging, production }: Candidate): string {
  if (what !== "another") return `is never ${what}`;
  const known = [...(staging.closedSet()?.keys() ?? [])].map(quoted).sort().slice(0, mostShown);
  const others = [...(production.below.get("others")?.facts.values() ?? [])]
    .filter(({ what: value, sightings }) => value !== "" && sightings.exchanges >= fewestShown && sightings.sessions >= fewestShown)
    .map(({ what: value }) => quoted(value))
    .sort()
    .slice(0, mostShown);
  const set = known.length === 1 ? `is always ${known[0]}` : `is always one of ${known.join(", ")}`;
  return others.length === 0 ? set : `${set}, never ${others.join(", ")}`;
}

function quoted(value: string): string {
  return /^-?[\d.]+$/.test(value) ? value : JSON.stringify(value);
}

function rangeText(what: string, { numbers: { least, most } }: Place): string {
  if (what === "above") return `is never far above ${most}`;
  return what === "below" ? `is never far below ${least}` : `is never ${what}`;
}

function sizeText(what: string, path: readonly string[], { lengths: { most } }: Place): string {
  if (what === "empty") return "is never empty";
  if (what === "larger") return `is never far larger than ${most} bytes`;
  return path.at(-1) === "as array" ? `never has far more than ${most} elements` : `is never far longer than ${most} characters`;
}

function orderText(what: string, place: string): string {
  const by = place.startsWith("order by ") ? ` of ${place.slice("order by ".length)}` : "";
  return `is always in ${what === "not ascending" ? "ascending" : "descending"} order${by}`;
}
