/** A service simulated in three copies whose fields are noisy in ways that real ones are: afresh at every
 * answer, for a whole session (an experiment arm, a cached value), or for one record in one copy's data. */

import { LiveComparison } from "../../diff/live-comparison.ts";
import type { Outcome } from "../../model/exchange.ts";
import { probeTimes, type RunEntry } from "../../model/observation.ts";
import { type Random, seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { answered, judge, observationOf, probeEntry } from "./fabricate.ts";

export type Stickiness = "independent" | "lane" | "entity";
/** What noise does to a field. */
export type NoiseForm = "value" | "missing" | "length" | "type";

export interface NoisyField {
  readonly name: string;
  readonly rate: number;
  readonly stickiness: Stickiness;
  readonly form: NoiseForm;
}

export type Copy = "primary" | "control" | "candidate";

export interface Scene {
  readonly lane: number;
  /** The record that is asked for. */
  readonly entity: number;
  readonly target: string;
  readonly random: Random;
}

export interface Simulation {
  readonly seed: number;
  readonly lanes: number;
  readonly requestsPerLane: number;
  readonly fields: readonly NoisyField[];
  /** Distinct records of each endpoint. */
  readonly entities?: number;
  readonly targetOf?: (entity: number, random: Random) => string;
  /** What the candidate does to an answer besides. */
  readonly regression?: (answer: Record<string, unknown>, scene: Scene) => void;
  readonly withProbes?: boolean;
}

const usualEntities = 20;
const usualTargets = [
  (entity: number): string => `/items/${entity}`,
  (entity: number): string => `/shops/${entity}/offers?sort=price`,
  (entity: number): string => `/search?q=word${entity}`,
] as const;

/** The log of a simulated run. */
export function simulate(simulation: Simulation): RunEntry[] {
  const random = seededRandom(simulation.seed);
  const stuck = new Map<NoisyField, Record<Copy, Map<number | string, boolean>>>(
    simulation.fields.map((field) => [field, { primary: new Map(), control: new Map(), candidate: new Map() }]),
  );
  const isNoisy = (field: NoisyField, copy: Copy, scene: Scene): boolean => {
    if (field.stickiness === "independent") return random.next() < field.rate;
    const owner = field.stickiness === "lane" ? scene.lane : scene.target;
    const known = stuck.get(field)?.[copy].get(owner);
    if (known !== undefined) return known;
    const drawn = random.next() < field.rate;
    stuck.get(field)?.[copy].set(owner, drawn);
    return drawn;
  };
  // Few answers are distinct: each is encoded once.
  const outcomes = new Map<string, Outcome>();
  const answer = (copy: Copy, scene: Scene): Outcome => {
    const json: Record<string, unknown> = { name: `name of ${scene.target}` };
    for (const field of simulation.fields) write(json, field, isNoisy(field, copy, scene));
    if (copy === "candidate") simulation.regression?.(json, scene);
    const text = JSON.stringify(json);
    const outcome = outcomes.get(text) ?? answered(json);
    outcomes.set(text, outcome);
    return outcome;
  };
  const live = new LiveComparison({ maxProbes: 100 });
  const entries: RunEntry[] = [];
  for (let turn = 0; turn < simulation.requestsPerLane; turn++) {
    for (let lane = 0; lane < simulation.lanes; lane++) {
      const entity = random.below(simulation.entities ?? usualEntities);
      const target = simulation.targetOf?.(entity, random) ?? (usualTargets[random.below(usualTargets.length)] ?? usualTargets[0])(entity);
      const scene: Scene = { lane, entity, target, random };
      const id = `${lane}-${turn}`;
      const [primary, control, candidate] = [answer("primary", scene), answer("control", scene), answer("candidate", scene)];
      const observation = observationOf({ id, lane: `lane ${lane}`, target, primary, control, candidate });
      entries.push({ kind: "observation", observation });
      if (simulation.withProbes !== true || !live.observe(observation).probe) continue;
      const ask = (copy: Copy): Outcome[] => Array.from({ length: probeTimes }, () => answer(copy, scene));
      entries.push(probeEntry({ exchangeId: id, control: ask("control"), candidate: ask("candidate"), freshState: false }));
    }
  }
  return entries;
}

export function simulateReport(simulation: Simulation): Report {
  return judge(simulate(simulation));
}

function write(json: Record<string, unknown>, { name, form }: NoisyField, isNoisy: boolean): void {
  switch (form) {
    case "value":
      json[name] = isNoisy ? "blue" : "red";
      return;
    case "missing":
      if (!isNoisy) json[name] = true;
      return;
    case "length":
      json[name] = isNoisy ? ["a", "b", "c"] : ["a", "b"];
      return;
    case "type":
      json[name] = isNoisy ? null : "word";
      return;
    default:
      return form satisfies never;
  }
}
