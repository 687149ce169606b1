/** Counts, by endpoint, the answers that are too large to be read whole, for the report to say so. */

import type { Comparison } from "../model/difference.ts";
import type { BlindSpot } from "../model/report.ts";
import { isOverLimit } from "./compare/beginnings.ts";

export class LargeBodies {
  private readonly answers = new Map<string, number>();

  /** Call once an exchange, with its comparisons. */
  observe(endpoint: string, comparisons: readonly (Comparison | null)[]): void {
    const isLarge = comparisons.some((one) =>
      one?.differences.some(({ kind, transition }) => kind === "body.opaque" && isOverLimit(transition)),
    );
    if (isLarge) this.answers.set(endpoint, (this.answers.get(endpoint) ?? 0) + 1);
  }

  blindSpots(): BlindSpot[] {
    return [...this.answers].map(([endpoint, count]) => ({
      endpoint,
      kind: "too-large",
      path: null,
      text: `too large to be read whole: ${count} ${count === 1 ? "answer" : "answers"}, of which the end was compared by nothing but its bytes`,
    }));
  }
}
