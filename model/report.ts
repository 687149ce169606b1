/** report.json, version penumbra.report/1: the stable result of a run. Absent = null. */

import type { Dependence, ExperimentFacts } from "./dependence.ts";
import type { DifferenceKind, Location } from "./difference.ts";
import type { ReplayFacts } from "./observation.ts";

export type Verdict = "pass" | "fail" | "inconclusive";
export type Severity = "info" | "low" | "medium" | "high";
export type FindingState = "new" | "known" | "returned" | "fixed" | "accepted" | "noise" | "unconfirmed";
export type FindingClass = "deterministic" | "sequence" | "concurrency" | "flaky" | "heterogeneity" | "latency" | "unclassified";

export interface Signature {
  readonly endpoint: string;
  readonly location: Location;
  readonly path: string;
  readonly kind: DifferenceKind;
}

/** A signature of a finding. */
export interface FindingSignature extends Signature {
  /** What became of what there, the most frequent first, at most 21; absent for noise and in reports of earlier versions. */
  readonly transitions?: readonly FindingTransition[];
}

export interface FindingTransition {
  /** Without counts that depend on the data; `*` = any, where there are as many transitions as values. */
  readonly transition: string;
  readonly fingerprint: string;
  /** Share of the exchanges compared at the endpoint. */
  readonly rate: number;
}

export interface Evidence {
  /** Discordant exchanges: only the candidate differs / only the control differs. */
  readonly b: number;
  readonly c: number;
  /** E-value; null without a control. May be very large: capped at 1e300. */
  readonly e: number | null;
  readonly probes: number;
}

