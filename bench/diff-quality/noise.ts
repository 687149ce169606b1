/** What differs between equal builds: drawn afresh at every answer, for a session (an experiment), or for a record in one
 * copy's data (a stale cache). */

import type { Random } from "../../model/random.ts";
import { type Draft, type Family, setHeader } from "./draft.ts";
import { roll } from "./rolls.ts";
import type { Scene } from "./traffic.ts";

export type Copy = "primary" | "control" | "candidate";
export type Stickiness = "independent" | "lane" | "entity";
export type Change = (draft: Draft, random: Random) => void;

export interface Noise {
  readonly name: string;
  readonly rate: number;
  readonly stickiness: Stickiness;
  readonly change: Change;
}

export const stickinesses: readonly Stickiness[] = ["independent", "lane", "entity"];

const jsonChanges: Readonly<Record<string, Change>> = {
  load: ({ json }, random) => {
    json["load"] = 100 + random.below(900) / 10;
  },
  hits: ({ json }, random) => {
    json["hits"] = 1000 + random.below(50);
  },
  variant: ({ json }) => {
    json["variant"] = "b";
  },
  order: ({ json }) => {
    json["related"] = ["r3", "r1", "r2"];
  },
  hint: ({ json }) => {
    delete json["hint"];
  },
  badge: ({ json }) => {
    json["badge"] = null;
  },
  recent: ({ json }) => {
    json["recent"] = [{ view: "v1" }];
  },
};
const headerChanges: Readonly<Record<string, Change>> = {
  cache: (draft) => setHeader(draft, "x-cache", "MISS"),
  node: (draft, random) => setHeader(draft, "x-node", `node-${1 + random.below(3)}`),
  warning: (draft) => setHeader(draft, "warning", '110 - "stale"'),
};

/** Places that are noisy beside the one where a fault is planted.
 * @param rateOf by place */
export function ambientNoise(family: Family, seed: number, rateOf: (random: Random) => number): Noise[] {
  const changes = { ...(family === "json" ? jsonChanges : {}), ...headerChanges };
  return Object.entries(changes).map(([name, change]) => {
    const random = roll(seed, "noise", name);
    const stickiness = stickinesses[random.below(stickinesses.length)] ?? "independent";
    return { name, change, stickiness, rate: rateOf(random) };
  });
}

/** Changes a draft as this noise does now, if it does. */
export function applyNoise(noise: Noise, draft: Draft, seed: number, copy: Copy, scene: Scene, attempt: number): void {
  const owner = { independent: `${scene.index} ${attempt}`, lane: scene.lane, entity: `${scene.endpoint} ${scene.entity}` }[
    noise.stickiness
  ];
  const random = roll(seed, "noisy", noise.name, copy, owner);
  if (random.next() < noise.rate) noise.change(draft, random);
}
