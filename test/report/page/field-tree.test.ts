/** The tree of fields. */

import { describe, expect, it } from "vitest";
import type { Finding } from "../../../model/report.ts";
import { fits, readTerms } from "../../../report/page/app/search.ts";
import { pageData } from "../../../report/page/data.ts";
import { type FieldNode, fieldTree } from "../../../report/page/field-tree.ts";
import { findingWith, noDetails, richReport } from "../fixture.ts";

/** Of a finding that is at one place, and at others too. */
function at(endpoint: string, path: string, ...more: readonly string[]): Pick<Finding, "endpoint" | "location" | "path" | "signatures"> {
  const signature = (place: string) => ({ endpoint, location: "body" as const, path: place, kind: "json.value" as const });
  return { endpoint, location: "body", path, signatures: more.map(signature) };
}

function leaves(nodes: readonly FieldNode[]): FieldNode[] {
  return nodes.flatMap((node) => [...(node.query === "" ? [] : [node]), ...leaves(node.children)]);
}

describe("the tree of fields", () => {
  it("has each endpoint, the worst first, and each place with its rate and noise", () => {
    const tree = fieldTree([
      findingWith({ severity: "low", count: 1, compared: 4, noiseRate: 0.1, ...at("GET /b", "/items/*/price") }),
      findingWith({ severity: "high", count: 2, compared: 4, noiseRate: 0, ...at("GET /c", "/total") }),
      findingWith({ state: "noise", severity: "high", count: 4, compared: 4, noiseRate: 1, ...at("GET /a", "/at") }),
    ]);
    expect(tree.map(({ label, severity }) => [label, severity])).toEqual([
      ["GET /c", "high"],
      ["GET /b", "low"],
      ["GET /a", null],
    ]);
    expect(tree[1]?.children[0]?.children).toMatchObject([{ label: "items / * / price", rate: "1 of 4", noise: "10 %", children: [] }]);
  });

  it("joins what lies on the way to one place, and shows a place that has places below it", () => {
    const [endpoint] = fieldTree([findingWith({ ...at("GET /a", "/a/b", "/a/b/c", "/d") })]);
    const [body] = endpoint?.children ?? [];
    expect(body?.children.map(({ label, query }) => [label, query !== ""])).toEqual([
      ["a / b", true],
      ["d", true],
    ]);
    expect(body?.children[0]?.children.map(({ label }) => label)).toEqual(["c"]);
  });

  it("counts what it leaves out", () => {
    const tree = fieldTree(Array.from({ length: 1700 }, (_, index) => findingWith(at(`GET /${index}`, "/a"))));
    expect([tree.length, tree.at(-1)]).toMatchObject([
      501,
      { label: "1,200 more left out here; report.json has all", query: "", children: [] },
    ]);
  });

  it("names each place by a search that finds its findings", () => {
    const { groups, fields } = pageData(richReport, noDetails, 100);
    const findings = groups.flatMap((group) => group.findings);
    const places = leaves(fields);
    expect(places.length).toBeGreaterThan(3);
    for (const { query } of places) expect([query, findings.some((finding) => fits(finding, readTerms(query)))]).toEqual([query, true]);
  });
});
