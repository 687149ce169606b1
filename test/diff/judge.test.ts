import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import { seededRandom } from "../../model/random.ts";
import type { Report } from "../../model/report.ts";
import { answered, type Case, caseEntry, failed, jsonHeaders, judge, judgeCases, metaOf, probeEntry, realFindings } from "./fabricate.ts";

const item = (id: number, changes: Record<string, unknown> = {}): Outcome =>
  answered({ id, title: `title ${id}`, price: 10 + id, ...changes });
const probeTimes = 9;
const repeated = (outcome: Outcome): Outcome[] => Array.from({ length: probeTimes }, () => outcome);

/** A developer's run: few lanes, each asking for some items. */
function smallRun(candidateOf: (id: number) => Outcome, count: number = 30): Case[] {
  return Array.from({ length: count }, (_, index) => {
    const id = (index % 10) + 1;
    return { id: `x${index}`, lane: `lane ${index % 3}`, target: `/items/${id}`, primary: item(id), candidate: candidateOf(id) };
  });
}

describe("a run of equal builds", () => {
  it("passes, with totals that add up and bounds on what was not seen", () => {
    const report = judgeCases(smallRun(item));
    expect(report.verdict).toBe("pass");
    expect(report.findings).toEqual([]);
    expect(report.totals).toEqual({ exchanges: 30, compared: 30, same: 30, noiseOnly: 0, different: 0, afterGap: 0, notComparable: {} });
    expect(report.endpoints).toMatchObject([{ endpoint: "GET /items/{id}", compared: 30, different: 0, upperBound: 0.1 }]);
    expect(report.coverage.fidelity).toBe(1);
    expect(report.coverage.byValue + report.coverage.byFormat + report.coverage.untested).toBeCloseTo(1, 12);
    expect(report.reasons.map(({ code }) => code)).toEqual(["small-run", "assumes-independent-requests"]);
  });

  it("passes when a read overlapped a write once and its probe refutes the difference", () => {
    const cases = smallRun(item);
    const raced: Case = {
      id: "raced",
      lane: "lane 1",
      target: "/items/3",
      primary: item(3),
      candidate: item(3, { title: "not yet written" }),
    };
    const entries = [...cases.map(caseEntry), caseEntry(raced)];
    expect(judge(entries).verdict).toBe("inconclusive");
    const probe = probeEntry({ exchangeId: "raced", control: repeated(item(3)), candidate: repeated(item(3)), freshState: false });
    const report = judge([...entries, probe]);
    expect(report.verdict).toBe("pass");
    expect(report.findings).toMatchObject([{ state: "noise", path: "/title", evidence: { b: 1, c: 0, probes: 1 } }]);
    expect(report.totals).toMatchObject({ same: 31, noiseOnly: 1, different: 0 });
  });
});

