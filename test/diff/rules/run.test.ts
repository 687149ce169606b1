/** What rules do to a whole run: its findings, its coverage, what it says of the rules themselves, and what is probed. */

import { describe, expect, it } from "vitest";
import { LiveComparison } from "../../../diff/live-comparison.ts";
import type { Rule } from "../../../diff/rules/rule.ts";
import type { Outcome } from "../../../model/exchange.ts";
import { probeTimes, type RunEntry } from "../../../model/observation.ts";
import { answered, type Case, caseEntry, judge, judgeCases, observationOf, probeEntry, realFindings } from "../fabricate.ts";
import { format, ignore, key, rule, tolerance, unordered } from "./rules.ts";

const before = answered({ colour: "red", served: "a", items: [{ sku: "x", n: 1 }] });
const after = answered({ colour: "blue", served: "b", items: [{ sku: "x", n: 1 }] });

function cases(candidate: Outcome, control: Outcome = before): Case[] {
  return Array.from({ length: 30 }, (_, index) => ({
    ...{ id: `${index}`, lane: `${index}`, target: `/things/${index + 1}`, primary: before },
    ...{ candidate, control },
  }));
}

const ignoreColour: Rule = rule("body $.colour", ignore, "GET /things/{id}");
const ignoreServed: Rule = { ...rule("body $.served", ignore), reason: "names the machine" };

