import { describe, expect, it } from "vitest";
import { type Exchange, type HttpRequest, noBody, type Outcome } from "../../model/exchange.ts";
import type { Trial } from "../../model/observation.ts";
import { epochMs, milliseconds } from "../../model/units.ts";
import { whyNotComparable, whyNotSent } from "../../target/comparable.ts";

const tookMs = milliseconds(1);

function answered(status: number): Outcome {
  return { kind: "answered", answer: { status, reason: "", headers: [], body: noBody }, firstByteMs: tookMs, tookMs };
}

function request(overrides: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", target: "/a", version: "1.1", headers: [], body: noBody, ...overrides };
}

function exchange(outcome: Outcome, overrides: Partial<HttpRequest> = {}): Exchange {
  return { id: "x", at: epochMs(0), lane: null, labels: {}, request: request(overrides), outcome };
}

const trial = (outcome: Outcome): Trial => ({ outcome });
const ok = trial(answered(200));
const secret: Partial<HttpRequest> = { headers: [["Authorization", "Bearer tok_4f1d"]] };

describe("whyNotSent", () => {
  it("refuses unsafe methods unless writes are allowed, and bodies that were not kept whole", () => {
    const capped = { kind: "capped", length: 9, sha256: "", head: new Uint8Array(), tail: new Uint8Array() } as const;
    expect(whyNotSent(request({ method: "POST" }), { writes: false })).toBe("write_not_allowed");
    expect(whyNotSent(request({ method: "POST" }), { writes: true })).toBeNull();
    expect(whyNotSent(request({ method: "POST", body: capped }), { writes: true })).toBe("capped");
    expect(whyNotSent(request(), { writes: false })).toBeNull();
  });
});

describe("whyNotComparable", () => {
  it.each([
    { title: "compares answers, whatever their status", primary: answered(200), candidate: trial(answered(500)), reason: null },
    { title: "leaves out a client that went away", primary: { kind: "aborted", tookMs } as Outcome, candidate: ok, reason: "client_abort" },
    {
      title: "leaves out a primary that broke off",
      primary: { kind: "truncated", tookMs } as Outcome,
      candidate: ok,
      reason: "primary_abort",
    },
    {
      title: "names an open breaker",
      primary: answered(200),
      candidate: trial({ kind: "skipped", tookMs, detail: "breaker_open" }),
      reason: "breaker_open",
    },
    { title: "keeps a failing candidate comparable", primary: answered(200), candidate: trial({ kind: "refused", tookMs }), reason: null },
    {
      title: "calls what we cut off ourselves interrupted",
      primary: answered(200),
      candidate: trial({ kind: "aborted", tookMs }),
      reason: "interrupted",
    },
  ])("$title", ({ primary, candidate, reason }) => {
    expect(whyNotComparable(exchange(primary), { candidate, controls: [ok], correlationMiss: false })).toBe(reason);
  });

  it("calls a refusal a miss only when a value of the request was never seen there and the recording had a 2xx", () => {
    const sent = { candidate: trial(answered(404)), controls: [trial(answered(404))] };
    for (const status of [401, 403, 404, 409, 410, 412]) {
      const refused = { candidate: trial(answered(status)), controls: [ok], correlationMiss: true };
      expect(whyNotComparable(exchange(answered(200)), refused)).toBe("correlation_miss");
    }
    expect(whyNotComparable(exchange(answered(200)), { ...sent, correlationMiss: false })).toBeNull();
    expect(whyNotComparable(exchange(answered(404)), { ...sent, correlationMiss: true })).toBeNull();
    expect(whyNotComparable(exchange(answered(200)), { candidate: ok, controls: [ok], correlationMiss: true })).toBeNull();
  });

  it("blames missing credentials when the control refuses a redacted secret, not when only the candidate does", () => {
    const refused = trial(answered(401));
    expect(whyNotComparable(exchange(answered(200), secret), { candidate: refused, controls: [refused], correlationMiss: true })).toBe(
      "no_credentials",
    );
    expect(whyNotComparable(exchange(answered(200), secret), { candidate: refused, controls: [ok], correlationMiss: false })).toBeNull();
    expect(whyNotComparable(exchange(answered(200), secret), { candidate: refused, controls: [], correlationMiss: false })).toBe(
      "no_credentials",
    );
    expect(whyNotComparable(exchange(answered(200)), { candidate: refused, controls: [refused], correlationMiss: false })).toBeNull();
  });

  it("looks for redacted secrets in bodies too, and takes no other token for one", () => {
    const refused = trial(answered(403));
    const withBody = (text: string): Exchange => exchange(answered(200), { body: { kind: "whole", bytes: Buffer.from(text) } });
    const reasonFor = (text: string): unknown =>
      whyNotComparable(withBody(text), { candidate: refused, controls: [refused], correlationMiss: false });
    expect(reasonFor(`{"password":"tok_${"a-_9".repeat(5)}xy"}`)).toBe("no_credentials");
    expect(reasonFor(`source=tok_${"a9".repeat(12)}`)).toBeNull();
    expect(reasonFor("source=tok_visa")).toBeNull();
  });
});
