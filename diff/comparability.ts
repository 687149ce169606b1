/** Which exchanges can be compared at all, and why not. */

import { type FailureKind, notRecorded, type Outcome } from "../model/exchange.ts";
import type { NotComparableReason, Observation } from "../model/observation.ts";

/** What a skipped trial may say in `detail`. */
const skipReasons: ReadonlySet<string> = new Set<NotComparableReason>([
  "capped",
  "write_not_allowed",
  "shared_state",
  "breaker_open",
  "queue_full",
  "stale",
  "unsendable",
  "correlation_miss",
  "no_credentials",
  "unpaired",
  "interrupted",
]);

/** Failures that say "nobody is there" rather than "it broke at this request". */
const unreachableKinds: ReadonlySet<string> = new Set<FailureKind>(["refused", "timed-out"]);

/** Null = comparable.
 * @param hasControl whether the run has a control at all: without one its absence is no obstacle */
export function notComparable(observation: Observation, hasControl: boolean): NotComparableReason | null {
  if (observation.notComparable !== undefined) return observation.notComparable;
  const primary = observation.exchange.outcome;
  if (primary.kind !== "answered") return whyNoAnswer(primary);
  const candidate = observation.candidate?.outcome;
  if (candidate === undefined || candidate.kind === "aborted") return "interrupted";
  if (candidate.kind === "skipped") return skipReason(candidate.detail);
  if (!hasControl) return null;
  const control = observation.controls[0]?.outcome;
  return control?.kind === "answered" ? null : "control_failed";
}

function whyNoAnswer({ kind, detail }: Outcome & { readonly kind: FailureKind }): NotComparableReason {
  if (kind === "skipped" && detail === notRecorded) return "not_recorded";
  return kind === "aborted" ? "client_abort" : "primary_abort";
}

/** Whether a target seems not to be there. */
export function isUnreachable(outcome: Outcome): boolean {
  return unreachableKinds.has(outcome.kind);
}

function skipReason(detail: string | undefined): NotComparableReason {
  return detail !== undefined && skipReasons.has(detail) ? (detail as NotComparableReason) : "interrupted";
}
