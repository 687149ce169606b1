/** What is drawn, as numbers. */

import { describe, expect, it } from "vitest";
import { shiftInWords, timelineView, timesView } from "../../../report/page/plots.ts";

const percentiles = { p50: 1, p95: 2, p99: 3 };
const latency = { control: percentiles, primary: null, candidate: percentiles, shift: 1.337, interval: [1.2, 1.5] as const, e: 5 };

describe("the plots", () => {
  it("have a distribution for each target that has one", () => {
    expect(timesView(latency)).toBeNull();
    const quantiles = { shares: [0, 0.5, 1], control: [1, 1.23456, 9], primary: [1, 2, 3], candidate: null };
    // Without percentiles there is no row either.
    expect(timesView({ ...latency, quantiles })).toEqual({
      shares: [0, 0.5, 1],
      head: ["p50", "p95", "p99"],
      targets: [{ name: "control", ms: [1, 1.235, 9], row: ["1 ms", "2 ms", "3 ms"] }],
    });
    expect(shiftInWords(latency)).toBe("1.3 × (1.2 to 1.5)");
    expect([shiftInWords(null), shiftInWords({ ...latency, shift: null, interval: null })]).toEqual(["", ""]);
  });

  it("say in a sentence what the time line shows", () => {
    const view = timelineView({
      startMs: 1000,
      stepMs: 500,
      same: [3, 0],
      different: [0, 1],
      notComparable: { stale: [0, 2], breaker_open: [0, 0] },
    });
    expect(view.at).toEqual([1000, 1500]);
    expect(view.series.map(({ key, total }) => [key, total])).toEqual([
      ["different", "1"],
      ["same", "3"],
      ["skipped", "2"],
    ]);
    expect(view.sentence).toMatch(/^1,000 ms of traffic: 1 different, 3 same, 2 not compared: /);
  });
});
