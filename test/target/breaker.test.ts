import { describe, expect, it } from "vitest";
import type { FailureKind, Outcome } from "../../model/exchange.ts";
import { milliseconds, monotonicMs } from "../../model/units.ts";
import { Breaker } from "../../target/breaker.ts";

const answered: Outcome = {
  kind: "answered",
  answer: { status: 500, reason: "", headers: [], body: { kind: "none" } },
  firstByteMs: milliseconds(1),
  tookMs: milliseconds(1),
};

/** Steps `at what → permit state`: what became of a request at that time; `?` = asked only, nothing came of it yet. */
function play(steps: readonly string[]): string[] {
  const breaker = new Breaker({ failures: 3, firstDelayMs: 1000, longestDelayMs: 4000 });
  return steps.map((step) => {
    const [at, what] = step.split(" ");
    const now = monotonicMs(Number(at));
    const permit = breaker.permit(now);
    const span = { sentAt: now, endedAt: now };
    if (what === "ok") breaker.report(permit, answered, span);
    else if (what !== "?") breaker.report(permit, { kind: what as FailureKind, tookMs: milliseconds(1) }, span);
    return `${permit} ${breaker.state}`;
  });
}

describe("the circuit breaker", () => {
  it.each<[string, [step: string, result: string][]]>([
    [
      "stays closed while answers come, whatever their status",
      [
        ["0 ok", "pass closed"],
        ["1 ok", "pass closed"],
      ],
    ],
    [
      "opens after so many failures in a row",
      [
        ["0 refused", "pass closed"],
        ["1 reset", "pass closed"],
        ["2 timed-out", "pass open"],
        ["3 ok", "stop open"],
      ],
    ],
    [
      "begins to count anew after an answer",
      [
        ["0 refused", "pass closed"],
        ["1 refused", "pass closed"],
        ["2 ok", "pass closed"],
        ["3 refused", "pass closed"],
        ["4 refused", "pass closed"],
      ],
    ],
    [
      "does not count what says nothing about the target",
      [
        ["0 skipped", "pass closed"],
        ["1 aborted", "pass closed"],
        ["2 skipped", "pass closed"],
        ["3 skipped", "pass closed"],
      ],
    ],
    [
      "takes garbage and broken answers for signs of life",
      [
        ["0 refused", "pass closed"],
        ["1 refused", "pass closed"],
        ["2 not-http", "pass closed"],
        ["3 truncated", "pass closed"],
        ["4 refused", "pass closed"],
      ],
    ],
    [
      "lets one trial through after the delay, and closes when it is answered",
      [
        ["0 refused", "pass closed"],
        ["0 refused", "pass closed"],
        ["0 refused", "pass open"],
        ["999 ok", "stop open"],
        ["1000 ?", "trial half-open"],
        ["1001 ok", "stop half-open"],
      ],
    ],
    [
      "closes when the trial is answered",
      [
        ["0 refused", "pass closed"],
        ["0 refused", "pass closed"],
        ["0 refused", "pass open"],
        ["1000 ok", "trial closed"],
        ["1001 ok", "pass closed"],
      ],
    ],
    [
      "doubles the delay after each failed trial, up to the longest",
      [
        ["0 refused", "pass closed"],
        ["0 refused", "pass closed"],
        ["0 refused", "pass open"],
        ["1000 refused", "trial open"],
        ["2999 ok", "stop open"],
        ["3000 reset", "trial open"],
        ["6999 ok", "stop open"],
        ["7000 timed-out", "trial open"],
        ["10999 ok", "stop open"],
        ["11000 ok", "trial closed"],
      ],
    ],
    [
      "begins with the first delay again after it was closed",
      [
        ["0 refused", "pass closed"],
        ["0 refused", "pass closed"],
        ["0 refused", "pass open"],
        ["1000 refused", "trial open"],
        ["3000 ok", "trial closed"],
        ["3001 refused", "pass closed"],
        ["3001 refused", "pass closed"],
        ["3001 refused", "pass open"],
        ["4000 ok", "stop open"],
        ["4001 ok", "trial closed"],
      ],
    ],
  ])("%s", (_title, steps) => {
    expect(play(steps.map(([step]) => step))).toEqual(steps.map(([, result]) => result));
  });

  it("learns nothing from requests that were sent before it opened", () => {
    const breaker = new Breaker({ failures: 1 });
    const early = breaker.permit(monotonicMs(0));
    breaker.report("pass", { kind: "refused", tookMs: milliseconds(1) }, { sentAt: monotonicMs(0), endedAt: monotonicMs(1) });
    breaker.report(early, answered, { sentAt: monotonicMs(0), endedAt: monotonicMs(2) });
    expect(breaker.state).toBe("open");
  });

  it("does not count a failure while whose request was under way another one was answered: the target lives", () => {
    const breaker = new Breaker({ failures: 2, firstDelayMs: 1000 });
    const hangs = (sentAt: number): void => {
      const span = { sentAt: monotonicMs(sentAt), endedAt: monotonicMs(sentAt + 300) };
      breaker.report("pass", { kind: "timed-out", tookMs: milliseconds(300) }, span);
    };
    for (const sentAt of [0, 10, 20]) breaker.permit(monotonicMs(sentAt));
    breaker.answered(monotonicMs(25));
    for (const sentAt of [0, 10, 20]) hangs(sentAt);
    expect(breaker.state).toBe("closed");
    // From here on nothing answers any more.
    for (const sentAt of [30, 40]) hangs(sentAt);
    expect(breaker.state).toBe("open");
  });

  it("calls a target failing from the second failure in a row until an answer", () => {
    const breaker = new Breaker({ failures: 3, firstDelayMs: 1000 });
    const failing = ([at, kind]: readonly [at: number, kind: FailureKind | "answered"]): boolean => {
      const now = monotonicMs(at);
      const span = { sentAt: now, endedAt: now };
      breaker.report(breaker.permit(now), kind === "answered" ? answered : { kind, tookMs: milliseconds(1) }, span);
      return breaker.isFailing;
    };
    expect(
      (
        [
          [0, "reset"],
          [1, "answered"],
          [2, "timed-out"],
          [3, "refused"],
          [4, "aborted"],
          [5, "reset"],
        ] as const
      ).map(failing),
    ).toEqual([...[false, false, false, true, true, true]]);
    expect(
      (
        [
          [6, "answered"],
          [1005, "answered"],
        ] as const
      ).map(failing),
    ).toEqual([true, false]);
  });
});
