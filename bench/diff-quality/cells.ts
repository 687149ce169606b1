/** Plants every fault at every rate into services of every noise level, and scores all arms on the same runs. */

import { judge } from "../../test/diff/fabricate.ts";
import { diffy } from "./arms/diffy.ts";
import { reportedBy } from "./arms/penumbra.ts";
import { plain } from "./arms/plain.ts";
import type { Fault } from "./faults.ts";
import type { Reported } from "./reported.ts";
import { type SimulatedRun, simulateRun } from "./runs.ts";
import { type Cell, type FaultRate, type RunSize, scenarioOf } from "./scenario.ts";
import { count, emptyScore, keysOf, type Score } from "./scoring.ts";
import type { Service } from "./service.ts";

export const armNames = ["Penumbra", "Diffy's rule", "ignore list"] as const;
export type ArmName = (typeof armNames)[number];
export type ByArm<T> = Readonly<Record<ArmName, T>>;

export const faultRates: readonly FaultRate[] = ["once", 0.002, 0.02, 1];
export const noiseLevels: readonly number[] = [0, 0.05, 0.4];

export interface MeasuredCell extends Cell {
  readonly scores: ByArm<Score>;
  /** What made the fault show, of each run. */
  readonly triggers: readonly string[];
}

export interface CellPlan {
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** Runs of each cell. */
  readonly seeds: number;
  readonly size: RunSize;
}

export function measureCells({ faults, seed, seeds, size }: CellPlan): MeasuredCell[] {
  const twins = new Map<string, ByArm<ReadonlySet<string>>>();
  const measured: MeasuredCell[] = [];
  for (const [position, fault] of faults.entries()) {
    for (const noise of noiseLevels) {
      for (const rate of faultRates) {
        const scores = byArm(emptyScore);
        const triggers: string[] = [];
        for (let run = 0; run < seeds; run++) {
          const scenario = scenarioOf({ fault, rate, noise }, seed + run, position + run, size);
          triggers.push(scenario.condition?.name ?? scenario.trigger);
          const twin = twins.get(scenario.twin) ?? keysByArm(simulateRun(equal(scenario.service), scenario.scenes));
          twins.set(scenario.twin, twin);
          const reported = reportedByArm(simulateRun(scenario.service, scenario.scenes));
          for (const arm of armNames) {
            count(scores[arm], reported[arm], twin[arm], { fault, words: scenario.condition?.words ?? null });
          }
        }
        measured.push({ fault, rate, noise, scores, triggers });
      }
    }
  }
  return measured;
}

function equal(service: Service): Service {
  return { ...service, fault: null };
}

export function reportedByArm({ log, exchanges }: SimulatedRun): ByArm<readonly Reported[]> {
  return { Penumbra: reportedBy(judge(log)), "Diffy's rule": diffy(exchanges), "ignore list": plain(exchanges) };
}

function keysByArm(run: SimulatedRun): ByArm<ReadonlySet<string>> {
  const reported = reportedByArm(run);
  return byArm((arm) => keysOf(reported[arm]));
}

export function byArm<T>(make: (arm: ArmName) => T): ByArm<T> {
  return { Penumbra: make("Penumbra"), "Diffy's rule": make("Diffy's rule"), "ignore list": make("ignore list") };
}
