/** Tokens that the candidate no longer makes anew, in lanes of many requests. */

import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

const lanes = 40;
const requests = 20;
const fresh = (copy: string, index: number): string => `t${1000 + index}${copy}x9y8z7w6v5u4`;

function judged(tokenOf: (index: number, lane: number) => string): Report {
  const cases = Array.from({ length: lanes * requests }, (_, index): Case => {
    const lane = index % lanes;
    const answer = (token: string) => answered({ colour: "red", token });
    return {
      id: `${index}`,
      lane: `lane ${lane}`,
      target: `/orders/${index}`,
      primary: answer(fresh("p", index)),
      control: answer(fresh("s", index)),
      candidate: answer(tokenOf(index, lane)),
    };
  });
  return judgeCases(cases);
}

describe("a token", () => {
  it("that is the same in all answers is a constant wherever it can show, and no broken reference", () => {
    const { findings, verdict } = judged(() => "constant9token1a2b3c");
    expect(verdict).toBe("fail");
    expect(findings).toMatchObject([
      { kind: "json.constant", path: "/token", transition: "constant", severity: "high", state: "new", condition: null },
    ]);
    // The first answer of a lane breaks no reference, but says what all lanes are told.
    const compared = lanes * requests;
    expect(findings[0]).toMatchObject({ title: "GET /orders/{id}: field /token is always the same", count: compared, compared, rate: 1 });
  });

  it("that each lane has only one of is a constant, too", () => {
    expect(realFindings(judged((_, lane) => fresh("c", lane)))).toMatchObject([{ kind: "json.constant", condition: null }]);
  });

  it("that is new in each answer is a renaming", () => {
    expect(judged((index) => fresh("c", index)).findings).toEqual([]);
  });

  it("that now and then is another answer's stays a broken reference", () => {
    const findings = realFindings(judged((index) => fresh("c", index % 3 === 2 && index >= 2 * lanes ? index - 2 * lanes : index)));
    expect(findings.map(({ kind }) => kind)).toEqual(["json.reference"]);
  });
});
