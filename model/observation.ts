/** What a run knows about one exchange: the primary's outcome and what candidate and controls did
 * with the same request. A run is a log of these; every number shown is a fold over it. */

import type { ExperimentFacts, FindingDependence } from "./dependence.ts";
import type { Exchange, Outcome } from "./exchange.ts";

/** What one target was sent and did. */
export interface Trial {
  readonly outcome: Outcome;
  /** Request target actually sent, after correlation; absent when equal to the recorded one. */
  readonly sentTarget?: string;
}

/** Why an exchange cannot be compared at all; a closed list, shown in the report's totals. */
export type NotComparableReason =
  | "primary_abort" // the primary's answer broke off
  | "client_abort" // the client went away
  | "not_recorded" // an imported request without production's answer
  | "capped" // a body over the cap, equality by hash only was not enough
  | "write_not_allowed" // unsafe method without --mirror-writes / --writes
  | "loop" // it came from a mirror: no user sent it
  | "shared_state" // a write, after the targets were seen to share a state
  | "breaker_open"
  | "queue_full"
  | "stale"
  | "control_failed" // the control gave no answer, so noise cannot be told
  | "correlation_miss"
  | "no_credentials"
  | "unsendable" // what there is of it cannot be put on the wire: a line break in a field, CONNECT
  | "unpaired" // `compare`: no partner in the other recording
  | "interrupted";

/** Which of candidate and first control a request was sent to first. */
export type SentFirst = "candidate" | "control";

export interface Observation {
  readonly exchange: Exchange;
  readonly candidate: Trial | null;
  /** One entry per control, same order as the run's targets. */
  readonly controls: readonly Trial[];
  readonly notComparable?: NotComparableReason;
  /** An unsafe request took effect on one target only, earlier in this path scope (replay.md §2). */
  readonly afterGap?: boolean;
  /** Drawn by a hash of the exchange's id; absent without a control, of a write that overlapped with another, and in older runs. */
  readonly sentFirst?: SentFirst;
}

/** How often control and candidate are asked in one probe: perfect separation by chance is then 1 in C(18,9) = 48,620. */
export const probeTimes = 9;

/** A request sent again k times to control and candidate, shuffled, right after a new difference was seen. */
export interface Probe {
  readonly exchangeId: string;
  readonly control: readonly Outcome[];
  readonly candidate: readonly Outcome[];
  /** Every send met fresh state (`--reset`). */
  readonly freshState: boolean;
}

/** One line of a run's log, in the order in which things became known; a probe comes after its observation, and what experiments
 * found about a finding comes after all observations. */
export type RunEntry =
  | { readonly kind: "observation"; readonly observation: Observation }
  | { readonly kind: "probe"; readonly probe: Probe }
  | { readonly kind: "dependence"; readonly dependence: FindingDependence };

/** How long something took, in milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How long a target's answers took since the request was sent, and since it was due (null: nothing was, on a closed loop). */
export interface TargetTimes {
  readonly service: Spread;
  readonly response: Spread | null;
}

/** null = no answer of that target. */
export interface AnswerTimes {
  readonly candidate: TargetTimes | null;
  readonly control: TargetTimes | null;
}

/** The greatest number of requests under way in each step of a replay's time: in production, and at the targets. */
export interface ConcurrencySteps {
  readonly stepMs: number;
  readonly recorded: readonly number[];
  readonly achieved: readonly number[];
}

/** Facts about a finished replay, as in report.json `run.replay`. */
export interface ReplayFacts {
  readonly valid: boolean;
  readonly scheduled: number;
  readonly sent: number;
  readonly dropped: number;
  readonly lateness: Spread;
  readonly orderViolations: number;
  readonly maxConcurrency: { readonly recorded: number; readonly achieved: number };
  /** Absent in older runs. */
  readonly concurrency?: ConcurrencySteps | undefined;
  readonly answerTimes?: AnswerTimes | undefined;
  /** How often the command of --login was asked, and how often in vain; absent = there was none. */
  readonly logins?: LoginFacts;
  /** Tokens of requests that the vault has no value for, so that they were sent as they are; absent = no vault was opened. */
  readonly unknownTokens?: number;
}

export interface LoginFacts {
  readonly asked: number;
  readonly failed: number;
}

/** Which recording a replay was begun with. */
export interface RecordingIdentity {
  /** As it was named. */
  readonly path: string;
  readonly exchanges: number;
  /** Ids of those that began first and last; null when it is empty. */
  readonly first: string | null;
  readonly last: string | null;
  /** Of what tells it from others, in hexadecimal digits (recording/identity.ts). */
  readonly sha256: string;
}

/** `run.json`: written when the run starts and again when it ends. */
export interface RunMeta {
  readonly id: string;
  readonly format: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly tool: string;
  readonly seed: number;
  readonly kind: "live" | "replay" | "compare";
  readonly targets: { readonly primary: string; readonly candidate: string | null; readonly controls: readonly string[] };
  readonly labels: Readonly<Record<string, string>>;
  readonly interrupted: boolean;
  /** Live: copies that never came to a comparison, by the ledger's reasons. Replay: exchanges that were not come to, since a target
   * was not there. */
  readonly lost?: Readonly<Record<string, number>>;
  readonly replay: ReplayFacts | null;
  /** Of a replay: the options that decide what is sent and when; only a replay with the same ones can go on with it. */
  readonly plan?: Readonly<Record<string, string>>;
  /** Likewise; absent in older runs, which are not looked at for it. */
  readonly recordings?: readonly RecordingIdentity[];
  /** Absent = none were made. */
  readonly experiments?: ExperimentFacts;
}
