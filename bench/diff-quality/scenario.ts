/** One cell's run: which requests meet the fault, how noisy the service is, and its twin in which the candidate is equal. */

import type { Condition } from "./conditions.ts";
import { conditions } from "./conditions.ts";
import type { Fault } from "./faults.ts";
import { ambientNoise, type Noise, stickinesses } from "./noise.ts";
import { choose, roll } from "./rolls.ts";
import type { Service } from "./service.ts";
import { type Scene, trafficOf } from "./traffic.ts";

/** Share of the endpoint's requests that meet the fault; "once" = a single one. */
export type FaultRate = "once" | number;
/** What decides whether a request meets it. */
type Trigger = "always" | "record" | "condition" | "chance";

export interface Cell {
  readonly fault: Fault;
  readonly rate: FaultRate;
  /** Share of answers that are noisy, at each noisy place. */
  readonly noise: number;
}

export interface Scenario {
  readonly scenes: readonly Scene[];
  readonly service: Service;
  readonly trigger: Trigger;
  readonly condition: Condition | null;
  /** Equal for scenarios with the same twin. */
  readonly twin: string;
}

export interface RunSize {
  readonly lanes: number;
  readonly requestsPerLane: number;
}

/** Rates at which a request's condition may be recognised; two of a thousand requests are no pattern. */
const leastRateOfCondition = 0.01;
const rareTriggers: readonly Trigger[] = ["record", "chance"];
const usualTriggers: readonly Trigger[] = ["condition", "record", "condition", "chance"];

/** @param turn makes triggers and conditions take turns over cells and seeds */
export function scenarioOf(cell: Cell, seed: number, turn: number, size: RunSize): Scenario {
  const { fault, rate, noise } = cell;
  const trigger = triggerOf(rate, turn);
  const condition = trigger === "condition" ? (conditions[(turn >> 1) % conditions.length] ?? null) : null;
  const scenes = trafficOf({ seed, ...size, family: fault.family, condition, specialShare: rate === "once" ? 0 : rate });
  const service: Service = {
    seed,
    family: fault.family,
    noise: noise === 0 ? [] : [...ambientNoise(fault.family, seed, () => noise), ...ownNoise(fault, seed, noise)],
    bystanderNoise: noise === 0 ? [] : ambientNoise("json", seed + 1, () => noise),
    fault: fault.change,
    meetsFault: meetsFault(trigger, rate, scenes, seed),
  };
  const twin = JSON.stringify([seed, fault.family, noise, noise === 0 || fault.noise === null ? "" : fault.kind, condition?.name]);
  return { scenes, service, trigger, condition, twin };
}

function triggerOf(rate: FaultRate, turn: number): Trigger {
  if (rate === "once") return "record";
  if (rate === 1) return "always";
  const triggers = rate < leastRateOfCondition ? rareTriggers : usualTriggers;
  return triggers[turn % triggers.length] ?? "record";
}

function ownNoise(fault: Fault, seed: number, rate: number): Noise[] {
  if (fault.noise === null) return [];
  const stickiness = stickinesses[roll(seed, "own noise", fault.kind).below(stickinesses.length)] ?? "independent";
  return [{ name: `own ${fault.kind}`, rate, stickiness, change: fault.noise }];
}

function meetsFault(trigger: Trigger, rate: FaultRate, scenes: readonly Scene[], seed: number): Service["meetsFault"] {
  const main = scenes.filter(({ endpoint }) => endpoint === "main");
  const wanted = rate === "once" ? 1 : Math.max(1, Math.round(rate * main.length));
  switch (trigger) {
    case "always":
      return () => true;
    case "condition":
      return ({ isSpecial }) => isSpecial;
    case "record": {
      const targets = targetsFor(main, wanted, rate === "once", seed);
      return ({ request }) => targets.has(request.target);
    }
    case "chance": {
      const hit = new Set(choose(main, wanted, roll(seed, "hit")).map(({ index }) => index));
      const share = wanted / main.length;
      return ({ index }, attempt) => (attempt === 0 ? hit.has(index) : roll(seed, "again", index, attempt).next() < share);
    }
    default:
      return trigger satisfies never;
  }
}

/** Targets that are asked for `wanted` times in all. */
function targetsFor(main: readonly Scene[], wanted: number, onlyUnique: boolean, seed: number): ReadonlySet<string> {
  const byTarget = Map.groupBy(main, ({ request }) => request.target);
  const chosen = new Set<string>();
  let count = 0;
  for (const target of choose([...byTarget.keys()], byTarget.size, roll(seed, "records"))) {
    const asked = byTarget.get(target)?.length ?? 0;
    if (count >= wanted) break;
    if (count + asked > wanted || (onlyUnique && asked > 1)) continue;
    chosen.add(target);
    count += asked;
  }
  return chosen;
}