describe("a small run with a regression", () => {
  it("fails when every request of a kind shows it", () => {
    const report = judgeCases(smallRun((id) => item(id, { price: String(10 + id) })));
    expect(report.verdict).toBe("fail");
    expect(realFindings(report)).toMatchObject([
      {
        state: "new",
        severity: "high",
        endpoint: "GET /items/{id}",
        location: "body",
        path: "/price",
        kind: "json.type",
        count: 30,
        compared: 30,
        rate: 1,
      },
    ]);
    expect(report.totals).toMatchObject({ different: 30, same: 0 });
    expect(report.reasons[0]).toEqual({ code: "findings", text: "1 finding at or over medium" });
  });

  it("fails when a probe separates a single occurrence, and calls it deterministic", () => {
    const cases = [
      ...smallRun(item),
      { id: "once", lane: "lane 0", target: "/items/4?x=1", primary: item(4), candidate: item(4, { price: -1 }) },
    ];
    const probe = probeEntry({
      exchangeId: "once",
      control: repeated(item(4)),
      candidate: repeated(item(4, { price: -1 })),
      freshState: false,
    });
    expect(judgeCases(cases)).toMatchObject({ verdict: "inconclusive" });
    const report = judge([...cases.map(caseEntry), probe]);
    expect(report.verdict).toBe("fail");
    expect(realFindings(report)).toMatchObject([{ state: "new", class: "deterministic", exemplars: ["once"] }]);
  });

  it("is flaky when a probe sees it sometimes, never from the control", () => {
    const broken = item(4, { price: null });
    const cases = [...smallRun(item), { id: "once", lane: "lane 0", target: "/items/4?x=1", primary: item(4), candidate: broken }];
    const some = repeated(item(4)).map((outcome, index) => (index % 3 === 0 ? broken : outcome));
    const report = judge([
      ...cases.map(caseEntry),
      probeEntry({ exchangeId: "once", control: repeated(item(4)), candidate: some, freshState: false }),
    ]);
    expect(realFindings(report)).toMatchObject([{ state: "unconfirmed", class: "flaky" }]);
  });

  it("does not take sends that got no answer for answers that are alright", () => {
    const broken = item(4, { price: null });
    const cases = [...smallRun(item), { id: "once", lane: "lane 0", target: "/items/4?x=1", primary: item(4), candidate: broken }];
    const judged = (candidate: Outcome[]): Report =>
      judge([...cases.map(caseEntry), probeEntry({ exchangeId: "once", control: repeated(item(4)), candidate, freshState: false })]);
    const unanswered = (kind: "timed-out" | "skipped"): Outcome[] =>
      repeated(broken).map((outcome, index) => (index % 2 === 0 ? outcome : failed(kind)));
    expect(realFindings(judged(unanswered("timed-out")))).toMatchObject([{ class: "deterministic", evidence: { probes: 1 } }]);
    // One that was not sent whole says nothing at all.
    expect(realFindings(judged(unanswered("skipped")))).toMatchObject([{ class: "unclassified", evidence: { probes: 0 } }]);
  });

  it("takes no notice of a probe that met another case", () => {
    const gone = answered({ error: "gone" }, 404);
    const cases = [
      ...smallRun(item),
      { id: "once", lane: "lane 0", target: "/items/4?x=1", primary: item(4), candidate: item(4, { price: -1 }) },
    ];
    const report = judge([
      ...cases.map(caseEntry),
      probeEntry({ exchangeId: "once", control: repeated(gone), candidate: repeated(gone), freshState: false }),
    ]);
    expect(realFindings(report)).toMatchObject([{ state: "unconfirmed", evidence: { probes: 0 } }]);
  });

  it("does not take scattered differences that the control shows too for one", () => {
    const cases = smallRun(item).map((one, index) => ({
      ...one,
      ...(index % 5 === 0
        ? { candidate: item(1, { colour: "blue" }), control: item(1, { colour: "red" }), primary: item(1, { colour: "green" }) }
        : {}),
    }));
    expect(judgeCases(cases).verdict).toBe("pass");
  });

  it("names when it happens", () => {
    const cases = Array.from({ length: 24 }, (_, index): Case => {
      const paged = index % 4 === 0;
      const list = Array.from({ length: 5 }, (_ignored, at) => ({ id: at + 1, name: `n${at}` }));
      return {
        id: `q${index}`,
        lane: `lane ${index % 3}`,
        target: paged ? `/posts?_start=${index}` : `/posts?author=${index}`,
        primary: answered(list),
        candidate: answered(paged ? [] : list),
      };
    });
    const [finding, ...others] = realFindings(judgeCases(cases));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ state: "new", condition: "only when query _start is present: 6/6, else 0/18", path: "" });
    expect(finding?.title).toContain("GET /posts");
  });
});

