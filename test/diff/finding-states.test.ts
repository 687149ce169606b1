/** What a finding is called over several runs, each judged against the report of the one before. */

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../model/exchange.ts";
import type { Report } from "../../model/report.ts";
import { answered, type Case, judgeCases, realFindings } from "./fabricate.ts";

type Fault = (body: Record<string, unknown>) => void;

const item = (id: number): Record<string, unknown> => ({ id, title: `title ${id}`, price: 10 + id });
const none: Fault = () => undefined;
const noPrice: Fault = (body) => delete body["price"];
const nullTitle: Fault = (body) => {
  body["title"] = null;
};

interface Traffic {
  readonly fault: Fault;
  readonly endpoints?: readonly string[];
  readonly lanes?: number;
  /** Where the fault does not show. */
  readonly spared?: string;
}

/** Each run has another number of requests in another order: a state must not depend on them. */
function run(turn: number, baseline: Report | null, { fault, endpoints = ["/items", "/goods"], lanes = 30, spared }: Traffic): Report {
  const cases = Array.from({ length: lanes * (6 + turn) }, (_, index): Case => {
    const id = 1 + ((index * (turn + 3)) % 11);
    const place = endpoints[(index + turn) % endpoints.length] ?? "/";
    const body = item(id);
    if (place !== spared) fault(body);
    const primary: Outcome = answered(item(id));
    return { id: `${turn}-${index}`, lane: `lane ${index % lanes}`, target: `${place}/${id}`, primary, candidate: answered(body) };
  });
  return judgeCases(cases, { baseline });
}

const states = (report: Report): string[] =>
  report.findings.filter(({ state }) => state !== "noise").map(({ path, state }) => `${path} ${state}`);

describe("the state of a finding", () => {
  it("goes from new over known to fixed, returned and known again", () => {
    const faults = [noPrice, noPrice, none, none, noPrice, noPrice];
    const ids = new Set<string>();
    const titles = new Set<string>();
    let baseline: Report | null = null;
    const seen = faults.map((fault, turn) => {
      baseline = run(turn, baseline, { fault });
      for (const { id, title } of realFindings(baseline)) {
        ids.add(id);
        titles.add(title);
      }
      return [...states(baseline), baseline.verdict];
    });
    expect(seen).toEqual([
      ["/price new", "fail"],
      ["/price known", "pass"],
      ["/price fixed", "pass"],
      ["/price fixed", "pass"],
      ["/price returned", "fail"],
      ["/price known", "pass"],
    ]);
    expect([ids.size, titles.size]).toEqual([1, 1]);
  });

  it("is its own for each finding", () => {
    const first = run(0, null, { fault: noPrice });
    const second = run(1, first, { fault: nullTitle });
    expect(states(second)).toEqual(["/title new", "/price fixed"]);
  });

  it("is new again where a known fault spreads to another endpoint", () => {
    const first = run(0, null, { fault: noPrice, spared: "/goods" });
    expect(states(run(1, first, { fault: noPrice, spared: "/goods" }))).toEqual(["/price known"]);
    expect(states(run(2, first, { fault: noPrice }))).toEqual(["/price new", "/price known"]);
  });

  it("is not fixed as long as one of its places still shows it, whichever led the finding", () => {
    const first = run(0, null, { fault: noPrice });
    const leading = first.findings[0]?.endpoint.includes("/goods") === true ? "/goods" : "/items";
    expect(states(run(1, first, { fault: noPrice, spared: leading }))).toEqual(["/price known"]);
  });

  it("is not fixed where nothing was compared, nor where the difference still occurs now and then", () => {
    const first = run(0, null, { fault: noPrice, endpoints: ["/items"] });
    expect(states(run(1, first, { fault: none, endpoints: ["/goods"] }))).toEqual([]);
    const once = (
      (left) => (body: Record<string, unknown>) =>
        left-- === 40 && noPrice(body)
    )(60);
    expect(states(run(2, first, { fault: once, endpoints: ["/items"] })).join()).not.toContain("fixed");
  });

  it("is known although a small run alone could not confirm it", () => {
    const first = run(0, null, { fault: noPrice, endpoints: ["/items"] });
    const rare = (
      (left) => (body: Record<string, unknown>) =>
        left-- === 1 && noPrice(body)
    )(10);
    const small = run(1, first, { fault: rare, endpoints: ["/items"], lanes: 2 });
    expect([...states(small), small.verdict]).toEqual(["/price known", "pass"]);
  });
});

describe("the exemplar", () => {
  it("is the smallest request with the smallest difference", () => {
    const cases = Array.from({ length: 60 }, (_, index): Case => {
      const padding = "p".repeat(1 + ((index * 7) % 13));
      const alsoTitle = index % 2 === 0;
      const body = { ...item(1), price: null, ...(alsoTitle ? { title: null } : {}) };
      return {
        id: `x${index}`,
        lane: `lane ${index % 30}`,
        target: `/items/1?q=${padding}`,
        primary: answered(item(1)),
        candidate: answered(body),
      };
    });
    const finding = judgeCases(cases).findings.find(({ path }) => path === "/price");
    const smallest = cases.filter(({ target }) => target === "/items/1?q=p").map(({ id }) => id);
    expect(smallest.length).toBeGreaterThan(3);
    const numberOf = (id: string): number => Number(id.slice(1));
    const expected = smallest.toSorted((a, b) => ((numberOf(a) + 1) % 2) - ((numberOf(b) + 1) % 2) || numberOf(a) - numberOf(b));
    expect(finding?.exemplars).toEqual(expected.slice(0, 5));
  });
});

describe("the score", () => {
  const score = (fault: Fault, spared?: string, baseline: Report | null = null): number =>
    run(0, baseline, spared === undefined ? { fault } : { fault, spared }).findings[0]?.score ?? 0;

  it("is severity by the logarithm of the reach, halved for what is known", () => {
    const negative: Fault = (body) => (body["price"] = -Number(body["price"]));
    const everywhere = 60 * Math.log(101);
    expect(score(noPrice)).toBeCloseTo(everywhere, 1);
    expect(score(negative)).toBeCloseTo((40 / 60) * everywhere, 1);
    expect(score(noPrice, undefined, run(1, null, { fault: noPrice }))).toBeCloseTo(everywhere / 2, 1);
    const onOneInTwenty = (
      (count) => (body: Record<string, unknown>) =>
        count++ % 20 === 0 && noPrice(body)
    )(0);
    // Of the one endpoint that shows it a tenth, and on too few lanes to be sure.
    expect(score(onOneInTwenty)).toBeCloseTo((60 * Math.log(1 + 10)) / 2, 1);
  });
});
