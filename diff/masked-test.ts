/** What one question about the pairs of a noisy leaf's values answered. */

import type { DifferenceKind } from "../model/difference.ts";

/** One thing that the values of a masked leaf say. */
export interface MaskedTest {
  readonly kind: DifferenceKind;
  readonly transition: string;
  readonly b: number;
  readonly c: number;
  readonly logE: number;
  /** Distinct requests that count for b, the revealing one left out. */
  readonly requests: number;
  /** Too plain to be passed over even where the evidence is too little. */
  readonly isPlain: boolean;
}
