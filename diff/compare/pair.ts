/** What the parts of a comparison share about the pair of answers they look at. */

import type { RuleScope } from "../rules/scope.ts";
import type { Anchors } from "./anchors.ts";
import type { Ledger } from "./ledger.ts";
import type { References } from "./references.ts";
import type { AnswerDates } from "./times.ts";

/** Bounds of one comparison; what lies beyond is counted as untested. */
export interface CompareLimits {
  /** A body may decode to this many bytes. */
  readonly decodedBytes: number;
  /** JSON nodes of one body. */
  readonly nodes: number;
}

/** 16 MiB is the largest answer worth reading whole; nodes as in the design's budget for a pair. */
export const defaultCompareLimits: CompareLimits = { decodedBytes: 16 * 1024 * 1024, nodes: 200_000 };

export interface AnswerPair {
  readonly ledger: Ledger;
  readonly references: References;
  readonly anchors: Anchors;
  readonly dates: AnswerDates;
  readonly limits: CompareLimits;
  /** The user's, for this endpoint. */
  readonly rules: RuleScope;
}
