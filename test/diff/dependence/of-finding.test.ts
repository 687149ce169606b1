import { describe, expect, it } from "vitest";
import type { FindingDependence } from "../../../model/dependence.ts";
import type { Finding } from "../../../model/report.ts";
import { answered, caseEntry, judge, realFindings } from "../fabricate.ts";

/** A difference that was seen once, in a request that cannot be sent again: no replay can be sure of it. */
const once = Array.from({ length: 30 }, (_, index) =>
  caseEntry({
    ...{ id: `x${index}`, lane: `lane ${index}`, method: "POST", target: "/transfers" },
    ...{ primary: answered({ sum: 100 }), candidate: answered({ sum: index === 0 ? 99 : 100 }) },
  }),
);

function judged(changes?: Partial<FindingDependence>): Finding {
  const [before] = judge(once).findings;
  const dependence: FindingDependence = {
    ...{ finding: before?.id ?? "", class: "concurrency", shown: 10, runs: 10, control: 0, requests: [], minimal: true },
    ...{ within: null, sends: 40, recording: null, curl: [] },
    ...changes,
  };
  const report = judge(changes === undefined ? once : [...once, { kind: "dependence", dependence }]);
  const [finding] = realFindings(report);
  if (finding === undefined) throw new Error("there is one");
  return finding;
}

describe("a finding that experiments were made about", () => {
  it("has the class that they found, and is confirmed by a reproduction that never fails", () => {
    expect(judged()).toMatchObject({ state: "unconfirmed", class: "unclassified" });
    expect(judged()).not.toHaveProperty("dependence");
    expect(judged({})).toMatchObject({ state: "new", class: "concurrency", dependence: { shown: 10, runs: 10 } });
    expect(judged({ class: "sequence", shown: 8, runs: 8 })).toMatchObject({ state: "new", class: "sequence" });
  });

  it("is not confirmed by a reproduction that shows it now and then, or that the control shows as well", () => {
    expect(judged({ shown: 6, runs: 10 })).toMatchObject({ state: "unconfirmed", class: "concurrency" });
    expect(judged({ shown: 10, runs: 20, control: 5 })).toMatchObject({ state: "unconfirmed" });
  });

  it("is what it was where no experiment showed it", () => {
    expect(judged({ class: "unclassified", shown: 0, runs: 40 })).toMatchObject({
      ...{ state: "unconfirmed", class: "unclassified" },
      dependence: { shown: 0, runs: 40 },
    });
  });

  it("does not take what belongs to another finding", () => {
    expect(judged({ finding: "000000000000" })).not.toHaveProperty("dependence");
  });
});
