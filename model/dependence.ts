/** What a difference depends on, as experiments found it: part of a run's log and of the report. */

import type { Milliseconds } from "./units.ts";

/** `deterministic`: the request shows it every time, with no more before it than it needs to be answered at all.
 * `sequence`: it shows it every time after certain other requests. `concurrency`: only while another is under way.
 * `flaky`: now and then under equal circumstances. `unclassified`: no experiment showed it. */
export type DependenceClass = "deterministic" | "sequence" | "concurrency" | "flaky" | "unclassified";

/** One request of a reproduction. */
export interface NeededRequest {
  /** Id of the recorded exchange. */
  readonly exchange: string;
  readonly method: string;
  readonly target: string;
  /** Sent so long after the one before it, while that is under way; null = when all before it are answered. */
  readonly after: Milliseconds | null;
}

export interface Dependence {
  readonly class: DependenceClass;
  /** Runs of the reproduction from a fresh state that showed it, and all of them. Flaky: sends. Unclassified: of all that tried. */
  readonly shown: number;
  readonly runs: number;
  /** Those in which the control showed it alone. */
  readonly control: number;
  /** In the order in which they are sent; the one whose answer differs is the last. Empty when unclassified. */
  readonly requests: readonly NeededRequest[];
  /** Whether leaving out any one of them was seen to end it. */
  readonly minimal: boolean;
  /** Concurrency: the longest time between the sends with which it was still seen; null where it was not looked for. */
  readonly within: Milliseconds | null;
  /** Requests sent for it, to both targets together. */
  readonly sends: number;
  /** The reproduction as a recording, its path within the RUN directory; null when there is none. */
  readonly recording: string | null;
  /** Shell commands in order; requests that have to overlap are in one. */
  readonly curl: readonly string[];
}

/** Entry of a run's log. */
export interface FindingDependence extends Dependence {
  /** Fingerprint of the finding. */
  readonly finding: string;
}

/** What the experiments of a replay spent, and how they ended. */
export interface ExperimentFacts {
  /** Findings that were asked about, of those that could be. */
  readonly asked: number;
  readonly findings: number;
  readonly sends: number;
  readonly limit: number;
  readonly ended: "done" | "limit" | "interrupted" | "reset-failed";
  /** Why a reset failed, or which other limit than that of sends it was; null otherwise. */
  readonly detail: string | null;
}
