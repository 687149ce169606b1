/** One planted cause is one finding: whatever it touches, at however many places and endpoints. */

import { describe, expect, it } from "vitest";
import type { HeaderList, Outcome } from "../../model/exchange.ts";
import { answered, type Case, jsonHeaders, judgeCases, realFindings } from "./fabricate.ts";

type Json = Record<string, unknown>;

const plain: HeaderList = [...jsonHeaders, ["X-Powered-By", "Express"], ["Cache-Control", "no-store"]];

function order(id: number): Json {
  const lines = Array.from({ length: 3 }, (_, at) => ({ sku: `sku-${id}-${at}`, price: 10.123 + id + at, tags: ["new", "sale", "new"] }));
  return {
    id,
    state: "open",
    total: 31.25 + id,
    note: `Order ${id} of  Tom & Co `,
    customer: { name: `Name ${id}`, address: { city: "Bonn" } },
    lines,
  };
}

const endpoints: readonly [target: (id: number) => string, body: (id: number) => unknown][] = [
  [(id) => `/orders/${id}`, order],
  [(id) => `/orders?page=${id}`, (id) => [order(id), order(id + 1)]],
  [(id) => `/customers/${id}/orders`, (id) => ({ items: [order(id)], count: 1 })],
];

/** 30 lanes ask each endpoint for 10 things. */
function run(candidateOf: (body: unknown, endpoint: number) => Outcome): Case[] {
  return Array.from({ length: 900 }, (_, index): Case => {
    const endpoint = index % endpoints.length;
    const [target, body] = endpoints[endpoint] ?? [() => "/", () => null];
    const id = 1 + (Math.floor(index / 3) % 10);
    return {
      id: `x${index}`,
      lane: `lane ${Math.floor(index / 30)}`,
      target: target(id),
      primary: answered(body(id), 200, plain),
      candidate: candidateOf(structuredClone(body(id)), endpoint),
    };
  });
}

/** Every order, wherever it is. */
const orders =
  (change: (each: Json) => void) =>
  (body: unknown): Outcome =>
    answered(changed(body, change), 200, plain);
const lines = (change: (line: Json) => void): ((body: unknown) => Outcome) => orders((each) => (each["lines"] as Json[]).forEach(change));

function changed(body: unknown, change: (each: Json) => void): unknown {
  const list = Array.isArray(body) ? body : (body as Json)["items"];
  for (const each of (Array.isArray(list) ? list : [body]) as Json[]) change(each);
  return body;
}

const causes: readonly [cause: string, candidate: (body: unknown, endpoint: number) => Outcome, kind: string, transition: string][] = [
  ["a field is gone everywhere", orders((each) => delete each["state"]), "json.missing", "present→absent"],
  ["an object with all it holds is gone", orders((each) => delete each["customer"]), "json.missing", "present→absent"],
  ["an object became null", orders((each) => (each["customer"] = null)), "json.null", "object→null"],
  ["numbers became strings", orders((each) => (each["total"] = String(each["total"]))), "json.type", "number→string"],
  ["cents instead of units", orders((each) => (each["total"] = Number(each["total"]) * 100)), "json.value", "×100"],
  ["another sign", orders((each) => (each["total"] = -Number(each["total"]))), "json.value", "sign"],
  ["rounding in every element", lines((line) => (line["price"] = Math.round(Number(line["price"]) * 100) / 100)), "json.value", "rounding"],
  ["another case", orders((each) => (each["note"] = String(each["note"]).toUpperCase())), "json.value", "case"],
  ["trimmed", orders((each) => (each["note"] = String(each["note"]).trim())), "json.value", "trim"],
  ["escaped", orders((each) => (each["note"] = String(each["note"]).replace("&", "&amp;"))), "json.value", "escape"],
  ["cut off", orders((each) => (each["note"] = String(each["note"]).slice(0, 8))), "json.value", "truncated"],
  ["another word of a set", orders((each) => (each["state"] = "closed")), "json.value", "open→closed"],
  ["repeated elements are gone", lines((line) => (line["tags"] = ["new", "sale"])), "json.element-count", "dedupe"],
  ["a list in another order", orders((each) => (each["lines"] as Json[]).reverse()), "json.order", "order"],
  ["a renamed field", orders((each) => ((each["sum"] = each["total"]), delete each["total"])), "json.missing", "present→absent"],
  ["a header is gone", (body) => answered(body, 200, plain.slice(0, 2)), "header.missing", "present→absent"],
  [
    "one endpoint fails",
    (body, endpoint) => (endpoint === 1 ? answered({ error: "no" }, 500) : answered(body, 200, plain)),
    "status.class",
    "200→500",
  ],
  ["all endpoints fail", () => answered({ error: "no" }, 500), "status.class", "200→500"],
  [
    "another media type",
    (body) => answered(body, 200, [["Content-Type", "text/html"], ...plain.slice(1)]),
    "body.media-type",
    "application/json→text/html",
  ],
];

describe("one cause", () => {
  it.each(causes)("is one finding: %s", (_cause, candidate, kind, transition) => {
    const report = judgeCases(run(candidate));
    expect(realFindings(report).map((finding) => [finding.kind, finding.transition])).toEqual([[kind, transition]]);
    expect(report.verdict).toBe(kind === "json.order" ? "pass" : "fail");
  });

  it("is told from another that happens at the same time", () => {
    const both = orders((each) => {
      delete each["state"];
      each["total"] = -Number(each["total"]);
    });
    expect(realFindings(judgeCases(run(both))).map(({ path, transition }) => [path.split("/").at(-1), transition])).toEqual([
      ["state", "present→absent"],
      ["total", "sign"],
    ]);
  });
});
