import { describe, expect, it } from "vitest";
import type { BlindSpot } from "../../model/report.ts";
import { outlineOf } from "../../report/outline.ts";
import { judgeCases } from "../diff/fabricate.ts";

const spots: readonly BlindSpot[] = [
  { endpoint: "GET /a", kind: "low-fidelity", path: null, text: "the control gave the primary's status in 10.0 % of the exchanges" },
  { endpoint: "GET /b", kind: "masked-values", path: "/token", text: "its values are noise" },
  { endpoint: "POST /c", kind: "not-compared", path: null, text: "none of 3 exchanges could be compared" },
];

describe("the blind spots of a report", () => {
  it("are told to people, each kind in a sentence", () => {
    const sentences = outlineOf({ ...judgeCases([]), blindSpots: spots }).blindSpots;
    expect(sentences).toContain("Nothing compared at POST /c");
    expect(sentences).toContain("GET /a: the control gave the primary's status in 10.0 % of the exchanges");
    expect(sentences).toContain("Values that the control itself changes: /token of GET /b");
  });

  it("are none in a report of an earlier version, which lacks the field", () => {
    const { blindSpots, ...earlier } = judgeCases([]);
    expect(blindSpots).toEqual([]);
    expect(outlineOf(earlier).blindSpots).toEqual([]);
  });
});
