import { describe, expect, it } from "vitest";
import type { AnswerTimes } from "../../../model/observation.ts";
import { replayView } from "../../../report/page/replay-view.ts";

const spread = { p50: 1.24, p95: 4, p99: 130, max: 12_345 };
const answerTimes: AnswerTimes = { candidate: { service: spread, response: { ...spread, max: 20_000 } }, control: null };

describe("how a replay went", () => {
  it("is steps, and the same in words", () => {
    const view = replayView({ concurrency: { stepMs: 100, recorded: [1, 8, 4], achieved: [2, 6, 0] } });
    expect(view).toEqual({
      curve: {
        sentence: "At most 8 at once in production, 6 in the replay.",
        caption: "The most requests under way in each 100 ms of 300 ms.",
        stepMs: 100,
        recorded: [1, 8, 4],
        achieved: [2, 6, 0],
      },
      times: [],
      hasResponse: false,
    });
  });

  it("is a row for each target that answered", () => {
    expect(replayView({ answerTimes })).toEqual({
      curve: null,
      times: [{ target: "Candidate", service: "1.2 ms / 4 ms / 130 ms / 12.3 s", response: "1.2 ms / 4 ms / 130 ms / 20 s" }],
      hasResponse: true,
    });
  });

  it("is nothing where nothing is known of it, or nothing was sent", () => {
    expect(replayView({})).toBeNull();
    expect(
      replayView({ concurrency: { stepMs: 50, recorded: [], achieved: [] }, answerTimes: { candidate: null, control: null } }),
    ).toBeNull();
  });
});
