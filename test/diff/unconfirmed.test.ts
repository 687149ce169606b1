/** What is shown although the evidence is too little for a finding, and what that does to the verdict. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import type { RunEntry } from "../../model/observation.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { answered, type Case, caseEntry, judge, judgeCases, probeEntry, realFindings } from "./fabricate.ts";

const lanes = 40;
const plain = answered({ name: "lamp", colour: "red" });

function run(requests: number, candidateOf: (index: number) => Outcome, controlOf: (index: number) => Outcome, failOn?: "low"): Report {
  const entries: RunEntry[] = Array.from({ length: requests }, (_, index) =>
    caseEntry({
      id: `x${index}`,
      lane: `lane ${index % lanes}`,
      target: `/items/${index}`,
      primary: plain,
      candidate: candidateOf(index),
      control: controlOf(index),
    }),
  );
  return judge(entries, failOn === undefined ? {} : { failOn });
}

describe("an addition that was seen in few sessions", () => {
  const added = answered({ name: "lamp", colour: "red", size: 3 });
  const seldom = (failOn?: "low") =>
    run(
      400,
      (index) => (index < 3 ? added : plain),
      () => plain,
      failOn,
    );

  it("is shown as unconfirmed and leaves the run a pass", () => {
    expect(realFindings(seldom()).map(({ kind, state, severity }) => [kind, state, severity])).toEqual([
      ["json.extra", "unconfirmed", "low"],
    ]);
    expect(seldom().verdict).toBe("pass");
  });

  it("makes the run inconclusive when low severities count", () => {
    expect(seldom("low").verdict).toBe("inconclusive");
  });
});

describe("a difference that the control shows at times, too", () => {
  const blue = answered({ name: "lamp", colour: "blue" });
  /** @param share of the candidate's answers that are blue; the control's are at 2 % */
  const noisy = (share: number): readonly (readonly string[])[] => {
    const random = seededRandom(3);
    const either = (rate: number) => (random.next() < rate ? blue : plain);
    const report = run(
      400,
      () => either(share),
      () => either(0.02),
    );
    return realFindings(report).map(({ path, state }) => [path, state]);
  };

  it("is a finding where the evidence is overwhelming", () => {
    expect(noisy(0.5)).toEqual([["/colour", "new"]]);
  });

  it("is unconfirmed where it is strong", () => {
    expect(noisy(0.085)).toEqual([["/colour", "unconfirmed"]]);
  });

  it("is noise where it is weak", () => {
    expect(noisy(0.04)).toEqual([]);
  });
});

describe("an endpoint that fails at most requests of a small run, and at one of the control's", () => {
  const payments = (failures: number): Report =>
    judgeCases(
      Array.from({ length: 11 }, (_, index): Case => {
        const paid = answered({ paid: true });
        const broken = answered({ error: "no" }, 500);
        return {
          id: `p${index}`,
          lane: `lane ${index % 3}`,
          method: "POST",
          target: "/pay",
          body: { order: index },
          primary: paid,
          control: index === 10 ? broken : paid,
          candidate: index < failures ? broken : paid,
        };
      }),
    );

  it("is no pass", () => {
    const report = payments(8);
    expect(report.verdict).toBe("inconclusive");
    expect(realFindings(report)).toMatchObject([{ state: "unconfirmed", kind: "status.class", transition: "200→500", count: 8 }]);
  });

  it("passes when it fails seldom, as the control does", () => {
    expect(payments(3).verdict).toBe("pass");
  });
});

describe("one address that every user asks, broken for nearly all, while the control has one blip", () => {
  const whole = answered({ name: "Jo", email: "jo" });
  const meOf = (users: number, broken: Outcome): Case[] =>
    Array.from({ length: users * 4 }, (_, index) => ({
      id: `m${index}`,
      lane: `lane ${index % users}`,
      target: "/me",
      primary: whole,
      control: index === 13 ? broken : whole,
      candidate: index % 10 === 0 ? whole : broken,
    }));
  const down = answered({ error: "boom" }, 500);

  it("is a finding where it fails: users are many, though the address is one", () => {
    const report = judgeCases(meOf(40, down));
    expect(report.verdict).toBe("fail");
    expect(realFindings(report)).toMatchObject([{ transition: "200→500", state: "new" }]);
  });

  it("is one in a small run once a probe has separated it, and no pass before", () => {
    const cases = meOf(10, down);
    expect(judgeCases(cases).verdict).toBe("inconclusive");
    const repeated = (outcome: Outcome): Outcome[] => Array.from({ length: 9 }, () => outcome);
    const probe = probeEntry({ exchangeId: "m1", control: repeated(whole), candidate: repeated(down), freshState: false });
    expect(judge([...cases.map(caseEntry), probe]).verdict).toBe("fail");
  });

  it("is no pass where a field is lost", () => {
    expect(judgeCases(meOf(40, answered({ name: "Jo" }))).verdict).toBe("inconclusive");
  });
});