describe("a run with rules", () => {
  it("has no findings but for what the rules leave", () => {
    const without = judgeCases(cases(after));
    expect(realFindings(without).flatMap(({ signatures }) => signatures.map(({ path }) => path))).toEqual(
      expect.arrayContaining(["/colour", "/served"]),
    );
    const one = judgeCases(cases(after), { rules: [ignoreServed] });
    expect(one.verdict).toBe("fail");
    expect(realFindings(one).flatMap(({ signatures }) => signatures.map(({ path }) => path))).toEqual(["/colour"]);
    const both = judgeCases(cases(after), { rules: [ignoreServed, ignoreColour] });
    expect([both.verdict, both.findings, both.totals.same]).toEqual(["pass", [], 30]);
  });

  it("says what each rule hid, where and why, and takes it from what was tested", () => {
    const { rules, coverage } = judgeCases(cases(after, after), { rules: [ignoreServed, ignoreColour] });
    expect(rules).toEqual([
      {
        text: "ignore body $.served",
        reason: "names the machine",
        hidden: 60,
        exchanges: 30,
        places: [{ endpoint: "GET /things/{id}", location: "body", path: "/served", kind: "json.value" }],
        idle: null,
      },
      expect.objectContaining({ text: "ignore body $.colour at GET /things/{id}", hidden: 60, exchanges: 30 }),
    ]);
    // Status, content type and four values in the body, of which two are hidden.
    expect(coverage.untested).toBeCloseTo(2 / 6);
    expect(judgeCases(cases(after, after)).coverage.untested).toBe(0);
  });

  it("says which rule decides where an idle one would have", () => {
    const shadows = (...given: readonly Rule[]): (string | undefined)[] =>
      judgeCases(cases(after), { rules: given }).rules?.map(({ shadowedBy }) => shadowedBy) ?? [];
    const colour = rule("body $.colour", ignore);
    expect(shadows(colour, rule("body $..colour", ignore), rule("body $.color", ignore))).toEqual([
      undefined,
      "ignore body $.colour",
      undefined,
    ]);
    expect(shadows(rule("body $.colour", format()), colour)).toEqual(["ignore body $.colour", undefined]);
    expect(shadows(rule("body $.colour", format()), rule("body $.colour", tolerance({ absolute: "1" })))).toEqual([
      undefined,
      "format only of body $.colour",
    ]);
    expect(shadows(colour, rule("body $.served", unordered), rule("body $.colour", ignore, "PUT /things/{id}"))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const { reasons, rules } = judgeCases(cases(after), { rules: [colour, rule("body $..colour", ignore)] });
    expect(rules?.[1]?.idle).toBe("nothing-differed");
    expect(reasons).toContainEqual({
      code: "rules-unused",
      text: '1 rule had nothing to do: "ignore body $..colour" ("ignore body $.colour" decides there)',
    });
  });

  it("says which rules had nothing to do, and that it is no verdict", () => {
    const idle = [rule("body $.colour", ignore, "GET /thing/{id}"), rule("body $.color", ignore), ignoreServed];
    const report = judgeCases(cases(before), { rules: idle });
    expect(report.verdict).toBe("pass");
    expect(report.rules?.map((each) => each.idle)).toEqual(["no-endpoint", "nothing-differed", "nothing-differed"]);
    expect(report.reasons).toContainEqual({
      code: "rules-unused",
      text: '3 rules had nothing to do: "ignore body $.colour at GET /thing/{id}" (no endpoint is called so), "ignore body $.color" (nothing differs there), "ignore body $.served" (nothing differs there)',
    });
    expect(judgeCases(cases(after), { rules: [ignoreServed] }).reasons.map(({ code }) => code)).not.toContain("rules-unused");
    expect(judgeCases(cases(after)).rules).toBeUndefined();
  });

  it("counts a key as used where it has decided", () => {
    const shuffled = answered({ colour: "red", served: "a", items: [{ sku: "y", n: 1 }] });
    const { rules } = judgeCases(cases(shuffled), { rules: [rule("body $.items", key("sku"))] });
    expect(rules).toEqual([expect.objectContaining({ hidden: 0, exchanges: 30, idle: null })]);
  });

  it("does not call fixed what a rule hides", () => {
    const baseline = judgeCases(cases(after));
    const hidden = judgeCases(cases(after), { baseline, rules: [ignoreServed, ignoreColour] });
    expect(hidden.findings).toEqual([]);
    expect(judgeCases(cases(before), { baseline }).findings.map(({ state }) => state)).toEqual(baseline.findings.map(() => "fixed"));
  });

  it("reads probes with the rules too", () => {
    const probed = (candidate: Outcome): RunEntry =>
      probeEntry({
        exchangeId: "0",
        control: Array.from({ length: probeTimes }, () => before),
        candidate: Array.from({ length: probeTimes }, () => candidate),
        freshState: false,
      });
    const report = judge([...cases(after).map(caseEntry), probed(after)], { rules: [ignoreServed] });
    expect(realFindings(report).map(({ path, evidence }) => [path, evidence.probes])).toEqual([["/colour", 1]]);
    const other = answered({ colour: "red", served: "a", items: [{ sku: "y", n: 1 }] });
    const byKey = judge([...cases(other).map(caseEntry), probed(other)], { rules: [rule("body $.items", key("sku"))] });
    expect(realFindings(byKey).map((finding) => finding.class)).toEqual(["deterministic"]);
    const formatOnly = judge([...cases(after).map(caseEntry), probed(after)], { rules: [rule("body $.*", format())] });
    expect([formatOnly.verdict, formatOnly.findings]).toEqual(["pass", []]);
  });
});

describe("the live comparison with rules", () => {
  const isProbed = (rules: readonly Rule[], target: string): boolean =>
    new LiveComparison({ maxProbes: 9, rules }).observe(observationOf({ id: "1", target, primary: before, candidate: after })).probe;

  it("does not probe what they hide", () => {
    expect(isProbed([ignoreServed], "/things/1")).toBe(true);
    expect(isProbed([ignoreServed, ignoreColour], "/things/1")).toBe(false);
    expect(isProbed([ignoreServed, ignoreColour], "/others/1")).toBe(true);
  });

  it("takes any segment for {id}, since it has not seen all requests yet", () => {
    expect(isProbed([ignoreServed, ignoreColour], "/things/blue")).toBe(false);
  });
});
