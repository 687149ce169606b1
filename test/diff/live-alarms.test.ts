import { describe, expect, it } from "vitest";
import { unitEvidence } from "../../diff/evidence.ts";
import { LiveAlarms } from "../../diff/live-alarms.ts";
import { LiveComparison } from "../../diff/live-comparison.ts";
import { seededRandom } from "../../model/random.ts";
import { answered, observationOf } from "./fabricate.ts";

/** After how many lanes that all agree the alarm of a signature is raised. */
function lanesToAlarm(alarms: LiveAlarms, name: string): number {
  for (let lane = 1; lane < 1_000; lane++) if (alarms.discordant(name, `lane ${lane}`, "candidate") !== null) return lane;
  return Number.POSITIVE_INFINITY;
}

describe("LiveAlarms", () => {
  it("raises one alarm a signature, at E ≥ 1/α_j, the revealing lane left out", () => {
    const alarms = new LiveAlarms();
    // 1/α_1 = 164.5 lies between E of nine and of ten agreeing lanes.
    expect(Math.exp(unitEvidence(Array<number>(9).fill(1)))).toBeLessThan(164.5);
    expect(Math.exp(unitEvidence(Array<number>(10).fill(1)))).toBeGreaterThan(164.5);
    expect(lanesToAlarm(alarms, "first")).toBe(11);
    expect(alarms.discordant("first", "another lane", "candidate")).toBeNull();
  });

  it("asks for more of each later signature", () => {
    const alarms = new LiveAlarms();
    const needed = Array.from({ length: 30 }, (_, j) => lanesToAlarm(alarms, `signature ${j}`));
    expect(needed).toEqual(needed.toSorted((a, b) => a - b));
    expect(needed[29]).toBeGreaterThan((needed[0] ?? 0) + 5);
  });

  it("counts a lane once, however often it repeats itself", () => {
    const alarms = new LiveAlarms();
    const raised = Array.from({ length: 500 }, (_, i) => alarms.discordant("sticky", `lane ${i % 8}`, "candidate"));
    expect(raised.every((logE) => logE === null)).toBe(true);
  });

  it("is raised in at most one of a hundred runs of equal builds, looked at after every exchange", () => {
    const random = seededRandom(12);
    const runs = 1_000;
    let raised = 0;
    for (let run = 0; run < runs; run++) {
      const alarms = new LiveAlarms();
      let any = false;
      for (let lane = 0; lane < 60; lane++) {
        for (const name of ["a", "b", "c", "d", "e"]) {
          if (alarms.discordant(name, `${lane}`, random.next() < 0.5 ? "candidate" : "control") !== null) any = true;
        }
      }
      if (any) raised++;
    }
    expect(raised / runs).toBeLessThanOrEqual(0.01);
  });
});

describe("LiveComparison", () => {
  it("raises the alarm of what only the candidate shows, once, with its signature", () => {
    const live = new LiveComparison({ maxProbes: 0 });
    const [same, other] = [answered({ colour: "red" }), answered({ colour: "blue" })];
    const alarms = Array.from({ length: 40 }, (_, i) =>
      live.observe(observationOf({ id: `${i}`, lane: `lane ${i}`, primary: same, candidate: other, control: i % 10 === 9 ? other : same })),
    ).flatMap((result) => result.alarms ?? []);
    expect(alarms).toMatchObject([{ signature: { endpoint: "GET /things", location: "body", path: "/colour", kind: "json.value" } }]);
    expect(alarms[0]?.e).toBeGreaterThan(164);
  });
});
