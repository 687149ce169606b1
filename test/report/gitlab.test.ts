import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { gitlabReporter } from "../../report/gitlab.ts";
import { emptyReport, findingWith, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { type CodeQualityIssue, readCodeQuality } from "./readers/code-quality.ts";

const issuesOf = (report: Report, acceptedFile?: string): CodeQualityIssue[] =>
  readCodeQuality(gitlabReporter(report, acceptedFile === undefined ? noDetails : { ...richDetails, acceptedFile }).output);
const fingerprintsOf = (report: Report): string[] => issuesOf(report).map(({ fingerprint }) => fingerprint);

describe("the reader of Code Quality reports of these tests", () => {
  const [issue] = issuesOf(richReport);
  it.each<readonly [string, unknown]>([
    ["an object", {}],
    ["an issue without a place", [{ ...issue, location: undefined }]],
    ["a severity of its own", [{ ...issue, severity: "high" }]],
    ["an absolute path", [{ ...issue, location: { path: "/tmp/a", lines: { begin: 1 } } }]],
    ["a path out of the repository", [{ ...issue, location: { path: "a/../../b", lines: { begin: 1 } } }]],
    ["line 0", [{ ...issue, location: { path: "a", lines: { begin: 0 } } }]],
    ["a fingerprint twice", [issue, issue]],
  ])("refuses %s", (_, report) => {
    expect(() => readCodeQuality(JSON.stringify(report))).toThrow(/"message"|twice/);
  });
});

describe("the GitLab report", () => {
  it("has an issue for the verdict and for every open finding, the worst first", () => {
    expect(issuesOf(richReport).map(({ severity, check_name }) => `${severity} ${check_name}`)).toEqual([
      "blocker penumbra/verdict/fail",
      "critical penumbra/body/json.element-count",
      "critical penumbra/transport/transport.reset",
      "major penumbra/body/json.type",
      "minor penumbra/header/header.format",
    ]);
  });

  it("is empty for a pass without findings, and never for an inconclusive run", () => {
    expect(issuesOf(passingReport)).toEqual([]);
    const [issue, ...others] = issuesOf(emptyReport);
    expect([issue?.severity, issue?.check_name, others]).toEqual(["major", "penumbra/verdict/inconclusive", []]);
    expect(issue?.description).toMatch(/^INCONCLUSIVE: not a pass/);
  });

  it("keeps the fingerprint of a finding whatever its counts, its order and its neighbours are", () => {
    const again = richReport.findings.map((finding) => ({
      ...finding,
      count: finding.count + 1,
      severity: "info" as const,
      condition: "new",
    }));
    expect(fingerprintsOf({ ...richReport, findings: again.toReversed() }).toSorted()).toEqual(fingerprintsOf(richReport).toSorted());
    const fewer = fingerprintsOf({ ...richReport, findings: again.slice(1) });
    expect(fingerprintsOf(richReport)).toEqual(expect.arrayContaining(fewer));
  });

  it("points to a file that is there: the accepted changes, else the pipeline's own", () => {
    const pathsOf = (file?: string): string[] => [...new Set(issuesOf(richReport, file).map(({ location }) => location.path))];
    expect(pathsOf()).toEqual([".gitlab-ci.yml"]);
    expect(pathsOf("./ci/penumbra.accepted.yaml")).toEqual(["ci/penumbra.accepted.yaml"]);
    expect(pathsOf("/srv/shop/penumbra.accepted.yaml")).toEqual([".gitlab-ci.yml"]);
    expect(pathsOf("../penumbra.accepted.yaml")).toEqual([".gitlab-ci.yml"]);
  });

  it("has at most 1,000 findings and counts the rest", () => {
    const findings = Array.from({ length: 1234 }, (_, index) =>
      findingWith({ id: index.toString(16).padStart(12, "0"), title: `${index}` }),
    );
    const issues = issuesOf({ ...richReport, findings });
    expect(issues).toHaveLength(1002);
    expect(issues.at(-1)?.description).toMatch(/^234 more findings left out/);
  });
});
