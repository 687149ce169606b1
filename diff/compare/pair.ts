/** What the parts of a comparison share about the pair of answers they look at. */

import type { HeaderList } from "../../model/exchange.ts";
import type { RuleScope } from "../rules/scope.ts";
import type { Anchors } from "./anchors.ts";
import type { Ledger } from "./ledger.ts";
import type { References } from "./references.ts";
import type { AnswerDates } from "./times.ts";
import type { Work } from "./work.ts";

/** Bounds of one comparison; what lies beyond is counted as untested. */
export interface CompareLimits {
  /** A body may decode to this many bytes. */
  readonly decodedBytes: number;
  /** JSON nodes of one body. */
  readonly nodes: number;
  /** Steps of work on one pair (work.ts). */
  readonly steps: number;
  /** Instructions times characters of the user's regular expressions (rules/pattern.ts). */
  readonly patternSteps: number;
}

/** 16 MiB is the largest answer worth reading whole. A body of 200,000 nodes takes as many steps when it differs
 * here and there; the rest is for looking for elements that belong together, and for documents in texts. A pattern for a UUID has some 20 instructions: there are steps
 * for 2,700 places at which the UUIDs differ; a pattern made to be slow takes a second for them all. */
export const defaultCompareLimits: CompareLimits = {
  decodedBytes: 16 * 1024 * 1024,
  nodes: 200_000,
  steps: 500_000,
  patternSteps: 4_000_000,
};

export interface AnswerPair {
  /** Of the request that both answer, as recorded. */
  readonly requestHeaders: HeaderList;
  readonly ledger: Ledger;
  readonly references: References;
  readonly anchors: Anchors;
  readonly dates: AnswerDates;
  readonly limits: CompareLimits;
  readonly work: Work;
  readonly patternWork: Work;
  /** The user's, for this endpoint. */
  readonly rules: RuleScope;
}