describe("clusters", () => {
  it("make one finding of a header that is gone everywhere", () => {
    const withTag = (json: unknown, tagged: boolean): Outcome =>
      answered(json, 200, tagged ? [...jsonHeaders, ["X-Powered-By", "Express"]] : jsonHeaders);
    const cases = ["/a", "/b", "/c"].flatMap((target) =>
      Array.from(
        { length: 4 },
        (_, index): Case => ({
          id: `${target}${index}`,
          lane: "l",
          target,
          primary: withTag({ v: target }, true),
          candidate: withTag({ v: target }, false),
        }),
      ),
    );
    const report = judgeCases(cases);
    expect(realFindings(report)).toMatchObject([
      {
        location: "header",
        path: "x-powered-by",
        kind: "header.missing",
        count: 12,
        compared: 12,
        title: "GET /a: header x-powered-by gone",
      },
    ]);
    expect(realFindings(report)[0]?.signatures.length).toBe(3);
  });

  it("are named as trailers where they are in one", () => {
    const withTrailer = (value: string): Outcome => {
      const plain = answered({ v: 1 });
      return plain.kind === "answered" ? { ...plain, answer: { ...plain.answer, trailers: [["X-State", value]] } } : plain;
    };
    const cases = Array.from({ length: 12 }, (_, index): Case => {
      return { id: `${index}`, lane: "l", target: "/a", primary: withTrailer("ready"), candidate: answered({ v: 1 }) };
    });
    expect(realFindings(judgeCases(cases))).toMatchObject([
      { location: "header", path: "trailer/x-state", kind: "header.missing", title: "GET /a: trailer x-state gone" },
    ]);
  });

  it("let a coding that is only claimed explain the body that nobody can read, and a real one nothing else", () => {
    const coded = (candidate: (id: number) => Outcome): (readonly [string, number])[] =>
      realFindings(judgeCases(smallRun(candidate))).map(({ kind, signatures }) => [kind, signatures.length] as const);
    const gzip = [...jsonHeaders, ["Content-Encoding", "gzip"] as const];
    expect(coded((id) => answered({ id }, 200, gzip))).toEqual([["body.undecodable", 2]]);
    const zipped = (id: number): Outcome => {
      const outcome = answered({ id, title: `title ${id}` }, 200, gzip);
      if (outcome.kind !== "answered" || outcome.answer.body.kind !== "whole") return outcome;
      return { ...outcome, answer: { ...outcome.answer, body: { kind: "whole", bytes: gzipSync(outcome.answer.body.bytes) } } };
    };
    expect(coded(zipped)).toEqual([
      ["json.missing", 1],
      ["body.encoding", 1],
    ]);
  });

  it("let another status explain its body, not a header that changed everywhere", () => {
    const old = (json: unknown): Outcome => answered(json, 200, [...jsonHeaders, ["X-Powered-By", "Express"]]);
    const cases = Array.from({ length: 12 }, (_, index): Case => {
      const isGone = index % 2 === 0;
      const list = { items: [{ a: 1, b: index }] };
      return {
        id: `${index}`,
        lane: "l",
        target: isGone ? "/db" : "/ok",
        primary: old(list),
        candidate: isGone ? answered({ error: "Not Found" }, 404) : answered(list),
      };
    });
    const findings = realFindings(judgeCases(cases));
    expect(findings.map(({ title }) => title)).toEqual(
      expect.arrayContaining(["GET /db: status 200→404", "GET /db: header x-powered-by gone"]),
    );
    expect(findings.length).toBe(2);
  });

  it("keep a finding's fingerprint when the counts change", () => {
    const regression = (id: number): Outcome => item(id, { price: null });
    const [few] = realFindings(judgeCases(smallRun(regression, 10)));
    const [many] = realFindings(judgeCases(smallRun(regression, 60)));
    expect(few?.id).toMatch(/^[0-9a-f]{12}$/);
    expect(many?.id).toBe(few?.id);
  });
});

