/** Counts how often candidate and control could be asked at all: a target that is not there says nothing about the build. */

import type { Outcome } from "../model/exchange.ts";
import type { Observation, Trial } from "../model/observation.ts";
import { isUnreachable } from "./comparability.ts";
import { type Silence, unreachableShare } from "./verdict.ts";

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

/** As many in a row open the circuit breaker (target/breaker.ts): fewer may be chance. */
const fewestInARow = 5;
/** Nothing at all came: neither an answer nor a piece of one. */
const silentKinds: ReadonlySet<string> = new Set<Outcome["kind"]>(["refused", "timed-out", "reset"]);

/** Requests that got no answer and began after every one that did. Answers that fail become known late, so the start tells. */
class TrailingSilence {
  private answered: { readonly at: number; readonly name: string } | null = null;
  private unanswered = 0;

  count({ exchange, candidate }: Observation): void {
    const kind = candidate?.outcome.kind ?? "skipped";
    if (kind === "skipped" || kind === "aborted") return;
    const { at, request } = exchange;
    if (silentKinds.has(kind)) {
      if (this.answered === null || at > this.answered.at) this.unanswered++;
    } else if (this.answered === null || at >= this.answered.at) {
      this.answered = { at, name: `${request.method} ${request.target}` };
      this.unanswered = 0;
    }
  }

  get found(): Silence | null {
    if (this.answered === null || this.unanswered < fewestInARow) return null;
    return { requests: this.unanswered, lastAnswered: this.answered.name };
  }
}

export class Reachability {
  private readonly candidate = new Attempts();
  private readonly control = new Attempts();
  private readonly silence = new TrailingSilence();

  count(observation: Observation): void {
    const { exchange, candidate, controls } = observation;
    if (exchange.outcome.kind !== "answered") return;
    this.silence.count(observation);
    this.candidate.count(candidate);
    this.control.count(controls[0]);
  }

  /** null = the candidate answered to the end, or never. */
  get candidateSilence(): Silence | null {
    return this.silence.found;
  }

  get candidateUnreachable(): boolean {
    return this.candidate.areMostlyVain;
  }

  get controlUnreachable(): boolean {
    return this.control.areMostlyVain;
  }
}
