/** Runs in which the candidate is equal to the control, with noise of every rate and stickiness: whatever fails them is false. */

import { judge } from "../../test/diff/fabricate.ts";
import { diffy } from "./arms/diffy.ts";
import { plain } from "./arms/plain.ts";
import type { Family } from "./draft.ts";
import { ambientNoise } from "./noise.ts";
import { simulateRun } from "./runs.ts";
import type { RunSize } from "./scenario.ts";
import type { Service } from "./service.ts";
import { trafficOf } from "./traffic.ts";

export interface EqualBuilds {
  readonly runs: number;
  /** Runs that Penumbra failed, left inconclusive; that an arm showed anything in. */
  readonly failed: number;
  readonly inconclusive: number;
  readonly diffyShown: number;
  readonly plainShown: number;
  /** Titles of false findings, with their seed. */
  readonly falseFindings: readonly string[];
}

const noiseRates = [0.001, 0.01, 0.03, 0.1, 0.3, 0.5] as const;
const families: readonly Family[] = ["json", "json", "json", "markup", "text"];

export function measureEqualBuilds({ runs, seed, size }: { runs: number; seed: number; size: RunSize }): EqualBuilds {
  let [failed, inconclusive, diffyShown, plainShown] = [0, 0, 0, 0];
  const falseFindings: string[] = [];
  for (let run = 0; run < runs; run++) {
    const runSeed = seed * 1000 + run;
    const family = families[run % families.length] ?? "json";
    const scenes = trafficOf({ seed: runSeed, ...size, family, condition: null, specialShare: 0 });
    const { log, exchanges } = simulateRun(noisyService(runSeed, family), scenes);
    const report = judge(log);
    if (report.verdict === "fail") failed++;
    if (report.verdict === "inconclusive") inconclusive++;
    for (const { state, title } of report.findings) if (state === "new") falseFindings.push(`seed ${runSeed}: ${title}`);
    if (diffy(exchanges).length > 0) diffyShown++;
    if (plain(exchanges).length > 0) plainShown++;
  }
  return { runs, failed, inconclusive, diffyShown, plainShown, falseFindings };
}

function noisyService(seed: number, family: Family): Service {
  const rateOf = (random: { below(bound: number): number }): number => noiseRates[random.below(noiseRates.length)] ?? 0;
  return {
    seed,
    family,
    noise: ambientNoise(family, seed, rateOf),
    bystanderNoise: ambientNoise("json", seed + 1, rateOf),
    fault: null,
    meetsFault: () => false,
  };
}
