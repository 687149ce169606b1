/** Ids that only the candidate has others of: a difference; ids that every copy makes anew: none. */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

interface Said {
  readonly primary: unknown;
  readonly control: unknown;
  readonly candidate: unknown;
}

const uuid = (maker: number, index: number) => `${String(maker).padStart(8, "0")}-0000-4000-8000-${String(index).padStart(12, "0")}`;

function run(said: (index: number) => Said, method: (index: number) => string = () => "GET") {
  const cases = Array.from({ length: 400 }, (_, index): Case => {
    const { primary, control, candidate } = said(index);
    const [lane, target] = [`lane ${index % 40}`, `/things/${index}`];
    return {
      id: `x${index}`,
      lane,
      method: method(index),
      target,
      primary: answered(primary),
      control: answered(control),
      candidate: answered(candidate),
    };
  });
  const report = judgeCases(cases);
  return { verdict: report.verdict, found: realFindings(report).map(({ path, kind, state }) => [path, kind, state]) };
}

describe("an id", () => {
  it("that every copy makes anew is no difference", () => {
    const { verdict, found } = run((index) => ({
      primary: { id: uuid(1, index) },
      control: { id: uuid(2, index) },
      candidate: { id: uuid(3, index) },
    }));
    expect([verdict, found]).toEqual(["pass", []]);
  });

  it.each([
    ["a UUID", uuid(1, 7), uuid(9, 7)],
    ["a name", "starter-plan", "enterprise-plan"],
    ["a hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "2c26b46b68ffc68ff99b453c1d30413413422d70"],
  ])("that is %s and another one at the candidate alone is a difference, in all answers or some", (_, kept, other) => {
    for (const share of [1, 3]) {
      const { verdict, found } = run((index) => ({
        primary: { planId: kept },
        control: { planId: kept },
        candidate: { planId: index % share === 0 ? other : kept },
      }));
      // Where a lane has met the kept one before, another one breaks a reference.
      expect([verdict, found]).toEqual(["fail", [["/planId", share === 1 ? "json.value" : "json.reference", "new"]]]);
    }
  });

  it("that the control alone has another one of is noise", () => {
    const { verdict, found } = run((index) => ({
      primary: { planId: "starter-plan" },
      control: { planId: index % 2 === 0 ? "enterprise-plan" : "starter-plan" },
      candidate: { planId: "starter-plan" },
    }));
    expect([verdict, found]).toEqual(["pass", []]);
  });

  it("that is counted is a difference while nobody writes, since all copies have the same data", () => {
    const said = () => ({ primary: { id: 7005 }, control: { id: 7005 }, candidate: { id: 7006 } });
    expect(run(said).found).toEqual([["/id", "json.value", "new"]]);
    expect(run(said, (index) => (index % 10 === 0 ? "POST" : "GET")).found).toEqual([]);
  });

  it("that was made in the run by a write is none, though copies make it by their order", () => {
    const hash = (index: number) => createHash("sha1").update(`order ${index}`).digest("hex");
    // Lane by lane: one write, then nine reads of what it made; the candidate took two of the writes in another order.
    const swapped = (lane: number) => (lane === 3 ? 4 : lane === 4 ? 3 : lane);
    const cases = Array.from({ length: 400 }, (_, index): Case => {
      const lane = Math.floor(index / 10);
      const made = answered({ id: hash(lane) }, index % 10 === 0 ? 201 : 200);
      const candidate = answered({ id: hash(swapped(lane)) }, index % 10 === 0 ? 201 : 200);
      const method = index % 10 === 0 ? "POST" : "GET";
      return { id: `x${index}`, lane: `lane ${lane}`, method, target: "/basket", primary: made, control: made, candidate };
    });
    const report = judgeCases(cases);
    expect([report.verdict, realFindings(report)]).toEqual(["pass", []]);
  });
});
