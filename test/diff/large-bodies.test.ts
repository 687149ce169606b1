/** Runs of answers that are too large to be read whole, with noise at the top of each. */

import { expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { outlineOf } from "../../report/outline.ts";
import { answered, judgeCases, realFindings } from "./fabricate.ts";

const numbers = Array.from({ length: 200_001 }, (_, n) => n % 7);

function report(
  candidate: readonly unknown[] | ((request: number) => readonly unknown[]),
  stamped = (at: string): object => ({ at, numbers }),
): Report {
  return judgeCases(
    Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      lane: `lane ${i % 4}`,
      target: `/exports/${1000 + i}`,
      primary: answered(stamped(`run ${i} a`)),
      control: answered(stamped(`run ${i} b`)),
      candidate: answered({ ...stamped(`run ${i} c`), numbers: typeof candidate === "function" ? candidate(i) : candidate }),
    })),
  );
}

it("a list that is cut short is a finding", { timeout: 60_000 }, () => {
  const judged = report(numbers.slice(0, 100));
  expect(judged.verdict).toBe("fail");
  expect(realFindings(judged)).toMatchObject([{ kind: "body.opaque", transition: "over-limit→parsed", state: "new" }]);
});

it("values that are gone are a finding", { timeout: 60_000 }, () => {
  const judged = report(numbers.map(() => null));
  expect(judged.verdict).toBe("fail");
  expect(realFindings(judged)[0]).toMatchObject({ path: "/numbers/*", transition: "number→null", state: "new" });
});

it("noise behind the bound is untested, and said to be", { timeout: 60_000 }, () => {
  const judged = report(numbers, (at) => ({ numbers, more: [1, 2, 3], at }));
  expect(judged.verdict).toBe("pass");
  expect(judged.coverage.untested).toBeGreaterThan(0);
  expect(judged.blindSpots).toMatchObject([{ endpoint: "GET /exports/{id}", kind: "too-large" }]);
  expect(outlineOf(judged).blindSpots.join("\n")).toContain("GET /exports/{id}: too large to be read whole: 12 answers");
});

it("noise behind the bound does not take what happened once before it", { timeout: 60_000 }, () => {
  const judged = report(
    (request) => (request === 5 ? [null, ...numbers.slice(1)] : numbers),
    (at) => ({ numbers, at }),
  );
  expect(judged.findings).toContainEqual(expect.objectContaining({ path: "/numbers/*", transition: "number→null", state: "unconfirmed" }));
});
