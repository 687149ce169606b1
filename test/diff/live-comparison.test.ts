import { describe, expect, it } from "vitest";
import { LiveComparison, type LiveResult } from "../../diff/live-comparison.ts";
import { answered, type Case, failed, observationOf } from "./fabricate.ts";

const same = answered({ colour: "red" });
const other = answered({ colour: "blue" });

function observed(cases: readonly Partial<Case>[], maxProbes: number = 100): LiveResult[] {
  const live = new LiveComparison({ maxProbes });
  return cases.map((one, index) => live.observe(observationOf({ id: `${index}`, primary: same, candidate: other, ...one })));
}

describe("LiveComparison", () => {
  it("asks to probe a new difference three times at most", () => {
    expect(observed(Array.from({ length: 5 }, () => ({}))).map(({ probe }) => probe)).toEqual([true, true, true, false, false]);
  });

  it("stops asking once the control shows the difference too", () => {
    expect(observed([{ control: other, candidate: same }, {}])).toEqual([
      { endpoint: "GET /things", differs: false, noisy: true, probe: false },
      { endpoint: "GET /things", differs: true, noisy: false, probe: false },
    ]);
  });

  it("never probes unsafe requests, after a gap, or over its budget", () => {
    expect(observed([{ method: "POST" }, { afterGap: true }, {}, { target: "/elsewhere" }], 1).map(({ probe }) => probe)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("says nothing about what cannot be compared", () => {
    const nothing = { differs: false, noisy: false, probe: false };
    expect(
      observed([
        { candidate: null },
        { primary: failed("aborted") },
        { control: failed("reset") },
        { candidate: failed("skipped", "stale") },
      ]),
    ).toEqual([nothing, nothing, nothing, nothing]);
  });

  it("works without a control", () => {
    expect(observed([{ control: null }])).toEqual([{ endpoint: "GET /things", differs: true, noisy: false, probe: true }]);
  });
});
