/** Reads where a rule applies: `status`, `transport`, `header NAME`, `body`, `body $.json.path`, or a place as reports show it,
 * such as `body /items/0/price` with a star for the 0, or `body a@href`. */

import { keyOfSegment } from "../json-pointers.ts";
import { type PathStep, readJsonPath } from "./json-path.ts";
import { globPattern, isTooLong, type Pattern, tooLong } from "./pattern.ts";
import { type Reading, read, wrong } from "./reading.ts";

export type RulePlace =
  | { readonly kind: "transport" }
  | { readonly kind: "status" }
  /** Paths as in model/difference.ts. */
  | { readonly kind: "header"; readonly fits: Pattern }
  | { readonly kind: "body" }
  | { readonly kind: "json"; readonly steps: readonly PathStep[] }
  /** Places of bodies that are not JSON, by the path that reports show. */
  | { readonly kind: "text"; readonly fits: Pattern };

const examples = "write status, transport, header NAME, body, or body $.json.path";

export function readPlace(text: string): Reading<RulePlace> {
  if (isTooLong(text)) return tooLong(text);
  const [, location = "", path = ""] = /^(\S*)\s*([^]*?)\s*$/.exec(text.trim()) ?? [];
  switch (location) {
    case "transport":
    case "status":
      return path === "" ? read({ kind: location }) : wrong(`"${text}" has something after ${location}`, `write ${location} alone`);
    case "header":
      if (path === "") return wrong(`"${text}" names no header`, "write header NAME, e.g. header etag");
      return read({ kind: "header", fits: globPattern(headerPath(path)) });
    case "body":
      return readBodyPlace(path);
    default:
      return wrong(`"${text}" is no place`, examples);
  }
}

function readBodyPlace(path: string): Reading<RulePlace> {
  if (path === "") return read({ kind: "body" });
  if (path.startsWith("$")) {
    const steps = readJsonPath(path);
    return steps.kind === "wrong" ? steps : read({ kind: "json", steps: steps.value });
  }
  if (path.startsWith("/")) return read({ kind: "json", steps: pointerSteps(path) });
  return read({ kind: "text", fits: globPattern(path) });
}

/** A JSON Pointer as differences have it (RFC 6901, with `*` for any element). */
export function pointerSteps(pointer: string): PathStep[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token): PathStep => {
      const name = keyOfSegment(token);
      return { selector: token === "*" ? { kind: "any" } : { kind: "member", name }, descends: false };
    });
}

/** Names of fields have no case; those of cookies do. */
function headerPath(path: string): string {
  const [name = "", ...rest] = path.split("/");
  return name.toLowerCase() === "trailer" ? path.toLowerCase() : [name.toLowerCase(), ...rest].join("/");
}
