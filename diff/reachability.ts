/** Counts how often candidate and control could be asked at all: a target that is not there says nothing about the build. */

import type { Observation, Trial } from "../model/observation.ts";
import { isUnreachable } from "./comparability.ts";
import { unreachableShare } from "./verdict.ts";

class Attempts {
  private all = 0;
  private unreachable = 0;

  count(trial: Trial | null | undefined): void {
    if (trial === null || trial === undefined || trial.outcome.kind === "skipped") return;
    this.all++;
    if (isUnreachable(trial.outcome)) this.unreachable++;
  }

  get areMostlyVain(): boolean {
    return this.all > 0 && this.unreachable >= unreachableShare * this.all;
  }
}

export class Reachability {
  private readonly candidate = new Attempts();
  private readonly control = new Attempts();

  count({ exchange, candidate, controls }: Observation): void {
    if (exchange.outcome.kind !== "answered") return;
    this.candidate.count(candidate);
    this.control.count(controls[0]);
  }

  get candidateUnreachable(): boolean {
    return this.candidate.areMostlyVain;
  }

  get controlUnreachable(): boolean {
    return this.control.areMostlyVain;
  }
}
