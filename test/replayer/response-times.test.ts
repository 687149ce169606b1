import { describe, expect, it } from "vitest";
import { noBody, type Outcome } from "../../model/exchange.ts";
import { milliseconds, monotonicMs } from "../../model/units.ts";
import { ResponseTimes } from "../../replayer/response-times.ts";
import type { ShadowResult } from "../../target/shadow.ts";

function answered(tookMs: number): { readonly outcome: Outcome } {
  const answer = { status: 200, reason: "OK", headers: [], body: noBody };
  return { outcome: { kind: "answered", answer, firstByteMs: milliseconds(tookMs), tookMs: milliseconds(tookMs) } };
}

function result(sentAt: number, candidate: { readonly outcome: Outcome }, control?: { readonly outcome: Outcome }): ShadowResult {
  return {
    candidate,
    controls: control === undefined ? [] : [control],
    putIn: [],
    afterGap: false,
    correlationMiss: false,
    sentFirst: null,
    releasedAt: monotonicMs(sentAt),
    sentAt: monotonicMs(sentAt),
    underWay: 1,
  };
}

describe("ResponseTimes", () => {
  it("count a request's wait behind a stall, which its service time does not show", () => {
    const times = new ResponseTimes();
    // One answer takes a second; the nine requests that were due meanwhile leave when it has come, and are answered at once.
    times.add(result(0, answered(1000), answered(10)), 0);
    for (let due = 100; due < 1000; due += 100) times.add(result(1000, answered(10), answered(10)), due);
    const { candidate, control } = times.summary();
    expect(candidate?.service.p50).toBeCloseTo(10, 0);
    expect(candidate?.response?.p50).toBeGreaterThan(500);
    expect(candidate?.response?.max).toBe(1000);
    expect(control?.service.max).toBe(10);
    expect(control?.response?.max).toBe(910);
  });

  it("have no response times on a closed loop, and nothing of a target that gave no answer", () => {
    const times = new ResponseTimes();
    times.add(result(0, answered(3), { outcome: { kind: "timed-out", tookMs: milliseconds(9) } }), null);
    expect(times.summary()).toMatchObject({ candidate: { service: { max: 3 }, response: null }, control: null });
  });
});