describe("what is not compared", () => {
  const equal = { primary: item(1), candidate: item(1) };

  it("is counted by reason and never a difference", () => {
    const report = judgeCases([
      { id: "1", ...equal },
      { id: "2", ...equal, primary: failed("truncated") },
      { id: "3", ...equal, primary: failed("aborted") },
      { id: "4", ...equal, candidate: failed("skipped", "breaker_open") },
      { id: "5", ...equal, candidate: failed("skipped", "queue_full") },
      { id: "6", ...equal, candidate: null },
      { id: "7", ...equal, control: failed("reset") },
      { id: "8", ...equal, candidate: item(1, { price: 0 }), notComparable: "correlation_miss" },
      { id: "9", ...equal, primary: failed("skipped", "not_recorded"), control: item(1) },
    ]);
    expect(report.totals).toMatchObject({ exchanges: 9, compared: 1, same: 1, different: 0 });
    expect(report.totals.notComparable).toEqual({
      primary_abort: 1,
      client_abort: 1,
      not_recorded: 1,
      breaker_open: 1,
      queue_full: 1,
      interrupted: 1,
      control_failed: 1,
      correlation_miss: 1,
    });
    expect(report.findings).toEqual([]);
  });

  it("leaves a run without comparisons inconclusive", () => {
    expect(judgeCases([])).toMatchObject({ verdict: "inconclusive", reasons: [{ code: "too-few-compared" }] });
  });

  it("shows an absent candidate as such, with totals that add up", () => {
    const report = judgeCases(smallRun(() => failed("refused")));
    expect(report.verdict).toBe("inconclusive");
    expect(report.reasons.map(({ code }) => code)).toContain("candidate-unreachable");
    expect(report.totals).toMatchObject({ exchanges: 30, compared: 30, different: 30 });
  });

  it("shows an absent control as such", () => {
    const report = judgeCases(smallRun(item).map((one) => ({ ...one, control: failed("refused") })));
    expect(report.verdict).toBe("inconclusive");
    expect(report.reasons.map(({ code }) => code)).toEqual(["too-few-compared", "control-unreachable"]);
    expect(report.totals.notComparable).toEqual({ control_failed: 30 });
  });

  it("fails a candidate that breaks some of its connections", () => {
    const report = judgeCases(smallRun((id) => (id === 4 ? failed("reset") : item(id))));
    expect(report.verdict).toBe("fail");
    expect(realFindings(report)).toMatchObject([{ location: "transport", kind: "transport.reset", severity: "high" }]);
  });

  it("doubts a control that answers otherwise than production did", () => {
    const denied = answered({ error: "who are you" }, 401);
    const report = judgeCases(smallRun(() => denied).map((one) => ({ ...one, control: denied })));
    expect(report.verdict).toBe("inconclusive");
    expect(report.coverage.fidelity).toBe(0);
    expect(report.reasons[0]?.code).toBe("low-fidelity");
    expect(report.reasons[0]?.text).toContain("credentials (401)");
  });
});

describe("after a gap", () => {
  const changed = (count: number): Case[] =>
    smallRun(item).map((one, index) => (index < count ? { ...one, candidate: item(99), afterGap: true } : one));

  it("differences are counted, and decide nothing", () => {
    const report = judgeCases(changed(3));
    expect(report.verdict).toBe("pass");
    expect(report.totals).toMatchObject({ compared: 30, afterGap: 3, different: 0 });
    expect(report.findings.every(({ state, evidence }) => state === "noise" && evidence.b === 0)).toBe(true);
  });

  it("more than a fifth leaves the run inconclusive", () => {
    expect(judgeCases(changed(7)).reasons.map(({ code }) => code)).toContain("state-diverged");
  });
});

describe("the title of a finding", () => {
  const withBody = (text: string, coding: string | null): Outcome => {
    const [outcome, bytes] = [
      answered({}, 200, [...jsonHeaders, ...(coding === null ? [] : [["Content-Encoding", coding] as const])]),
      Buffer.from(text),
    ];
    return outcome.kind === "answered" ? { ...outcome, answer: { ...outcome.answer, body: { kind: "whole", bytes } } } : outcome;
  };
  const titleBetween = (before: Outcome, after: Outcome): string[] =>
    realFindings(judgeCases(smallRun(() => after).map((one) => ({ ...one, primary: before })))).map(({ title }) => title);

  it("says in which direction a body became readable", () => {
    const [good, broken] = [withBody("{}", null), withBody("{", null)];
    expect(titleBetween(good, broken)).toEqual(["GET /items/{id}: body can no longer be parsed"]);
    expect(titleBetween(broken, good)).toEqual(["GET /items/{id}: body can be parsed now"]);
    const [coded, undecodable] = [withBody("{}", "identity"), withBody("{}", "gzip")];
    expect(titleBetween(coded, undecodable)).toContain("GET /items/{id}: body can no longer be decoded");
    expect(titleBetween(undecodable, coded)).toContain("GET /items/{id}: body can be decoded now");
  });
});

