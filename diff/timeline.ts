/** When the exchanges of a run took place in production, and what became of them: what the page draws over time. */

import type { Report } from "../model/report.ts";

type Counts = NonNullable<Report["timeline"]>;

/** Points of a plot that is some thousand pixels wide. */
const steps = 120;

export class Timeline {
  /** Times in ms since 1970, in the order of the log. */
  private readonly compared: number[] = [];
  private readonly leftOut = new Map<string, number[]>();

  compare(at: number): void {
    this.compared.push(at);
  }

  leaveOut(reason: string, at: number): void {
    const known = this.leftOut.get(reason);
    if (known === undefined) this.leftOut.set(reason, [at]);
    else known.push(at);
  }

  /** @param isDifferent whether the n-th exchange that was compared has a difference that is not noise
   * @returns null for a run without an extent in time */
  summary(isDifferent: (index: number) => boolean): Counts | null {
    const { first, last } = this.extent();
    if (!(last > first)) return null;
    const stepMs = (last - first) / steps;
    const stepOf = (at: number): number => Math.min(steps - 1, Math.floor((at - first) / stepMs));
    const none = (): number[] => Array.from({ length: steps }, () => 0);
    const count = (counts: number[], at: number): void => {
      const step = stepOf(at);
      counts[step] = (counts[step] ?? 0) + 1;
    };
    const [same, different] = [none(), none()];
    for (const [index, at] of this.compared.entries()) count(isDifferent(index) ? different : same, at);
    const notComparable = [...this.leftOut]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([reason, times]) => {
        const counts = none();
        for (const at of times) count(counts, at);
        return [reason, counts] as const;
      });
    return { startMs: first, stepMs, same, different, notComparable: Object.fromEntries(notComparable) };
  }

  private extent(): { readonly first: number; readonly last: number } {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const times of [this.compared, ...this.leftOut.values()]) {
      for (const at of times) {
        if (at < first) first = at;
        if (at > last) last = at;
      }
    }
    return { first, last };
  }
}
