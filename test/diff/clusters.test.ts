/** Which differences are one finding where several causes meet: two causes stay two, one stays one. */

import { describe, expect, it } from "vitest";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import { answered, type Case, jsonHeaders, judgeCases, realFindings } from "./fabricate.ts";

const cached: HeaderList = [...jsonHeaders, ["Cache-Control", "max-age=5"]];

function findings(
  candidate: (index: number) => Outcome,
  primary: Outcome,
  targetOf = (index: number): string => `/orders?x=${index}`,
): string[] {
  const cases = Array.from({ length: 800 }, (_, index): Case => {
    return { id: `x${index}`, lane: `lane ${index % 41}`, target: targetOf(index), primary, candidate: candidate(index) };
  });
  return realFindings(judgeCases(cases)).map(({ endpoint, path, signatures, condition }) =>
    [endpoint, path, signatures.length, condition?.replace(/:.*/, "") ?? "always"].join(" "),
  );
}

describe("a cluster", () => {
  const whole = { id: 7, state: "open", total: 5 };

  it("is a field, a value and a header that change in the same answers of many", () => {
    const half = (index: number): Outcome => (index % 2 === 0 ? answered({ id: 7, state: "OPEN" }) : answered(whole, 200, cached));
    expect(findings(half, answered(whole, 200, cached))).toHaveLength(1);
  });

  it("is not a field and a header that always change", () => {
    expect(findings(() => answered({ id: 7, state: "open" }), answered(whole, 200, cached))).toHaveLength(2);
  });

  it("is not a header and a field that change in answers of their own", () => {
    const two = (index: number): Outcome =>
      answered(index % 2 === 0 ? { id: 7, state: "open" } : whole, 200, index % 3 === 0 ? jsonHeaders : cached);
    expect(findings(two, answered(whole, 200, cached))).toHaveLength(2);
  });

  it("is not a shorter list and other prices in it", () => {
    const items = (count: number, factor: number): unknown => ({
      items: Array.from({ length: count }, (_, at) => ({ sku: `s${at}`, price: factor * (10 + at) })),
    });
    expect(findings(() => answered(items(4, 100)), answered(items(5, 1)))).toEqual([
      "GET /orders /items 2 always",
      "GET /orders /items/*/price 1 always",
    ]);
  });

  it("is no field of the same name at two endpoints, each on requests of its own", () => {
    const targetOf = (index: number): string =>
      index % 2 === 0
        ? `/a?currency=${index % 4 === 0 ? "JPY" : "EUR"}&x=${index}`
        : `/b?language=${index % 3 === 0 ? "en" : "de"}&x=${index}`;
    const lost = (index: number): Outcome => {
      const isLost = index % 2 === 0 ? index % 4 === 0 : index % 3 === 0;
      return answered(isLost ? { id: 7, state: "open" } : whole);
    };
    expect(findings(lost, answered(whole), targetOf)).toEqual([
      "GET /a /total 1 only when query currency=JPY",
      "GET /b /total 1 only when query language=en",
    ]);
  });

  it("is a field of the same name at two endpoints on the same requests, or always", () => {
    const targetOf = (index: number): string => `/${index % 2 === 0 ? "a" : "b"}?currency=${index % 3 === 0 ? "JPY" : "EUR"}&x=${index}`;
    const sometimes = (index: number): Outcome => answered(index % 3 === 0 ? { id: 7, state: "open" } : whole);
    expect(findings(sometimes, answered(whole), targetOf)).toEqual(["GET /a /total 2 only when query currency=JPY"]);
    expect(findings(() => answered({ id: 7, state: "open" }), answered(whole), targetOf)).toEqual(["GET /a /total 2 always"]);
  });
});
