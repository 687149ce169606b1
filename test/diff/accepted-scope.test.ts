/** What an accepted or known finding covers: what was there when it was accepted, and nothing else. */

import { describe, expect, it } from "vitest";
import { type AcceptedChange, greatestRate } from "../../diff/accepted.ts";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import type { Finding, Report } from "../../model/report.ts";
import { answered, type Case, jsonHeaders, judgeCases, realFindings } from "./fabricate.ts";

type Settings = Parameters<typeof judgeCases>[1];
type Answer = (index: number) => Outcome;

const secured: HeaderList = [...jsonHeaders, ["Set-Cookie", "sid=abc; HttpOnly"], ["Strict-Transport-Security", "max-age=1000"]];
const whole = { id: 7, total: 5, state: "open", price: 12.5, user: { name: "n" } };

/** 40 lanes with 15 requests each. */
function run(candidate: Answer, settings: Settings = {}, primary: Answer = () => answered(whole, 200, secured)): Report {
  const cases = Array.from({ length: 600 }, (_, index): Case => {
    const target = `/orders?x=${index}`;
    return { id: `x${index}`, lane: `lane ${index % 40}`, target, primary: primary(index), candidate: candidate(index) };
  });
  return judgeCases(cases, settings);
}

/** As `penumbra accept` writes it. */
function acceptanceOf({ id, fingerprints, signatures, transition, rate }: Finding): AcceptedChange {
  const places = signatures.flatMap(({ transitions = [] }) =>
    transitions.map(({ fingerprint, rate: each }) => ({ fingerprint, maxRate: greatestRate(each) })),
  );
  return { fingerprint: id, covers: fingerprints, places, transition, reason: "r", owner: "", expires: null, maxRate: greatestRate(rate) };
}

/** Once with all findings of the first run accepted, once with that run as the baseline. */
function again(first: Report, candidate: Answer, primary?: Answer): [accepted: Report, known: Report] {
  const settings: Settings[] = [{ accepted: realFindings(first).map(acceptanceOf) }, { baseline: first }];
  return settings.map((each) => run(candidate, each, primary)) as [Report, Report];
}

const states = (report: Report): string[] =>
  realFindings(report)
    .map(({ state, path, transition }) => `${state} ${path} ${transition}`)
    .sort();

const like =
  (changes: object, status = 200, headers = secured): Answer =>
  () =>
    answered({ ...whole, ...changes }, status, headers);

