import { describe, expect, it } from "vitest";
import { LaneUnits } from "../../diff/lane-units.ts";
import type { Observation } from "../../model/observation.ts";
import { answered, judge, observationOf } from "./fabricate.ts";

const made = (id: number): Observation =>
  observationOf({
    id: `post ${id}`,
    lane: `writer ${id}`,
    method: "POST",
    target: "/orders",
    primary: answered({ id }, 201),
    candidate: answered({ id: id + 5000 }, 201),
    control: answered({ id: id + 7000 }, 201),
  });

/** Reads the order; `isRewritten` = as the candidate names it. */
function read(id: number, lane: string, isRewritten: boolean): Observation {
  const answer = answered({ state: "open" });
  const plain = observationOf({
    id: `get ${id} ${lane}`,
    lane,
    target: `/orders/${id}`,
    primary: answer,
    candidate: answered({ state: "shut" }),
  });
  return isRewritten && plain.candidate !== null
    ? { ...plain, candidate: { ...plain.candidate, sentTarget: `/orders/${id + 5000}` } }
    : plain;
}

describe("LaneUnits", () => {
  it("joins the lane that made a value and the lanes whose requests were rewritten with it", () => {
    const units = new LaneUnits();
    units.observe(made(15), 3);
    units.observe(made(16), 4);
    units.observe(read(15, "b", true), 7);
    units.observe(read(15, "c", true), 9);
    expect([3, 4, 7, 9, 11].map((lane) => units.unitOf(lane))).toEqual([3, 4, 3, 3, 11]);
    units.observe(read(16, "c", true), 9);
    expect([3, 4, 7, 9].map((lane) => units.unitOf(lane))).toEqual([3, 3, 3, 3]);
  });

  it("leaves lanes apart that read the same thing under its recorded name", () => {
    const units = new LaneUnits();
    units.observe(made(15), 3);
    units.observe(read(15, "b", false), 7);
    expect(units.unitOf(7)).toBe(7);
  });

  it("makes the lanes of one unit count once in the evidence of a run", () => {
    const lanes = Array.from({ length: 30 }, (_, i) => i);
    const entries = (isShared: boolean) =>
      [...lanes.map((i) => made(100 + i)), ...lanes.map((i) => read(isShared ? 100 : 100 + i, `reader ${i}`, true))].map((observation) => ({
        kind: "observation" as const,
        observation,
      }));
    const evidenceOf = (isShared: boolean): number | null | undefined =>
      judge(entries(isShared)).findings.find(({ path }) => path === "/state")?.evidence.e;
    expect(evidenceOf(false)).toBeGreaterThan(8_000);
    expect(evidenceOf(true)).toBeLessThan(2);
  });
});
