/** What counts as one piece of evidence, and what a refuting probe may take away. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { probeTimes, type RunEntry } from "../../model/observation.ts";
import { seededRandom } from "../../model/random.ts";
import type { Finding } from "../../model/report.ts";
import { answered, caseEntry, failed, judge, probeEntry, realFindings } from "./fabricate.ts";

const lanes = 40;
const requests = 480;
const records = 60;
const views = 20;

/** @param candidateOf the candidate's outcome; null = the same as the primary's */
function run(candidateOf: (index: number, record: number) => Outcome | null, probed: readonly number[] = []): Finding[] {
  const random = seededRandom(5);
  const entries: RunEntry[] = [];
  for (let index = 0; index < requests; index++) {
    const record = 1 + random.below(records);
    const primary = answered({ name: `record ${record}`, colour: "red" });
    const candidate = candidateOf(index, record) ?? primary;
    const target = `/items/${record}?view=${random.below(views)}`;
    entries.push(caseEntry({ id: `x${index}`, lane: `lane ${index % lanes}`, target, primary, candidate }));
    if (!probed.includes(index)) continue;
    const again = Array.from({ length: probeTimes }, () => primary);
    entries.push(probeEntry({ exchangeId: `x${index}`, control: again, candidate: again, freshState: false }));
  }
  return realFindings(judge(entries));
}

describe("a record that is stale in the candidate's data", () => {
  it("is one piece of evidence, in however many views it is read", () => {
    const findings = run((_, record) => (record <= 4 ? answered({ name: `record ${record}`, colour: "blue" }) : null));
    expect(findings.map(({ path, state }) => [path, state])).toEqual([["/colour", "unconfirmed"]]);
    expect(findings[0]?.evidence.b).toBeGreaterThan(20);
  });

  it("does not hide a fault of many records", () => {
    const findings = run((_, record) => (record % 2 === 0 ? answered({ name: `record ${record}`, colour: "blue" }) : null));
    expect(findings.map(({ path, state }) => [path, state])).toEqual([["/colour", "new"]]);
  });
});

describe("a difference that no repeated request shows again", () => {
  const stateOf = (count: number, candidate: Outcome): (string | null)[][] => {
    const at = Array.from({ length: count }, (_, each) => each * 37);
    const findings = run((index) => (at.includes(index) ? candidate : null), at.slice(0, 3));
    return findings.map(({ kind, state }) => [kind, state]);
  };
  const blue = answered({ name: "record 0", colour: "blue" });

  it("is noise when a value was seen in one session only", () => {
    expect(stateOf(1, blue)).toEqual([]);
  });

  it("stays unconfirmed when a value was seen in two, and never at the control", () => {
    expect(stateOf(2, blue)).toContainEqual(["json.value", "unconfirmed"]);
  });

  it("stays unconfirmed when it is an error that data do not explain", () => {
    expect(stateOf(1, failed("truncated"))).toEqual([["transport.truncated", "unconfirmed"]]);
  });

  it("stays unconfirmed when the candidate keeps showing it and the control never does", () => {
    expect(stateOf(12, failed("truncated"))).toEqual([["transport.truncated", "unconfirmed"]]);
  });
});
