/** What every trial must show, whatever the fault was. */

import { conservationFaults } from "../../../proxy/live/ledger.ts";
import type { Trial } from "./trial.ts";

/** What the live process may ever hold: its code and an idle heap (some 130 MiB), the 16 MiB of copies that the trials let wait
 * for the observer, and what connections hold on its way while garbage waits to be collected. */
export const memoryBoundMebibytes = 224;

const bytesPerMebibyte = 2 ** 20;

export function mebibytes(bytes: number): number {
  return Math.round(bytes / bytesPerMebibyte);
}

export function requestsOf({ calm, faulty, after }: Trial): number {
  return calm.requests + faulty.requests + after.requests;
}

/** Failed or changed answers, one line each. */
export function failuresOf({ calm, faulty, after }: Trial): readonly string[] {
  return [...calm.failures, ...faulty.failures, ...after.failures];
}

/** Everything that a trial breaks, in words; empty when users, ledger, memory and recording came through. */
export function complaints(trial: Trial): string[] {
  const { scrutinised, verified, finalLedger } = trial;
  const found = [...failuresOf(trial), ...scrutinised.faults];
  if (!trial.healed) found.push("the sidecar did not become its old self again");
  if (trial.peakMemory !== null && mebibytes(trial.peakMemory) > memoryBoundMebibytes)
    found.push(`the live process held ${mebibytes(trial.peakMemory)} MiB`);
  if (trial.exitCode !== 0) found.push(`the sidecar ended with ${trial.exitCode}: ${trial.stderr.slice(-500)}`);
  if (verified.exitCode !== 0) found.push(`penumbra verify ended with ${verified.exitCode}: ${verified.problems.join("; ")}`);
  if (finalLedger === null) return [...found, "the recording has no final ledger"];
  found.push(...conservationFaults(finalLedger));
  const { seen, open, pendingMirror, pendingRecord } = finalLedger;
  if (open + pendingMirror + pendingRecord > 0) found.push(`after the drain ${open} open, ${pendingMirror} and ${pendingRecord} pending`);
  if (seen !== requestsOf(trial)) found.push(`${requestsOf(trial)} requests were sent, ${seen} exchanges seen`);
  return found;
}
