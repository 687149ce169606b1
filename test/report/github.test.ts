import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import type { ReportDetails } from "../../report/details.ts";
import { githubReporter } from "../../report/github.ts";
import { emptyReport, findingWith, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { type LogCommand, logCommandsIn } from "./readers/log-commands.ts";

function annotationsOf(report: Report, details: ReportDetails = noDetails): LogCommand[] {
  const lines = githubReporter(report, details).annotations ?? [];
  const commands = logCommandsIn(lines.join("\n"));
  expect(commands).toHaveLength(lines.length);
  return commands;
}

const levelsOf = (report: Report, details: ReportDetails = noDetails): string[] => annotationsOf(report, details).map(({ name }) => name);
const titlesOf = (report: Report): string[] => annotationsOf(report).map(({ properties }) => properties.get("title") ?? "");

describe("the reader of workflow commands of these tests", () => {
  it("finds a command at the beginning of a line, however far in, and in square brackets anywhere", () => {
    const found = logCommandsIn(
      "  ::error title=a%3A%2525,line=2::b%0Ac\r\nx ##[warning]y\n\u00a0::Notice::z\nx ::error::no\n::unknown::no\nx##vso[task.a]b",
    );
    expect(found.map(({ name, data }) => [name, data])).toEqual([
      ["error", "b\nc"],
      ["warning", "y"],
      ["notice", "z"],
      ["vso[task.a", "b"],
    ]);
    expect(found[0]?.properties).toEqual(
      new Map([
        ["title", "a:%25"],
        ["line", "2"],
      ]),
    );
  });
});

describe("the annotations for GitHub", () => {
  it("are the verdict and the worst findings, at most 5", () => {
    expect(titlesOf(richReport)).toEqual([
      "Penumbra: FAIL",
      "high: GET /posts · list became empty (n→0)",
      "high: GET /posts/{id} · no answer where there was one (200→reset)",
      "medium: GET /posts · a number became text (number→string) (and 2 other endpoints)",
      "low: GET /comments · etag changed its form",
    ]);
    const findings = Array.from({ length: 30 }, (_, index) => findingWith({ id: index.toString(16).padStart(12, "0"), title: `${index}` }));
    const commands = annotationsOf({ ...richReport, findings });
    expect(commands).toHaveLength(5);
    expect(commands[0]?.data).toContain("26 findings without an annotation");
  });

  it("are errors only where the gate failed: a pass is a notice, an inconclusive run a warning", () => {
    expect(levelsOf(richReport)).toEqual(["error", "error", "warning", "error", "error"]);
    expect(levelsOf(richReport, { ...noDetails, failOn: "high" })).toEqual(["error", "error", "warning", "warning", "warning"]);
    expect(levelsOf(passingReport)).toEqual(["notice"]);
    expect(levelsOf(emptyReport)).toEqual(["warning"]);
    expect(titlesOf(emptyReport)).toEqual(["Penumbra: INCONCLUSIVE"]);
    expect(levelsOf({ ...emptyReport, findings: richReport.findings })).toEqual(Array.from({ length: 5 }, () => "warning"));
  });

  it("carry commas, colons, percent signs and escapes as they are", () => {
    const title = "a, b: 100% %0A %3A ::error::x";
    const [, command] = annotationsOf({ ...richReport, findings: [findingWith({ title, condition: title, severity: "high" })] });
    expect(command?.properties.get("title")).toBe(`high: GET /posts · ${title}`);
    expect(command?.data.split("\n")[1]).toBe(title);
  });
});

describe("the step summary", () => {
  const bytesOf = (report: Report, details: ReportDetails = noDetails): number => Buffer.byteLength(githubReporter(report, details).output);
  const many: Report = {
    ...richReport,
    findings: Array.from({ length: 3000 }, (_, index) =>
      findingWith({ id: index.toString(16).padStart(12, "0"), title: `${index} ${"€<".repeat(90)}`, score: 5000 - index }),
    ),
    endpoints: Array.from({ length: 3000 }, (_, index) => ({
      endpoint: `GET /${index}/${"é".repeat(100)}`,
      compared: 3000 - index,
      different: 0,
      latency: null,
      upperBound: null,
    })),
  };

  it("stays within 900 kB by leaving out rows, the least important first, and says how many", () => {
    const { output } = githubReporter(many, richDetails);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(900_000);
    expect(Buffer.byteLength(output)).toBeGreaterThan(700_000);
    const rows = output.split("\n").filter((line) => line.startsWith("| 🟠 medium | <code>")).length;
    expect(rows).toBeGreaterThan(300);
    expect(output).toContain(`_${(3000 - rows).toLocaleString("en-US")} more findings left out`);
    expect(output).toContain("_3,000 more endpoints left out");
  });

  it("leaves room for what the step's summary holds already", () => {
    const summaryBytes = 400_000;
    expect(bytesOf(many, { ...richDetails, summaryBytes })).toBeLessThanOrEqual(500_000);
    expect(bytesOf(many, { ...richDetails, summaryBytes: 2_000_000 })).toBeLessThan(3000);
    expect(githubReporter(many, { ...richDetails, summaryBytes: 2_000_000 }).output).toContain("Penumbra: FAIL");
  });

  it("has every finding that is not noise, and every endpoint", () => {
    const { output } = githubReporter(richReport, richDetails);
    for (const { id, state } of richReport.findings) expect(output.includes(id)).toBe(state !== "noise");
    for (const { endpoint } of richReport.endpoints) expect(output).toContain(`| <code>${endpoint}</code> |`);
  });
});
