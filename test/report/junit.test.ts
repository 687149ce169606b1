import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import type { ReportDetails } from "../../report/details.ts";
import { junitReporter } from "../../report/junit.ts";
import { emptyReport, findingWith, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import { elementsNamed, parseStrictXml, type XmlElement } from "./strict-xml.ts";

function casesOf(report: Report, details: ReportDetails = noDetails): XmlElement[] {
  return elementsNamed(parseStrictXml(junitReporter(report, details).output), "testcase");
}

const nameOf = (element: XmlElement): string => element.attributes.get("name") ?? "";
const failed = (element: XmlElement): boolean => elementsNamed(element, "failure").length > 0;
const skipped = (element: XmlElement): boolean => elementsNamed(element, "skipped").length > 0;

describe("the strict XML reader of these tests", () => {
  it.each([
    ["<a><b></a></b>", "closes"],
    ['<a b="<"/>', "malformed tag"],
    ["<a>&</a>", "bare &"],
    ["<a>\u0001</a>", "illegal character"],
    ["<a/><b/>", "not one closed root"],
    ['<a b="1" b="2"/>', "twice"],
    ["<a>]]></a>", "character data"],
    ["<a>", "not one closed root"],
  ])("refuses %j", (source, problem) => {
    expect(() => parseStrictXml(`<?xml version="1.0" encoding="UTF-8"?>\n${source}`)).toThrow(problem);
  });
});

describe("the JUnit report", () => {
  it("looks as it was last reviewed", async () => {
    await expect(junitReporter(richReport, richDetails).output).toMatchFileSnapshot("golden/report.junit.xml");
    await expect(junitReporter(hostileReport, hostileDetails).output).toMatchFileSnapshot("golden/hostile.junit.xml");
  });

  it("fails the testcase of every endpoint and check that a new or returned finding touches", () => {
    expect(casesOf(richReport).filter(failed).map(nameOf)).toEqual([
      "verdict",
      "GET /comments headers",
      "GET /comments body",
      "GET /posts headers",
      "GET /posts body",
      "GET /posts/{id} body",
    ]);
  });

  it("gives a failure the finding's title as message", () => {
    const body = casesOf(richReport).find((element) => nameOf(element) === "GET /posts/{id} body");
    expect(body === undefined ? [] : elementsNamed(body, "failure").map(({ attributes }) => attributes.get("message"))).toEqual([
      "GET /posts · a number became text (number→string) (and 2 other endpoints)",
    ]);
  });

  it("fails nothing under the gate when the gate is known", () => {
    const names = casesOf(richReport, { ...noDetails, failOn: "high" })
      .filter(failed)
      .map(nameOf);
    expect(names).toEqual(["verdict", "GET /posts headers", "GET /posts body"]);
  });

  it("fails nothing when the run passed, even with a finding under the gate", () => {
    const report: Report = { ...passingReport, findings: [findingWith({ severity: "low", title: "GET /posts · order" })] };
    expect(casesOf(report).filter(failed)).toEqual([]);
    expect(elementsNamed(parseStrictXml(junitReporter(report, noDetails).output), "system-out")).toHaveLength(1);
  });

  it("skips everything of an inconclusive run, and endpoints with nothing compared of any run", () => {
    expect(casesOf(emptyReport).every(skipped)).toBe(true);
    expect(casesOf(richReport).filter(skipped).map(nameOf)).toEqual(
      ["status", "headers", "body", "transport"].map((check) => `DELETE /posts/{id} ${check}`),
    );
  });

  it("counts its testcases, failures and skips", () => {
    for (const report of [richReport, passingReport, emptyReport, hostileReport]) {
      const root = parseStrictXml(junitReporter(report, noDetails).output);
      const cases = elementsNamed(root, "testcase");
      const counts = ["tests", "failures", "skipped"].map((name) => Number(root.attributes.get(name)));
      expect(counts).toEqual([cases.length, cases.filter(failed).length, cases.filter(skipped).length]);
    }
  });

  it("has unique names, also where cutting makes two endpoints equal", () => {
    const names = casesOf(hostileReport, hostileDetails).map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /^GET \/twinn+… body \(2\)$/.test(name))).toHaveLength(1);
  });

  it("keeps the names of an endpoint's testcases from run to run", () => {
    const named = (report: Report): string[] =>
      casesOf(report)
        .map(nameOf)
        .filter((name) => name.startsWith("GET /profile"))
        .toSorted();
    expect(named(richReport)).toEqual(named(passingReport));
  });

  it("stays under 30 MB and says what it left out", () => {
    const long = "x".repeat(290);
    const endpoints = Array.from({ length: 12_000 }, (_, index) => ({
      endpoint: `GET /${index}/${long}`,
      compared: 1,
      different: 0,
      latency: null,
      upperBound: 1,
    }));
    const { output } = junitReporter({ ...richReport, endpoints }, noDetails);
    expect(Buffer.byteLength(output)).toBeLessThan(30_000_000);
    expect(output).toMatch(/name="testcases left out for size" value="[1-9]\d+"/);
    expect(output).toContain('name="GET /posts body"><failure');
  });
});
