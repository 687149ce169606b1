/** What `penumbra distill` kept of a recording. */

/** How many of what the recording has are among the kept. */
export interface KeptShare {
  readonly all: number;
  readonly kept: number;
}

/** What is to be covered. */
export type CoveredKind =
  | "data shapes"
  | "parameter combinations"
  | "header combinations"
  | "answer headers"
  | "exchanges after a write"
  | "overlaps within a session"
  | "overlaps across sessions";

export interface Distilled {
  /** `chosen` are examples of something; the other kept ones had to come before them. */
  readonly exchanges: KeptShare & { readonly chosen: number };
  readonly sessions: KeptShare;
  readonly covered: readonly (KeptShare & { readonly kind: CoveredKind })[];
  /** Exchanges of endpoints that have too many shapes to be told apart: they are not covered. */
  readonly beyond: number;
}
