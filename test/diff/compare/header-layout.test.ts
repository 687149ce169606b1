/** Sections with the same names in the same order are compared line by line. That must not show: the same sections in another
 * order, where each name has to be looked up, are the reference. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { compareOutcomes } from "../../../diff/compare/outcomes.ts";
import { References } from "../../../diff/compare/references.ts";
import type { Comparison } from "../../../model/difference.ts";
import { type HeaderList, noBody, type Outcome } from "../../../model/exchange.ts";
import { milliseconds } from "../../../model/units.ts";
import { uuid } from "./answers.ts";

const name = fc.constantFrom("Date", "ETag", "Vary", "vary", "X-Request-Id", "Set-Cookie", "Content-Encoding", "Location", "X-Note", "Via");
const value = fc.constantFrom("", "a", "a, b", '"tag"', "Sun, 22 Nov 2026 09:24:07 GMT", "Sun, 22 Nov 2026 09:24:08 GMT", uuid(1), uuid(2));
/** A section, and what another answer says under mostly the same names. */
const sections = fc
  .array(fc.tuple(name, value, fc.option(value), fc.option(name, { freq: 9 })), { maxLength: 8 })
  .map((lines): [HeaderList, HeaderList] => [
    lines.map(([key, said]) => [key, said]),
    lines.map(([key, said, other, renamed]) => [renamed ?? key, other ?? said]),
  ]);

it("finds the same in two header sections whatever the order of their names", () => {
  fc.assert(
    fc.property(sections, fc.boolean(), ([left, right], isTrailer) => {
      expect(comparison(left, right, isTrailer)).toEqual(comparison(left, turned(right), isTrailer));
    }),
    { numRuns: 2_000 },
  );
});

it("counts what is made for each answer by its format, even where it is the same in both", () => {
  const section: HeaderList = [
    ["Date", "Sun, 22 Nov 2026 09:24:07 GMT"],
    ["X-Request-Id", uuid(1)],
    ["Vary", "Accept"],
  ];
  // By value: Vary, the status, and that neither has a body.
  expect(comparison(section, section, false).leaves).toEqual({ byValue: 3, byFormat: 2, untested: 0 });
});

/** Names the other way round; lines of one name stay in their order. */
function turned(section: HeaderList): HeaderList {
  const names = [...new Set(section.map(([key]) => key.toLowerCase()))].reverse();
  return names.flatMap((wanted) => section.filter(([key]) => key.toLowerCase() === wanted));
}

function comparison(left: HeaderList, right: HeaderList, isTrailer: boolean): Comparison {
  const request = { method: "GET", target: "/things", version: "1.1", headers: [], body: noBody };
  const [before, after] = [left, right].map((section): Outcome => {
    const answer = { status: 200, reason: "", body: noBody, headers: isTrailer ? [] : section, trailers: isTrailer ? section : [] };
    return { kind: "answered", answer, firstByteMs: milliseconds(1), tookMs: milliseconds(1) };
  });
  if (before === undefined || after === undefined) throw new Error("two sections make two answers");
  return compareOutcomes(before, after, { request, references: new References() });
}
