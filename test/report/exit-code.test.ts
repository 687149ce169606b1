import { expect, it } from "vitest";
import { exitCodeOf } from "../../report/exit-code.ts";
import { emptyReport, passingReport, richReport } from "./fixture.ts";

it("exits 0 for a pass, 1 for a failed gate, 3 for an inconclusive run", () => {
  expect([passingReport, richReport, emptyReport].map(exitCodeOf)).toEqual([0, 1, 3]);
});
