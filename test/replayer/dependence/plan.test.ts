import { describe, expect, it } from "vitest";
import { epochMs, milliseconds } from "../../../model/units.ts";
import { apart, densePlan, type Plan, recordedPlan, repeated, retimed, serialPlan } from "../../../replayer/dependence/plan.ts";
import { mixed } from "./traffic.ts";

/** Ids and when each is sent within its group. */
function shape(plan: Plan): string[][] {
  return plan.map((group) => group.map(({ exchange, due }) => `${exchange.id} ${Math.round(due)}`));
}

const [first, second, third] = mixed(3, 1).filter(({ request }) => request.method === "POST");
if (first === undefined || second === undefined || third === undefined) throw new Error("there are three");

describe("a plan", () => {
  it("is one group a request when serial", () => {
    expect(shape(serialPlan([first, second]))).toEqual([[`${first.id} 0`], [`${second.id} 0`]]);
  });

  it("as recorded lets overlap what did, and leaves out the time between", () => {
    const later = { ...third, at: epochMs(third.at + 10_000) };
    const plan = recordedPlan([first, second, later]);
    expect(shape(plan)).toEqual([[`${first.id} 0`, `${second.id} ${Math.round(second.at - first.at)}`], [`${later.id} 0`]]);
  });

  it("that is dense sends one after the other without waiting", () => {
    expect(shape(densePlan([first, second]))).toEqual([[`${first.id} 0`, `${second.id} 1`]]);
  });

  it("with times of its own overlaps within groups and not between them, also as a recording", () => {
    const plan = retimed([[first, second], [third]], milliseconds(7));
    expect(shape(plan)).toEqual([[`${first.id} 0`, `${second.id} 7`], [`${third.id} 0`]]);
    const [a, b, c] = apart(plan).flatMap((group) => group.map(({ exchange }) => exchange));
    if (a === undefined || b === undefined || c === undefined) throw new Error("there are three");
    expect(b.at - a.at).toBeCloseTo(7);
    expect(a.at + a.outcome.tookMs).toBeGreaterThan(b.at);
    expect(c.at).toBeGreaterThan(Math.max(a.at + a.outcome.tookMs, b.at + b.outcome.tookMs));
    expect(shape(recordedPlan([a, b, c]))).toEqual(shape(plan));
  });

  it("repeated has other ids and lanes in every copy, and the recorded ones in the last", () => {
    const plan = repeated(serialPlan([first, second]), 3).flat();
    expect(new Set(plan.map(({ exchange }) => exchange.id)).size).toBe(6);
    expect(new Set(plan.map(({ exchange }) => exchange.lane)).size).toBe(6);
    expect(plan.slice(-2).map(({ exchange }) => exchange)).toEqual([first, second]);
  });
});
