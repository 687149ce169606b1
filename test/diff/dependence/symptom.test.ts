import { describe, expect, it } from "vitest";
import { isAskable, type Sight, Symptom } from "../../../diff/dependence/symptom.ts";
import { noRules } from "../../../diff/rules/scope.ts";
import type { Exchange, Outcome } from "../../../model/exchange.ts";
import type { Finding, Signature } from "../../../model/report.ts";
import { epochMs } from "../../../model/units.ts";
import { answered, judgeCases } from "../fabricate.ts";

const signature: Signature = { endpoint: "GET /carts/{id}", location: "body", path: "/total", kind: "json.value" };
const endpoints = {
  endpointOf: ({ target }: { readonly target: string }) => (target.startsWith("/carts/") ? "GET /carts/{id}" : "GET /other"),
  rulesFor: () => noRules,
};

function exchange(outcome: Outcome, target: string = "/carts/7"): Exchange {
  const request = { method: "GET", target, version: "1.1", headers: [], body: { kind: "none" } } as const;
  return { id: "x", at: epochMs(0), lane: "lane", labels: {}, request, outcome };
}

const total = (value: number): Outcome => answered({ total: value });

/** One run each: what the control and the candidate answered, where the recording has a total of 10. */
function sights(...runs: readonly (readonly [control: Outcome, candidate: Outcome])[]): (Sight | null)[] {
  const looking = new Symptom({ signatures: [signature] }, endpoints).series();
  return runs.map(([control, candidate]) => {
    looking.begin();
    return looking.see(exchange(total(10)), { control: { outcome: control }, candidate: { outcome: candidate } });
  });
}

describe("a symptom", () => {
  it("is the candidate's where the control answers as recorded, and the other way round", () => {
    expect(sights([total(10), total(9)])).toEqual(["candidate"]);
    expect(sights([total(9), total(10)])).toEqual(["control"]);
  });

  it("is nobody's where both builds answer alike, however far from the recording", () => {
    expect(sights([total(10), total(10)], [total(3), total(3)])).toEqual(["nobody", "nobody"]);
  });

  it("is the candidate's in another state than the recorded one too, once the control is seen to be steady in it", () => {
    expect(sights([total(3), total(2)], [total(3), total(2)], [total(3), total(2)])).toEqual(["unknown", "candidate", "candidate"]);
  });

  it("is nobody's where the control itself answers differently from run to run", () => {
    expect(sights([total(3), total(2)], [total(5), total(4)], [total(6), total(1)])).toEqual(["unknown", "nobody", "nobody"]);
  });

  it("is not seen in another kind of difference, or at another endpoint", () => {
    expect(sights([total(10), answered({ total: "10" })])).toEqual(["nobody"]);
    const looking = new Symptom({ signatures: [signature] }, endpoints).series();
    const pair = { control: { outcome: total(10) }, candidate: { outcome: total(9) } };
    expect(looking.see(exchange(total(10), "/elsewhere"), pair)).toBeNull();
  });
});

describe("a finding", () => {
  const [finding] = judgeCases(
    Array.from({ length: 30 }, (_, index) => ({
      ...{ id: `x${index}`, lane: `lane ${index}`, target: "/carts/7", primary: total(10), candidate: total(9) },
    })),
  ).findings;
  const like = (changes: Partial<Finding>): Finding => {
    if (finding === undefined) throw new Error("there is one");
    return { ...finding, ...changes };
  };

  it("can be asked about while it is open and seen in single answers", () => {
    expect(isAskable(like({}))).toBe(true);
    expect(isAskable(like({ state: "unconfirmed" }))).toBe(true);
    expect(isAskable(like({ state: "known" }))).toBe(false);
    expect(isAskable(like({ state: "noise" }))).toBe(false);
    expect(isAskable(like({ location: "latency", kind: "latency.paired" }))).toBe(false);
    expect(isAskable(like({ kind: "json.constant" }))).toBe(false);
    expect(isAskable(like({ class: "heterogeneity" }))).toBe(false);
  });
});
