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

function treeOf(findings: readonly Finding[], comparedAt: Readonly<Record<string, number>> = {}): FieldNode[] {
  const [example] = richReport.endpoints;
  if (example === undefined) throw new Error("there is one");
  const endpoints = Object.entries(comparedAt).map(([endpoint, compared]) => ({ ...example, endpoint, compared }));
  return fieldTree({ findings, endpoints });
}

function leaves(nodes: readonly FieldNode[]): FieldNode[] {
  return nodes.flatMap((node) => [...(node.query === "" ? [] : [node]), ...leaves(node.children)]);
}

describe("the tree of fields", () => {
  it("has each endpoint, the worst first, and each place with its rate and noise", () => {
    const tree = treeOf([
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

  it("counts at each endpoint and place what shows there, not what its finding shows elsewhere", () => {
    const header = (endpoint: string, rate: number): Finding["signatures"][number] => ({
      ...{ endpoint, location: "header", path: "etag", kind: "header.missing" },
      transitions: [{ transition: "present→absent", fingerprint: "0123456789ab", rate }],
    });
    const status = (transition: string, rate: number): Finding["signatures"][number] => ({
      ...{ endpoint: "GET /a", location: "status", path: "", kind: "status.class" },
      transitions: [{ transition, fingerprint: "0123456789ab", rate }],
    });
    const tree = treeOf(
      [
        findingWith({ count: 934, compared: 964, signatures: [header("GET /a", 0.5), header("DELETE /b", 1)] }),
        findingWith({ count: 20, compared: 34, signatures: [status("200→500", 0.4), header("GET /a", 0.25)] }),
        findingWith({ count: 10, compared: 34, signatures: [status("200→404", 0.1)] }),
      ],
      { "GET /a": 40, "DELETE /b": 34 },
    );
    const rates = Object.fromEntries(
      tree.map(({ label, children }) => [label, children.map((place) => [place.label, place.rate || place.children[0]?.rate])]),
    );
    expect(rates).toMatchObject({
      "GET /a": [
        ["header", "30 of 40"],
        ["status", "20 of 40"],
      ],
      "DELETE /b": [["header", "34 of 34"]],
    });
  });

  it("joins what lies on the way to one place, and shows a place that has places below it", () => {
    const [endpoint] = treeOf([findingWith({ ...at("GET /a", "/a/b", "/a/b/c", "/d") })]);
    const [body] = endpoint?.children ?? [];
    expect(body?.children.map(({ label, query }) => [label, query !== ""])).toEqual([
      ["a / b", true],
      ["d", true],
    ]);
    expect(body?.children[0]?.children.map(({ label }) => label)).toEqual(["c"]);
  });

  it("counts what it leaves out", () => {
    const tree = treeOf(Array.from({ length: 1700 }, (_, index) => findingWith(at(`GET /${index}`, "/a"))));
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
