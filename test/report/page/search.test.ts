/** The page's search line. */

import { describe, expect, it } from "vitest";
import { fits, readTerms } from "../../../report/page/app/search.ts";
import type { FindingRow } from "../../../report/page/data.ts";

const finding: FindingRow = {
  id: "3fa9c1d27b04",
  severity: "high",
  state: "new",
  title: "GET /orders/{id}: status 200→500",
  example: ["200", "500"],
  reach: "3 of 20",
  share: 0.15,
  condition: "only when currency=JPY",
  evidence: "b 20, c 0",
  class: "deterministic",
  places: [
    ["GET /orders/{id}", "status"],
    ["GET /cart", "body /items/*/price"],
  ],
  kind: "status",
  transition: "200→500",
};
const has = (text: string): boolean => fits(finding, readTerms(text));

describe("the search", () => {
  it.each([
    "",
    "   ",
    "orders",
    "ORDERS jpy",
    'endpoint:"GET /orders/{id}"',
    "endpoint:/cart",
    "path:/items/*/price",
    'path:"body /items"',
    "status:200->500",
    "status:200→500",
    "status:500",
    "kind:status class:deter state:new severity:high id:3fa9",
    "-price:missing",
    "-class:flaky",
    '-"no such words"',
    'unfinished:"',
  ])("finds it by %j", (text) => {
    expect(has(text)).toBe(text !== 'unfinished:"');
  });

  it.each([
    "nothing",
    "orders nothing",
    "endpoint:/users",
    "status:200->404",
    "class:flaky",
    "-orders",
    "-class:deterministic",
    "path:orders",
  ])("does not find it by %j", (text) => expect(has(text)).toBe(false));

  it("looks for a status only where a status changes", () => {
    expect(fits({ ...finding, places: [["GET /a", "body /code"]] }, readTerms("status:200->500"))).toBe(false);
  });
});
