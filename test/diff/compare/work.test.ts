/** What a comparison may cost is counted in steps, and what there are none for is untested. */

import { describe, expect, it } from "vitest";
import { compareOutcomes } from "../../../diff/compare/outcomes.ts";
import { References } from "../../../diff/compare/references.ts";
import { noBody } from "../../../model/exchange.ts";
import { json } from "./answers.ts";

const list = (value: number) => json({ list: Array.from({ length: 100 }, (_, id) => ({ id, value })) });

function compareWithin(steps: number) {
  const request = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
  return compareOutcomes(list(1), list(2), { request, references: new References(), limits: { steps } });
}

describe("a comparison", () => {
  it("looks at no more than it has steps for, and counts the rest as untested", () => {
    // Status and Content-Type cost nothing; the document has 2 + 100 × 3 values, 200 of them leaves.
    expect(compareWithin(302).leaves).toEqual({ byValue: 202, byFormat: 0, untested: 0 });
    expect(compareWithin(301).leaves).toEqual({ byValue: 201, byFormat: 0, untested: 1 });
    expect(compareWithin(152).leaves).toEqual({ byValue: 102, byFormat: 0, untested: 100 });
    expect(compareWithin(0)).toEqual({ differences: [], leaves: { byValue: 2, byFormat: 0, untested: 200 } });
  });

  it("finds the same with the same steps", () => {
    expect(compareWithin(100)).toEqual(compareWithin(100));
  });
});