describe("without a control", () => {
  const alone = (candidateOf: (id: number) => Outcome, count?: number): Case[] =>
    smallRun(candidateOf, count).map((one) => ({ ...one, control: null }));

  it("reports what differs on three distinct requests, without an e-value", () => {
    const report = judgeCases(
      alone((id) => item(id, { price: 0 })),
      { hasControl: false },
    );
    expect(report.verdict).toBe("fail");
    expect(realFindings(report)).toMatchObject([{ state: "new", path: "/price", evidence: { e: null } }]);
    expect(report.reasons.map(({ code }) => code)).toContain("no-control");
    expect(report.coverage.fidelity).toBeNull();
  });

  it("does not confirm what differs on fewer", () => {
    expect(
      judgeCases(
        alone((id) => item(id, id === 2 ? { price: 0 } : {})),
        { hasControl: false },
      ),
    ).toMatchObject({ verdict: "inconclusive" });
  });

  it("takes values of formats that are always new for noise", () => {
    const stamped = (id: number, hour: number): Outcome => item(id, { trace: `0b5a2c1e-6d7f-4a3b-9c8d-1e2f3a4b5c${10 + hour}` });
    const cases = alone((id) => stamped(id, 1)).map((one, index) => ({ ...one, primary: stamped((index % 10) + 1, 2) }));
    expect(judgeCases(cases, { hasControl: false }).verdict).toBe("pass");
  });

  it("looks at every pair of values, and not only at the first one", () => {
    const amount = (id: number, value: number): Outcome => item(id, { amount: id === 1 ? 1_700_000_000 + value : value });
    const cases = alone((id) => amount(id, 14)).map((one, index) => ({ ...one, primary: amount((index % 10) + 1, 13) }));
    const report = judgeCases(cases, { hasControl: false });
    expect(realFindings(report)).toMatchObject([{ state: "new", path: "/amount" }]);
    expect(report.verdict).toBe("fail");
  });

  it("takes random ids for noise, of which some look like words or numbers", () => {
    const random = seededRandom(7);
    const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const token = (): string => Array.from({ length: 8 }, () => alphabet[random.below(alphabet.length)]).join("");
    const cases = alone((id) => item(id, { nonce: token() }), 200).map((one, index) => ({
      ...one,
      target: `/items/${index}`,
      primary: item((index % 10) + 1, { nonce: token() }),
    }));
    expect(judgeCases(cases, { hasControl: false }).verdict).toBe("pass");
  });
});

describe("baseline and accepted changes", () => {
  const regression = smallRun((id) => item(id, { price: null }));
  const first = judgeCases(regression);
  const [finding] = realFindings(first);
  const entry = {
    fingerprint: finding?.id ?? "",
    covers: [finding?.id ?? ""],
    transition: finding?.transition ?? "",
    reason: "wanted",
    owner: "me",
    expires: null,
    maxRate: null,
  };

  it("let known findings pass and tell fixed and returned ones", () => {
    const again = judgeCases(regression, { baseline: first });
    expect(again.verdict).toBe("pass");
    expect(realFindings(again)).toMatchObject([{ id: finding?.id, state: "known" }]);
    const fixed = judgeCases(smallRun(item), { baseline: first });
    expect(fixed.findings).toMatchObject([{ id: finding?.id, state: "fixed", count: 0 }]);
    expect(judgeCases(regression, { baseline: fixed })).toMatchObject({ verdict: "fail", findings: [{ state: "returned" }] });
  });

  it("let accepted changes pass until they expire or widen", () => {
    expect(judgeCases(regression, { accepted: [entry] })).toMatchObject({
      verdict: "pass",
      findings: [{ state: "accepted" }],
      accepted: { used: [entry.fingerprint] },
    });
    expect(judgeCases(regression, { accepted: [{ ...entry, expires: "2026-01-01" }] })).toMatchObject({
      verdict: "fail",
      accepted: { expired: [entry.fingerprint] },
    });
    const widened = judgeCases(regression, { accepted: [{ ...entry, maxRate: 0.5 }] });
    expect(widened.verdict).toBe("fail");
    expect(widened.reasons.map(({ code }) => code)).toContain("accepted-widened");
  });
});

