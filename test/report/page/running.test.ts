/** What the page says of a run that has not ended: that it goes on, and neither that it passed nor that it broke off. */

import { describe, expect, it } from "vitest";
import type { Finding, Report } from "../../../model/report.ts";
import { type PageData, pageData } from "../../../report/page/data.ts";
import { whileRunning } from "../../../report/page/running.ts";
import { findingWith, noDetails, passingReport, richReport } from "../fixture.ts";

const unfinished = { code: "interrupted", text: "the run was interrupted or is not finished" };
const small = { code: "small-run", text: "few lanes" };

function shownOf(report: Report): Pick<PageData, "verdict" | "word" | "sentence" | "reasons"> {
  const { verdict, word, sentence, reasons } = whileRunning(pageData(report, noDetails, 100), report);
  return { verdict, word, sentence, reasons };
}

function runningWith(findings: readonly Finding[], ...reasons: Report["reasons"]): Report {
  return { ...passingReport, verdict: "inconclusive", reasons: [unfinished, ...reasons], findings };
}

describe("a run that is still going on", () => {
  it("is running while nothing but its end is missing, and says what was compared", () => {
    const { compared } = passingReport.totals;
    expect(shownOf(runningWith([], small))).toEqual({
      verdict: "running",
      word: "RUNNING",
      sentence: `no difference that is not noise so far, in ${compared} compared exchanges; the run is still going on`,
      reasons: [small],
    });
  });

  it("says how many differences wait for evidence, or are under the gate", () => {
    const findings = [findingWith({ id: "a", state: "unconfirmed" }), findingWith({ id: "b", severity: "low" })];
    expect(shownOf(runningWith(findings)).sentence).toMatch(/^1 finding under the gate and 1 difference not confirmed yet so far, in /);
  });

  it("has nothing to say before anything was compared", () => {
    const report = { ...runningWith([]), totals: { ...passingReport.totals, compared: 0 } };
    expect(shownOf(report)).toMatchObject({ word: "RUNNING", sentence: "nothing compared so far; the run is still going on" });
  });

  it("hides no failure, and no doubt that waiting does not settle", () => {
    const failed = { ...richReport, reasons: [...richReport.reasons, unfinished] };
    expect(shownOf(failed)).toMatchObject({ verdict: "fail", word: "FAIL", reasons: richReport.reasons });
    expect(shownOf(failed).sentence).toMatch(/^the candidate differs from production: .* so far$/);
    const doubt = { code: "candidate-unreachable", text: "the candidate gave no answer" };
    expect(shownOf(runningWith([], doubt))).toEqual({
      verdict: "inconclusive",
      word: "INCONCLUSIVE",
      sentence: "so far this run cannot say whether the builds differ",
      reasons: [doubt],
    });
  });

  it("is shown as it is once it has ended", () => {
    const ended = pageData({ ...passingReport, reasons: [small] }, noDetails, 100);
    expect(whileRunning(ended, { ...passingReport, reasons: [small] })).toEqual(ended);
  });
});
