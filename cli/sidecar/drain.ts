/** The end of a sidecar: from the first signal to the judged run.
 *    not ready → exchanges in flight end → the observer flushes → counters and lost copies → report → exit 0 */

import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import type { Ledger } from "../../proxy/live/ledger.ts";
import type { Sidecar } from "../../proxy/live/sidecar.ts";
import { committedSequences } from "../../recording/committed-sequences.ts";
import { storeFinalCounters } from "../../recording/final-counters.ts";
import { noteLost } from "../../recording/run.ts";
import { countObserved } from "../../recording/run-tail.ts";
import { exitCode } from "../exit-codes.ts";
import { type JudgingValues, judgeAndTell } from "../judging.ts";
import type { OptionValues } from "../options.ts";
import { describeError, note } from "../terminal.ts";
import type { DashboardChild } from "./dashboard-child.ts";

/** What nobody has seen by then is in the report. */
const dashboardBound: Milliseconds = milliseconds(10_000);

export type DrainValues = JudgingValues & OptionValues<"drain-timeout" | "record" | "keep-for">;

export interface DrainedRun {
  /** null = nothing was compared. */
  readonly runDirectory: string | null;
  readonly dashboard: DashboardChild | null;
}

/** @returns exit 0, whatever the verdict: a sidecar that drained did its work */
export async function drain(sidecar: Sidecar, given: DrainValues, { runDirectory, dashboard }: DrainedRun): Promise<number> {
  note("penumbra: draining; a second signal ends at once");
  const result = await sidecar.drain({ bound: milliseconds(given["drain-timeout"]) });
  if (given.record !== null) recover(sidecar.ledger, given.record);
  const { seen, captured } = sidecar.ledger.snapshot();
  note(`penumbra: drained: ${seen} exchanges seen, ${captured} captured, ${result.cut} connections cut, observer ${result.observer}`);
  if (given.record !== null) {
    const isStored = storeFinalCounters(given.record, systemClock.now(), sidecar.ledger.snapshot());
    note(`penumbra: recording: ${given.record}${isStored ? "" : " (without its last counters, which could not be written)"}`);
  }
  if (runDirectory === null) return exitCode.pass;
  try {
    noteLost(runDirectory, await lostCopies(sidecar, runDirectory, given["keep-for"]));
    // It judges the same run meanwhile.
    const untilShown = dashboard?.finish();
    await judgeAndTell(runDirectory, given);
    await untilShown?.(dashboardBound);
  } catch (error) {
    if (!(error instanceof PenumbraError)) throw error;
    note(describeError(error));
    note(`penumbra: what was seen is kept in ${runDirectory}; \`penumbra diff ${runDirectory}\` judges it again`);
  }
  return exitCode.pass;
}

/** What an observer had stored before it died, and no later one lived to tell. */
function recover(ledger: Ledger, recording: string): void {
  if (ledger.snapshot().recordDropped.observer_lost === 0) return;
  for (const sequence of committedSequences(recording, ledger.epoch)) ledger.dispose(sequence, { part: "record", result: "done" });
}

/** Copies for which the run has no observation: given up before they were whole, or lost with an observer. Where windows of this life may have been
 * removed for their age, nobody can count what they held: only what the ledger knows is told then. */
async function lostCopies(sidecar: Sidecar, runDirectory: string, keptMs: number | null): Promise<Readonly<Record<string, number>>> {
  const { epoch, captured, dropped } = sidecar.ledger.snapshot();
  const msPerSecond = 1000;
  const isCountable = keptMs === null || process.uptime() * msPerSecond < keptMs;
  const observed = isCountable ? await countObserved(runDirectory, `${epoch}-`) : captured;
  const { budget, observer_absent, observer_lost, pending_limit } = dropped;
  return { budget, observer_absent, observer_lost: observer_lost + Math.max(0, captured - observed), pending_limit };
}