describe("every report", () => {
  const outcome = fc.constantFrom<Outcome>(
    item(1),
    item(1, { price: null }),
    item(2),
    answered({ error: "no" }, 500),
    answered([1, 2, 3]),
    answered([]),
    failed("refused"),
    failed("timed-out"),
    failed("aborted"),
    failed("skipped", "stale"),
  );
  const anyCase = fc.record({
    lane: fc.constantFrom("a", "b", "c", null),
    method: fc.constantFrom("GET", "POST", "DELETE"),
    target: fc.constantFrom("/items/1", "/items/2", "/", "*", "//x", "/items?a=1&b=%"),
    primary: outcome,
    candidate: fc.option(outcome),
    control: outcome,
    afterGap: fc.boolean(),
  });

  it("has totals that add up, shares within one, and is the same again", () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 40 }), fc.boolean(), (all, hasControl) => {
        const cases = all.map((one, index): Case => ({ ...one, id: `${index}`, control: hasControl ? one.control : null }));
        const report = judgeCases(cases, { hasControl });
        const { exchanges, compared, same, different, noiseOnly, afterGap, notComparable } = report.totals;
        expect(exchanges).toBe(cases.length);
        expect(compared + Object.values(notComparable).reduce((sum, count) => sum + count, 0)).toBe(exchanges);
        expect(same + different).toBe(compared);
        expect(noiseOnly).toBeLessThanOrEqual(same);
        expect(afterGap).toBeLessThanOrEqual(compared);
        expect(report.endpoints.reduce((sum, endpoint) => sum + endpoint.compared, 0)).toBe(compared);
        expect(report.endpoints.reduce((sum, endpoint) => sum + endpoint.different, 0)).toBe(different);
        const shares = [report.coverage.byValue, report.coverage.byFormat, report.coverage.untested];
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(report.findings.every(({ count, compared: of, rate }) => count <= of && rate <= 1)).toBe(true);
        expect(new Set(report.findings.map(({ id }) => id)).size).toBe(report.findings.length);
        expect(judgeCases(cases, { hasControl })).toEqual(report);
        expect(compared > 0 || report.verdict === "inconclusive").toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("takes what answers with a noisy status lack for noise as well", () => {
    const unavailable = answered({ error: "unavailable" }, 503);
    const cases = Array.from({ length: 48 }, (_, index): Case => {
      const whole = answered({ id: index, name: `item ${index}` });
      return {
        id: `n${index}`,
        lane: `lane ${index % 6}`,
        target: `/items/${index}`,
        primary: index % 16 === 0 ? unavailable : whole,
        control: whole,
        candidate: index % 12 === 5 ? unavailable : whole,
      };
    });
    const report = judgeCases(cases);
    expect(realFindings(report)).toEqual([]);
    expect(report.verdict).toBe("pass");
  });

  it("passes on what the run was", () => {
    const replay = {
      valid: false,
      scheduled: 1,
      sent: 1,
      dropped: 0,
      lateness: { p50: 1, p95: 1, p99: 50, max: 50 },
      orderViolations: 0,
      maxConcurrency: { recorded: 1, achieved: 1 },
    };
    const report = judgeCases(smallRun(item), { meta: metaOf({ replay, interrupted: true }) });
    expect(report.run).toMatchObject({ id: "run", seed: 1, replay, targets: { control: "http://s", controls: ["http://s"] } });
    expect(report.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(["interrupted", "replay-late"]));
  });
});
