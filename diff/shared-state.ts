/** Do the targets share a state, with each other or with production? Then what one write does, the other's answer
 * shows, and nothing that was mirrored says anything about the build.
 *
 *    Observation ─┬─► OrderCanary     the second one asked answers differently
 *                 └─► MintedValues    one knows the other's values                 either one: found
 *
 * The same fold runs live, to stop mirroring writes, and in the judge, so that the report says what stopped them. It
 * sees redacted answers, in which equal secrets are equal. */

import type { Answer, Outcome } from "../model/exchange.ts";
import { isSafeMethod } from "../model/exchange.ts";
import type { Observation } from "../model/observation.ts";
import { differingLeaves } from "./answer-leaves.ts";
import { MintedValues } from "./minted-values.ts";
import { OrderCanary } from "./order-canary.ts";

export class SharedState {
  private readonly canary = new OrderCanary();
  private readonly minted = new MintedValues();
  private writes = 0;

  /** What shows it, in words; null = nothing does. Once said it stays. */
  get found(): string | null {
    return this.canary.found ?? this.minted.found;
  }

  /** Whether writes that are sent to one target at a time may still show something. */
  get needsTrials(): boolean {
    return this.found === null && this.canary.isUndecided;
  }

  /** Call once for each observation, in the order in which they become known. */
  observe({ exchange, candidate, controls, sentFirst }: Observation): void {
    const answers = {
      primary: answerOf(exchange.outcome),
      candidate: answerOf(candidate?.outcome),
      control: answerOf(controls[0]?.outcome),
    };
    if (this.found !== null) return;
    const isWrite = !isSafeMethod(exchange.request.method);
    if (isWrite && candidate !== null) this.writes++;
    // Without writes at the targets there is nothing that they could share and that we could spoil.
    if (this.writes === 0) return;
    const rival = answers.control ?? answers.primary;
    const leaves = isWrite && answers.candidate !== null && rival !== null ? differingLeaves(answers.candidate, rival) : [];
    this.minted.observe(exchange, answers, leaves);
    if (isWrite && sentFirst !== undefined && answers.control !== null) this.canary.observe(leaves, sentFirst === "candidate");
  }
}

function answerOf(outcome: Outcome | undefined): Answer | null {
  return outcome?.kind === "answered" ? outcome.answer : null;
}
