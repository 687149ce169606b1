import { describe, expect, it } from "vitest";
import type { BlindSpot, Report } from "../../model/report.ts";
import { jsonReporter } from "../../report/json.ts";
import { outlineOf } from "../../report/outline.ts";
import { reportSchema } from "../../report/schema.ts";
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

  it("have the given endpoints that no request met, and a hint where none was", () => {
    const given = (met: number, unmet: readonly string[]): Report => ({ ...judgeCases([]), givenEndpoints: { given: 200, met, unmet } });
    const names = ["GET /a", "GET /b\u0007", "GET /c", "GET /d", "GET /e", "GET /f"];
    expect(outlineOf(given(194, names)).blindSpots).toContain(
      "6 of the 200 given endpoints were met by no request: GET /a, GET /b\\u0007, GET /c, GET /d, GET /e and 1 more endpoint",
    );
    expect(outlineOf(given(0, names)).blindSpots).toContain(
      "200 of the 200 given endpoints were met by no request: GET /a, GET /b\\u0007, GET /c, GET /d, GET /e and 195 more endpoints; do their paths begin as those of the requests do?",
    );
    expect(outlineOf(given(200, [])).blindSpots.join()).not.toContain("given");
    const stored = reportSchema.parse(
      JSON.parse(jsonReporter(given(194, names), { samples: [], runDirectory: "run", failOn: "medium" }).output),
    );
    expect(stored.givenEndpoints).toEqual({ given: 200, met: 194, unmet: names });
  });

  it("are none in a report of an earlier version, which lacks the field", () => {
    const { blindSpots, ...earlier } = judgeCases([]);
    expect(blindSpots).toEqual([]);
    expect(outlineOf(earlier).blindSpots).toEqual([]);
  });
});
