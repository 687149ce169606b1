/** Which changes of status count as the same difference, and which take nothing from each other. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

const fine = answered({ name: "lamp" });
const status = (code: number): Outcome => answered({ error: "no" }, code);

/** @param outcomes of candidate and control at the n-th request */
function run(requests: number, lanes: number, outcomes: (index: number) => { candidate?: Outcome; control?: Outcome }) {
  const cases = Array.from({ length: requests }, (_, index): Case => {
    const { candidate = fine, control = fine } = outcomes(index);
    return { id: `x${index}`, lane: `lane ${index % lanes}`, target: `/items/${index}`, primary: fine, candidate, control };
  });
  const report = judgeCases(cases);
  return { verdict: report.verdict, found: realFindings(report).map(({ transition, state }) => [transition, state]) };
}

describe("changes of status", () => {
  it("do not cancel one another where control and candidate fail in different ways", () => {
    const fails = (index: number) => index % 11 === 5;
    const { verdict, found } = run(600, 40, (index) => (fails(index) ? { candidate: status(500), control: status(404) } : {}));
    expect(found).toContainEqual(["200→500", "new"]);
    expect(verdict).toBe("fail");
  });

  it("of two kinds at one endpoint are two findings", () => {
    const codes = [404, 500, 200, 200];
    const { found } = run(400, 40, (index) => {
      const code = codes[(index + Math.floor(index / 40)) % codes.length] ?? 200;
      return code === 200 ? {} : { candidate: status(code) };
    });
    expect(found.map(([transition]) => transition)).toEqual(["200→500", "200→404"]);
  });

  it("are not passed over for a control that failed once", () => {
    const { verdict, found } = run(1_200, 40, (index) => {
      if (index % 33 === 7) return { candidate: status(500) };
      return index === 600 ? { control: status(500) } : {};
    });
    expect(found).toEqual([["200→500", "new"]]);
    expect(verdict).toBe("fail");
  });

  it("stay unconfirmed where the control fails as well, if surely less often", () => {
    const { verdict, found } = run(400, 40, (index) => {
      if (index % 40 < 13 && index < 40) return { candidate: status(500) };
      return index === 100 ? { control: status(500) } : {};
    });
    expect(found).toEqual([["200→500", "unconfirmed"]]);
    expect(verdict).toBe("inconclusive");
  });

  it("tell a candidate that fails more often than production does from one that fails as often", () => {
    const failing = (often: (index: number) => boolean) => {
      const cases = Array.from({ length: 1_200 }, (_, index): Case => {
        const primary = index % 13 === 4 ? status(500) : fine;
        const candidate = often(index) ? status(500) : fine;
        return { id: `x${index}`, lane: `lane ${index % 40}`, target: `/items/${index}`, primary, candidate, control: fine };
      });
      return judgeCases(cases).verdict;
    };
    expect(failing((index) => index % 13 === 4 || index % 13 === 9)).toBe("fail");
    expect(failing((index) => index % 400 === 9)).toBe("pass");
  });
});