/** A share of all of production's requests, estimated from a sample, with where it lies (95 %). */
export interface TrafficShare {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export interface Finding {
  /** Fingerprint: stable across runs, 12 hex digits. */
  readonly id: string;
  readonly state: FindingState;
  readonly severity: Severity;
  readonly score: number;
  readonly class: FindingClass;
  readonly title: string;
  /** Main signature; `signatures` lists all. */
  readonly endpoint: string;
  readonly location: Location;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly transition: string;
  /** Exchanges that show it, of `compared` at its endpoints. */
  readonly count: number;
  readonly compared: number;
  readonly rate: number;
  readonly noiseRate: number;
  readonly evidence: Evidence;
  readonly condition: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
  /** Exchange ids, smallest first. */
  readonly exemplars: readonly string[];
  readonly signatures: readonly FindingSignature[];
  /** Of the signatures that show the change itself, the finding's `id` first; the rest of `signatures` follows from them. */
  readonly fingerprints: readonly string[];
  /** One rendered example of the main signature. */
  readonly example: { readonly from: string | null; readonly to: string | null };
  /** What experiments found it to depend on; absent = none were made. */
  readonly dependence?: Dependence;
  /** Of all production's requests, those that would show it; absent = unknown, or all were recorded. */
  readonly traffic?: TrafficShare;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Quantiles {
  /** From 0 to 1, rising; each list has as many entries. */
  readonly shares: readonly number[];
  readonly control: readonly number[] | null;
  readonly primary: readonly number[] | null;
  readonly candidate: readonly number[] | null;
}

/** How many answers of an endpoint's latency comparison count, and which were left out. */
export interface LatencyPairs {
  readonly tested: number;
  /** The first ones, while connections and caches were cold. */
  readonly cold: number;
  /** Both targets far slower than usual: something in front of them was saturated. */
  readonly saturated: number;
  /** Candidate and control answered with different statuses. */
  readonly unlike: number;
  /** Extra sends for asking again. */
  readonly probes: number;
}

/** What a run says nothing about. */
export interface BlindSpot {
  readonly endpoint: string;
  /** `low-fidelity`: the control mostly answers with another status than the primary. `masked-values`: the control's own values
   * at `path` differ, so that only their form was tested. `not-compared`: nothing of it could be compared. `too-large`: answers
   * were not read to their end. `too-many-places`: it differs at more places than are told apart. */
  readonly kind: "low-fidelity" | "masked-values" | "not-compared" | "too-large" | "too-many-places";
  readonly path: string | null;
  readonly text: string;
}

export interface EndpointSummary {
  readonly endpoint: string;
  readonly compared: number;
  readonly different: number;
  readonly latency: {
    readonly control: Percentiles | null;
    readonly primary: Percentiles | null;
    readonly candidate: Percentiles | null;
    /** How many times as long as the control the candidate takes (Hodges–Lehmann), with its 95 % interval; null without a control. */
    readonly shift: number | null;
    readonly interval: readonly [number, number] | null;
    /** E-value against "equally fast". */
    readonly e: number | null;
    readonly pairs?: LatencyPairs | null | undefined;
    /** How long at most that share of the answers took, in ms; null where there are few. Absent: few of the candidate's, or an earlier version. */
    readonly quantiles?: Quantiles | undefined;
  } | null;
  /** Share of exchanges at which the control's status is the primary's; null without a control. */
  readonly fidelity?: number | null | undefined;
  /** Greatest rate of an unseen difference that is still plausible (95 %): 3/compared; null when the candidate ever differed
   * without the control, be it noise. */
  readonly upperBound: number | null;
}

/** One of the user's rules, and what it did in this run. */
export interface RuleSummary {
  /** "ignore body $.served at GET /posts" */
  readonly text: string;
  readonly reason: string | null;
  /** Differences of the candidate or the control that do not count because of it. */
  readonly hidden: number;
  /** Exchanges in which it had something to do. */
  readonly exchanges: number;
  /** Where, up to 20. */
  readonly places: readonly Signature[];
  /** Why it had nothing to do: no endpoint is called so, or nothing differed there; null = it had. */
  readonly idle: "no-endpoint" | "nothing-differed" | null;
  /** The rule that hid what this idle one would have hidden. */
  readonly shadowedBy?: string | undefined;
}

/** What came of the endpoints that the user gave. */
export interface GivenEndpointsSummary {
  readonly given: number;
  /** Those that at least one request of the run met. */
  readonly met: number;
  /** Names of the others, up to 100. */
  readonly unmet: readonly string[];
}

export interface Reason {
  readonly code: string;
  readonly text: string;
}

export interface Report {
  readonly schema: "penumbra.report/1";
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    readonly tool: string;
    readonly seed: number;
    readonly targets: {
      readonly primary: string;
      readonly candidate: string | null;
      readonly control: string | null;
      readonly controls: readonly string[];
    };
    readonly labels: Readonly<Record<string, string>>;
    readonly replay: ReplayFacts | null;
    /** Absent = none were made. */
    readonly experiments?: ExperimentFacts;
  };
  readonly totals: {
    readonly exchanges: number;
    readonly compared: number;
    readonly same: number;
    readonly noiseOnly: number;
    readonly different: number;
    readonly afterGap: number;
    readonly notComparable: Readonly<Record<string, number>>;
  };
  /** Exchanges over the time of production, in equal steps; absent where all are of one moment. Without those that were lost before they came to a run. */
  readonly timeline?:
    | {
        readonly startMs: number;
        readonly stepMs: number;
        readonly same: readonly number[];
        readonly different: readonly number[];
        readonly notComparable: Readonly<Record<string, readonly number[]>>;
      }
    | undefined;
  /** What the sample stands for; absent where it is not known how it was drawn, or where it is everything. */
  readonly traffic?: {
    /** Requests of production, estimated, and the sessions that were sampled of them. */
    readonly requests: number;
    readonly lanes: number;
    /** Those that would differ in a finding. */
    readonly different: TrafficShare;
  };
  readonly coverage: { readonly byValue: number; readonly byFormat: number; readonly untested: number; readonly fidelity: number | null };
  readonly findings: readonly Finding[];
  readonly endpoints: readonly EndpointSummary[];
  readonly blindSpots?: readonly BlindSpot[] | undefined;
  /** Findings of the baseline, or parts of them, that this run could not have seen: nothing, or too little, was compared at their
   * endpoints. A later run that takes this one for its baseline still knows them. */
  readonly unseen?: readonly Finding[];
  readonly accepted: { readonly used: readonly string[]; readonly unused: readonly string[]; readonly expired: readonly string[] };
  /** In the order of the configuration; absent when it has none. */
  readonly rules?: readonly RuleSummary[];
  /** Absent when none were given. */
  readonly givenEndpoints?: GivenEndpointsSummary;
}
