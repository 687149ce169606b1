import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import type { ReportDetails } from "../../report/details.ts";
import { junitReporter } from "../../report/junit.ts";
import { emptyReport, findingWith, noDetails, passingReport, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import { type JunitCase, readJunit } from "./readers/junit.ts";

function casesOf(report: Report, details: ReportDetails = noDetails): readonly JunitCase[] {
  return readJunit(junitReporter(report, details).output).cases;
}

const failed = ({ result }: JunitCase): boolean => result === "failed";
const skipped = ({ result }: JunitCase): boolean => result === "skipped";
const nameOf = ({ name }: JunitCase): string => name;

describe("the JUnit reader of these tests", () => {
  const suite = (inner: string, counts = 'tests="0" failures="0" errors="0"', skips = 'skipped="0"'): string =>
    `<testsuites ${counts}><testsuite name="a" ${counts} ${skips} timestamp="2025-11-22T10:00:00">${inner}</testsuite></testsuites>`;
  const one = 'tests="1" failures="0" errors="0"';
  const two = 'tests="2" failures="0" errors="0"';

  it("takes what is right", () => {
    expect(readJunit(suite('<testcase name="b"><skipped message="c"/></testcase>', one, 'skipped="1"')).cases.map(nameOf)).toEqual(["b"]);
  });

  it.each([
    ["an illegal character", suite('<testcase name="b&#1;"/>', one), "resolves to an invalid character"],
    ["a raw control character", suite("<system-out>\u0001</system-out>"), "Invalid character"],
    ["a bare <", suite('<testcase name="<"/>', one), "is not allowed in an attribute value"],
    ["an attribute twice", suite('<testcase name="b" name="c"/>', one), "Duplicate attribute"],
    ["]]> in text", suite("<system-out>]]></system-out>"), "]]>"],
    ["an unknown attribute", suite("", `${one} skipped="0"`, ""), "unknown skipped"],
    ["an unknown element", suite("<note/>"), "<note> in <testsuite>"],
    ["text where none may be", suite("x"), "text in <testsuite>"],
    ["a testcase without a name", suite("<testcase/>", one), "missing name"],
    ["a name twice", suite('<testcase name="b"/><testcase name="b"/>', two), "one name"],
    ["a wrong count", suite('<testcase name="b"/>', two), "tests of <testsuites> is not 1"],
    ["a wrong count of skips", suite('<testcase name="b"/>', one, 'skipped="1"'), "skipped of <testsuite> is not 0"],
  ])("refuses %s", (_, source, problem) => {
    expect(() => readJunit(source)).toThrow(problem);
  });
});

describe("the JUnit report", () => {
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
    const body = casesOf(richReport).find(({ name }) => name === "GET /posts/{id} body");
    expect(body?.message).toBe("GET /posts · a number became text (number→string) (and 2 other endpoints)");
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
    expect(casesOf(report).filter(({ output }) => output !== "")).toHaveLength(1);
  });

  it("skips everything of an inconclusive run, and endpoints with nothing compared of any run", () => {
    expect(casesOf(emptyReport).every(skipped)).toBe(true);
    expect(casesOf(richReport).filter(skipped).map(nameOf)).toEqual(
      ["status", "headers", "body", "transport"].map((check) => `DELETE /posts/{id} ${check}`),
    );
  });

  it("counts findings that one testcase has no room for", () => {
    const findings = Array.from({ length: 33 }, (_, index) => findingWith({ id: index.toString(16).padStart(12, "0"), title: `${index}` }));
    const body = casesOf({ ...richReport, findings }).find(({ name }) => name === "GET /posts body");
    expect(body?.details).toMatch(/\n\nand 13 more findings$/);
    expect(body?.message).toMatch(/\(and 32 more\)$/);
  });

  it("says the reasons of a pass, too", () => {
    const [verdict] = casesOf({ ...passingReport, reasons: richReport.reasons });
    expect(verdict?.output).toContain("(small-run)");
  });

  it("has unique names, also where cutting makes two endpoints equal", () => {
    const names = casesOf(hostileReport, hostileDetails).map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /^GET \/twinn+… #[0-9a-f]{8} body$/.test(name))).toHaveLength(2);
  });

  it("keeps the names of an endpoint's testcases whatever else the run has", () => {
    const alike = hostileReport.endpoints.slice(-2);
    const named = (report: Report): string[] =>
      casesOf(report)
        .map(nameOf)
        .filter((name) => /^GET \/(?:profile|twin)/.test(name))
        .toSorted();
    const passing: Report = { ...passingReport, endpoints: [...passingReport.endpoints, ...alike] };
    const [first] = alike.map(({ endpoint }) => endpoint);
    const failing: Report = {
      ...richReport,
      endpoints: [...alike.toReversed(), ...richReport.endpoints],
      findings: [findingWith({ endpoint: first ?? "", location: "status", severity: "high" })],
    };
    expect(named(passing)).toHaveLength(12);
    expect(named(failing)).toEqual(named(passing));
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
