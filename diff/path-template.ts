/** Path templates as documents and routes lists give them: `/orders/{id}`, `/files/{name}.json`, `/static/**`.
 *
 *    "/orders/{id}" ─► readTemplate ─► segments: literal "orders", parameter        ─► given-endpoints.ts */

import { decodedSegment } from "./request-path.ts";
import { type Reading, read, wrong } from "./rules/reading.ts";

/** What one segment of a path has to be. */
export type TemplateSegment =
  /** Without percent-encoding. */
  | { readonly kind: "literal"; readonly text: string }
  /** Literals with something between each two of them: `{id}.json` is "", ".json". */
  | { readonly kind: "mixed"; readonly literals: readonly string[] }
  /** Anything but nothing. */
  | { readonly kind: "parameter" }
  /** Any number of segments, at the end. */
  | { readonly kind: "rest" };

/** Longer paths are not written by people. */
const mostSegments = 64;
/** `{id}` and `*`. */
const openPart = /\{[^{}]*\}|\*/;
/** `{path+}`, `{+path}` and `{path*}`: more than one segment, as gateways write it. */
const greedyPart = /^(?:\*\*|\{\+[^{}*+]+\}|\{[^{}*+]+[*+]\})$/;

/** @returns the segments of a template, none for `/`; or what is wrong with it */
export function readTemplate(path: string): Reading<readonly TemplateSegment[]> {
  if (!path.startsWith("/")) return wrong(`the path "${path}" does not begin with /`, "write it as /posts/{id}");
  if (/[\s?#]/.test(path)) return wrong(`the path "${path}" has a space, a ? or a # in it`, "give the path only, percent-encoded");
  const parts = path === "/" ? [] : path.slice(1).split("/");
  if (parts.length > mostSegments) return wrong(`the path "${path.slice(0, 40)}…" has more than ${mostSegments} segments`, "leave it out");
  const segments: TemplateSegment[] = [];
  for (const [index, part] of parts.entries()) {
    const segment = readSegment(part);
    if (segment.kind === "wrong") return wrong(`the path "${path}" is not understood: ${segment.problem}`, segment.advice);
    if (segment.value.kind === "rest" && index < parts.length - 1)
      return wrong(`the path "${path}" goes on after ${part}`, "what stands for any number of segments has to be the last one");
    segments.push(segment.value);
  }
  return read(segments);
}

function readSegment(part: string): Reading<TemplateSegment> {
  if (greedyPart.test(part)) return read({ kind: "rest" });
  const literals = part.split(openPart);
  if (literals.some((literal) => /[{}]/.test(literal)))
    return wrong(`"${part}" has a brace without its partner`, "write parameters as {id}");
  if (part.includes("{}")) return wrong(`"${part}" has a parameter without a name`, "write parameters as {id}");
  const texts = literals.map(decodedLiteral);
  const [first = ""] = texts;
  if (texts.length === 1) return read({ kind: "literal", text: first });
  if (texts.slice(1, -1).includes("")) return wrong(`in "${part}" nothing tells two parameters apart`, "put a text between them");
  if (texts.length === 2 && texts.every((text) => text === "")) return read({ kind: "parameter" });
  return read({ kind: "mixed", literals: texts });
}

/** Documents are text, targets are bytes; both mean the same characters. */
function decodedLiteral(literal: string): string {
  return decodedSegment(Buffer.from(literal).toString("latin1"));
}

/** Whether a segment is made of these literals in their order, with something between each two of them. Linear in the segment. */
export function isMixedMatch(segment: string, literals: readonly string[]): boolean {
  const first = literals[0] ?? "";
  const last = literals.at(-1) ?? "";
  if (!segment.startsWith(first)) return false;
  let position = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = segment.indexOf(literal, position + 1);
    if (found < 0) return false;
    position = found + literal.length;
  }
  return segment.length - last.length > position && segment.endsWith(last);
}
