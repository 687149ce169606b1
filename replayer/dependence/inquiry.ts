/** Asks what one finding depends on: from what is cheap and certain to what is costly and a matter of chance.
 *
 *    serially ── always ─► deterministic, sequence
 *       │  └──── now and then ─► flaky
 *      never ─► again and again ── now and then ─► flaky
 *                  └── never ─► overlapping ─► concurrency, or not reproduced at all                                    */

import type { Conclusion, Means } from "./conclusion.ts";
import { inquireOverlap } from "./overlap-inquiry.ts";
import { serialPlan } from "./plan.ts";
import { inquireSerially } from "./serial-inquiry.ts";
import type { Surroundings } from "./surroundings.ts";
import { inquireUnsteadiness, unsteadyAsSeen } from "./unsteady-inquiry.ts";

export async function inquire(surroundings: Surroundings, means: Means): Promise<Conclusion> {
  const serial = await inquireSerially(surroundings, means);
  switch (serial.kind) {
    case "always":
      return serial.conclusion;
    case "unsteady":
      return (await againAndAgain(surroundings, means)) ?? unsteadyAsSeen(serial.tally, serialPlan(serial.set));
    case "never":
      return (await againAndAgain(surroundings, means)) ?? (await inquireOverlap(surroundings, means)) ?? notReproduced(means);
    default:
      return serial satisfies never;
  }
}

function notReproduced({ tried }: Means): Conclusion {
  return { class: "unclassified", count: { ...tried }, plan: [], repeat: 1, minimal: false, within: null };
}

function againAndAgain({ alone, subject }: Surroundings, means: Means): Promise<Conclusion | null> {
  return inquireUnsteadiness(alone, subject, means);
}
