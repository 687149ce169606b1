/** One id for many lanes where every lane should have its own. */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

const token = (...of: readonly unknown[]) => createHash("sha256").update(JSON.stringify(of)).digest("base64url").slice(0, 32);

/** @param candidateOf its token in a lane's n-th answer */
function run(lanes: number, each: number, candidateOf: (lane: number, request: number) => string) {
  const cases = Array.from({ length: lanes * each }, (_, index): Case => {
    const [lane, request] = [index % lanes, Math.floor(index / lanes)];
    const said = (csrf: string) => answered({ csrf, ok: true });
    return {
      id: `x${index}`,
      lane: `lane ${lane}`,
      target: `/form/${index}`,
      primary: said(token("primary", lane)),
      control: said(token("control", lane)),
      candidate: said(candidateOf(lane, request)),
    };
  });
  const report = judgeCases(cases);
  const { different, same, compared } = report.totals;
  return {
    verdict: report.verdict,
    found: realFindings(report).map(({ path, kind, state, severity }) => [path, kind, state, severity]),
    adds: different + same - compared,
  };
}

describe("a token of a session", () => {
  it.each([1, 5])("that is the same in all sessions is a constant, in %d answers of each", (each) => {
    const { verdict, found, adds } = run(60, each, () => token("all"));
    expect(found).toContainEqual(["/csrf", "json.constant", "new", "high"]);
    expect([verdict, adds]).toEqual(["fail", 0]);
  });

  it("that each session has of its own is no difference, however often it is said", () => {
    expect(run(60, 5, (lane) => token("candidate", lane))).toEqual({ verdict: "pass", found: [], adds: 0 });
  });
});
