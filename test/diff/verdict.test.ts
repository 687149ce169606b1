import { describe, expect, it } from "vitest";
import { type VerdictFacts, verdictOf } from "../../diff/verdict.ts";
import type { Finding } from "../../model/report.ts";

function finding(changes: Partial<Finding>): Finding {
  return {
    id: "0123456789ab",
    state: "new",
    severity: "medium",
    score: 1,
    class: "unclassified",
    title: "",
    endpoint: "GET /",
    location: "body",
    path: "",
    kind: "json.value",
    transition: "value",
    count: 1,
    compared: 1,
    rate: 1,
    noiseRate: 0,
    evidence: { b: 1, c: 0, e: 1, probes: 0 },
    condition: null,
    labels: null,
    exemplars: [],
    signatures: [],
    fingerprints: [],
    example: { from: null, to: null },
    ...changes,
  };
}

const calm: VerdictFacts = {
  failOn: "medium",
  minCompared: 1,
  minFidelity: 0.9,
  findings: [],
  compared: 100,
  afterGap: 0,
  sharedState: null,
  skipped: 0,
  intended: 100,
  hasControl: true,
  isSmall: false,
  lanes: 50,
  fidelity: 1,
  infidelityCause: "",
  candidateUnreachable: false,
  controlUnreachable: false,
  candidateSilence: null,
  widened: [],
  expired: [],
  idleRules: [],
  interrupted: false,
  replay: "valid",
  sending: { doubtfulWrites: 0, replay: null },
};

function judged(changes: Partial<VerdictFacts>): [string, string[]] {
  const { verdict, reasons } = verdictOf({ ...calm, ...changes });
  return [verdict, reasons.map(({ code }) => code)];
}

describe("verdictOf", () => {
  it("passes when nothing speaks against it", () => {
    expect(judged({})).toEqual(["pass", []]);
  });

  it.each([
    ["too-few-compared", { compared: 0 }],
    ["too-few-compared", { compared: 0, minCompared: 0 }],
    ["too-few-compared", { compared: 9, minCompared: 10 }],
    ["candidate-unreachable", { candidateUnreachable: true }],
    ["candidate-stopped", { candidateSilence: { requests: 5, lastAnswered: "GET /" } }],
    ["control-unreachable", { controlUnreachable: true }],
    ["low-fidelity", { fidelity: 0.89 }],
    ["unconfirmed", { findings: [finding({ state: "unconfirmed" })] }],
    ["targets-share-state", { sharedState: "status of the answer" }],
    ["state-diverged", { afterGap: 21 }],
    ["interrupted", { interrupted: true }],
    ["replay-invalid", { replay: "broken" }],
  ] satisfies [string, Partial<VerdictFacts>][])("is inconclusive for %s", (code, changes) => {
    expect(judged(changes)).toEqual(["inconclusive", [code]]);
  });

  it("only mentions that a replay ran late", () => {
    expect(judged({ replay: "late" })).toEqual(["pass", ["replay-late"]]);
  });

  it("fails for new and returned findings at the gate, whatever else is in doubt", () => {
    expect(judged({ findings: [finding({})], interrupted: true })).toEqual(["fail", ["findings", "interrupted"]]);
    expect(judged({ findings: [finding({ state: "returned" })] })[0]).toBe("fail");
  });

  it("lets known, accepted, fixed and noise pass, and what lies under the gate", () => {
    for (const state of ["known", "accepted", "fixed", "noise"] as const)
      expect(judged({ findings: [finding({ state })] })[0]).toBe("pass");
    expect(judged({ findings: [finding({ severity: "low" })] })[0]).toBe("pass");
    expect(judged({ findings: [finding({ severity: "low" })], failOn: "low" })[0]).toBe("fail");
    expect(judged({ findings: [finding({ severity: "medium" })], failOn: "high" })[0]).toBe("pass");
    expect(judged({ findings: [finding({ severity: "high" })], failOn: "none" })[0]).toBe("pass");
  });

  it("does not blame a build for a target that is not there", () => {
    const refused = finding({ location: "transport", severity: "high" });
    expect(judged({ findings: [refused], candidateUnreachable: true })[0]).toBe("inconclusive");
    expect(judged({ findings: [refused] })[0]).toBe("fail");
  });

  it("says what to know about a run without making it inconclusive", () => {
    expect(judged({ hasControl: false })).toEqual(["pass", ["no-control"]]);
    expect(judged({ isSmall: true, lanes: 3 })).toEqual(["pass", ["small-run", "assumes-independent-requests"]]);
  });

  it("says how many logins failed, and tells nothing where many did", () => {
    const replay = {
      ...{ valid: true, scheduled: 10, sent: 10, dropped: 0, lateness: { p50: 0, p95: 0, p99: 0, max: 0 }, orderViolations: 0 },
      maxConcurrency: { recorded: 1, achieved: 1 },
    };
    const withFailed = (failed: number): ReturnType<typeof verdictOf> =>
      verdictOf({ ...calm, sending: { doubtfulWrites: 0, replay: { ...replay, logins: { asked: 10, failed } } } });
    expect(withFailed(0)).toEqual({ verdict: "pass", reasons: [] });
    expect(withFailed(2)).toMatchObject({ verdict: "pass", reasons: [{ code: "logins-failed" }] });
    expect(withFailed(3)).toMatchObject({ verdict: "inconclusive", reasons: [{ code: "logins-failed" }] });
  });
});