describe("an accepted or known finding", () => {
  it("still passes when nothing but it is there", () => {
    const first = run(like({ state: "closed" }, 201));
    const reports = again(first, like({ state: "closed" }, 201));
    expect(reports.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    expect(reports.map((report) => new Set(realFindings(report).map(({ state }) => state)))).toEqual([
      new Set(["accepted"]),
      new Set(["known"]),
    ]);
  });

  const cases: readonly [name: string, first: Answer, second: Answer, news: readonly string[]][] = [
    [
      "a field, a user and headers that are lost under another status",
      like({}, 201),
      () => answered({ id: 7, state: "open", price: 12.5, user: null }, 201, jsonHeaders),
      [
        "new /total present→absent",
        "new /user object→null",
        "new set-cookie/sid present→absent",
        "new strict-transport-security present→absent",
      ],
    ],
    [
      "another status of the same endpoint",
      (index) => answered(whole, index % 15 < 9 ? 404 : 200, secured),
      (index) => answered(whole, index % 15 < 8 ? 404 : index % 15 < 13 ? 500 : 200, secured),
      ["new  200→500"],
    ],
    ["another scale", like({ price: 1250 }), like({ price: 12_500 }), ["new /price ×1000"]],
    [
      "another type for a third",
      like({ price: "12.5" }),
      (index) => answered({ ...whole, price: index % 3 === 0 ? {} : "12.5" }, 200, secured),
      ["new /price number→object"],
    ],
    [
      "another word of a set for a third",
      like({ state: "closed" }),
      (index) => answered({ ...whole, state: index % 3 === 0 ? "deleted" : "closed" }, 200, secured),
      ["new /state open→deleted"],
    ],
  ];

  it.each(cases)("does not hide %s", (_name, first, second, news) => {
    for (const report of again(run(first), second)) {
      expect(report.verdict).toBe("fail");
      expect(states(report).filter((line) => line.startsWith("new"))).toEqual(news);
    }
  });

  it("does not hide other values in a list whose length was accepted", () => {
    const items = (count: number, factor: number): object => ({
      items: Array.from({ length: count }, (_, at) => ({ sku: `s${at}`, price: factor * (10 + at) })),
    });
    const primary = like(items(5, 1));
    const first = run(like(items(4, 1)), {}, primary);
    for (const report of again(first, like(items(4, 100)), primary)) {
      expect(states(report).filter((line) => line.startsWith("new"))).toEqual(["new /items/*/price ×100"]);
    }
  });

  it("covers what the body of an error lacks, although other fields were asked for then", () => {
    const first = run(
      (index) => (index % 2 === 0 ? answered({ error: "no" }, 500) : answered(whole)),
      {},
      () => answered(whole),
    );
    const more = { ...whole, note: "n" };
    const second: Answer = (index) => (index % 2 === 0 ? answered({ error: "no", code: 3 }, 500) : answered(more));
    for (const report of again(first, second, () => answered(more))) expect(report.verdict).toBe("pass");
  });

  it("is new again when it is clearly more frequent, and not when it is a little", () => {
    const share =
      (rate: number): Answer =>
      (index) =>
        answered({ ...whole, state: (index * 7) % 100 < rate * 100 ? "closed" : "open" }, 200, secured);
    const first = run(share(0.4));
    for (const report of again(first, share(0.5))) expect(report.verdict).toBe("pass");
    for (const report of again(first, share(1))) expect(states(report)).toEqual(["new /state open→closed"]);
  });

  it("is not undone by one more value of the kind that was accepted", () => {
    const shorter = (index: number, rare: string): Outcome => answered({ ...whole, state: index === 41 ? rare : "closed" }, 200, secured);
    const first = run((index) => shorter(index, "closed"));
    for (const report of again(first, (index) => shorter(index, "shut"))) expect(report.verdict).toBe("pass");
  });

  it("keeps its name when the majority of its transitions changes", () => {
    const mixed =
      (share: number): Answer =>
      (index) =>
        answered({ ...whole, state: index % 20 < share ? "closed" : "deleted" }, 200, secured);
    const [one, other] = [run(mixed(11)), run(mixed(9))];
    expect(realFindings(one).map(({ id }) => id)).toEqual(realFindings(other).map(({ id }) => id));
    const later = run(mixed(2), { baseline: one });
    expect(new Set(later.findings.map(({ state }) => state))).toEqual(new Set(["new"]));
    expect(run(mixed(9), { baseline: one }).findings.map(({ state }) => state)).toEqual(["known"]);
  });

  it("is named by no single word where the words are data", () => {
    const words = (turn: number): Answer => {
      const letters = (index: number): string => String(index + turn * 1000).replace(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
      return (index) => answered({ ...whole, state: letters(index) }, 200, secured);
    };
    const [one, other] = [run(words(1)), run(words(2))];
    expect(realFindings(one).map(({ path, title }) => [path, title])).toEqual([["/state", "GET /orders: field /state changed"]]);
    expect(realFindings(other).map(({ id }) => id)).toEqual(realFindings(one).map(({ id }) => id));
    for (const report of again(one, words(2))) expect(report.verdict).toBe("pass");
  });

  it("covers only what an older file names, and what an error brings with it", () => {
    const first = run(like({ state: "closed" }));
    const [finding] = realFindings(first);
    if (finding === undefined) throw new Error("nothing found");
    const { places: _, ...older } = acceptanceOf(finding);
    expect(run(like({ state: "closed" }), { accepted: [older] }).verdict).toBe("pass");
    const other = run(like({ state: "closed", user: null }), { accepted: [older] });
    expect(states(other)).toEqual(["accepted /state open→closed", "new /user object→null"]);
  });
});

describe("a finding of the baseline", () => {
  const asked = (turn: number, fault: boolean, withOrders: boolean, baseline: Report | null): Report => {
    const cases = Array.from({ length: 400 }, (_, index): Case => {
      const isOrder = withOrders && index % 2 === 0;
      const body = { state: "open" };
      const target = `/${isOrder ? "orders" : "goods"}?x=${index}`;
      const candidate = answered(isOrder && fault ? { state: "closed" } : body);
      return { id: `${turn}-${index}`, lane: `lane ${index % 40}`, target, primary: answered(body), candidate };
    });
    return judgeCases(cases, { baseline });
  };

  it("is still known after a run that did not ask its endpoint", () => {
    const first = asked(0, true, true, null);
    const second = asked(1, false, false, first);
    expect([second.findings, second.unseen?.length]).toEqual([[], 1]);
    expect(states(asked(2, true, true, asked(3, false, false, second)))).toEqual(["known /state open→closed"]);
    const fixed = asked(4, false, true, second);
    expect(fixed.findings).toMatchObject([{ state: "fixed", count: 0, compared: 200, evidence: { b: 0, c: 0, e: 1 } }]);
    expect(fixed.unseen).toBeUndefined();
    expect(states(asked(5, true, true, asked(6, false, false, fixed)))).toEqual(["returned /state open→closed"]);
  });

  it("is not called fixed by a handful of requests that need not have shown it", () => {
    const rare = (count: number, fault: boolean, baseline: Report | null): Report =>
      judgeCases(
        Array.from({ length: count }, (_, index) => ({
          id: `x${index}`,
          lane: `lane ${index % 40}`,
          target: `/orders?x=${index}`,
          primary: answered(whole),
          candidate: answered(fault && index % 9 === 0 ? { ...whole, user: null } : whole),
        })),
        { baseline },
      );
    const first = rare(1200, true, null);
    expect(states(first)).toEqual(["new /user object→null"]);
    const few = rare(20, false, first);
    expect([few.findings, few.unseen?.map(({ path }) => path)]).toEqual([[], ["/user"]]);
    expect(rare(200, false, few).findings.map(({ state }) => state)).toEqual(["fixed"]);
  });
});
