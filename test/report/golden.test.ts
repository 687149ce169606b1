/** Every format of every kind of run as it was last reviewed, and read by a strict parser of that format. HTML has a test of its own. */

import { describe, expect, it } from "vitest";
import { githubReporter } from "../../report/github.ts";
import { gitlabReporter } from "../../report/gitlab.ts";
import { jsonReporter } from "../../report/json.ts";
import { junitReporter } from "../../report/junit.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { textReporter } from "../../report/text.ts";
import { displayWidth } from "../../report/text-layout.ts";
import { goldenRuns } from "./golden-runs.ts";
import { readCodeQuality } from "./readers/code-quality.ts";
import { readJunit } from "./readers/junit.ts";
import { logCommandsIn } from "./readers/log-commands.ts";
import { renderedElements, tablesOf } from "./readers/rendered-markdown.ts";
import { problemsForWriters } from "./readers/report-json.ts";
import { seenLines } from "./readers/terminal.ts";

/** Columns of the text report when nobody says how many there are. */
const columns = 80;

describe.each(goldenRuns)("the report of the $name run", ({ name, report, details }) => {
  const open = report.findings.filter(({ state }) => ["new", "returned", "unconfirmed"].includes(state));
  const settled = report.findings.filter(({ state }) => ["known", "accepted", "fixed"].includes(state));

  it("as text fits the terminal", async () => {
    const { output } = textReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.txt`);
    expect(Math.max(...seenLines(output).map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  it("as JSON is what the published schema says", async () => {
    const { output } = jsonReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.json`);
    expect(problemsForWriters(JSON.parse(output))).toBe("");
    expect(JSON.parse(output)).toEqual(report);
  });

  it("as Markdown has one row for each open finding", async () => {
    const { output } = markdownReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.md`);
    const rows = tablesOf(renderedElements(output)).flatMap((table) => table.slice(1));
    expect(rows.map((cells) => cells.length)).toEqual(open.map(() => 6));
  });

  it("as a step summary has one row for each finding that is not noise, and for each endpoint", async () => {
    const { output } = githubReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.github.md`);
    const rows = tablesOf(renderedElements(output)).map((table) => table.slice(1).map((cells) => cells.length));
    const sizes = [open.map(() => 7), settled.map(() => 7), report.endpoints.map(() => 6)];
    expect(rows).toEqual(sizes.filter((table) => table.length > 0));
  });

  it("as annotations is at most five workflow commands, and nothing else", async () => {
    const lines = githubReporter(report, details).annotations ?? [];
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`golden/${name}.github.log`);
    expect(logCommandsIn(lines.join("\n"))).toHaveLength(Math.min(5, open.length + 1));
    expect(lines).toHaveLength(Math.min(5, open.length + 1));
  });

  it("as Code Quality has one issue for each open finding, and one for a verdict that is no pass", async () => {
    const { output } = gitlabReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.gitlab.json`);
    expect(readCodeQuality(output)).toHaveLength(open.length + (report.verdict === "pass" ? 0 : 1));
  });

  it("as JUnit has a testcase for each endpoint and check, and one for the verdict", async () => {
    const { output } = junitReporter(report, details);
    await expect(output).toMatchFileSnapshot(`golden/${name}.junit.xml`);
    const { cases } = readJunit(output);
    const touched = report.findings.filter((finding) => open.includes(finding)).flatMap(({ signatures }) => signatures);
    const endpoints = new Set([...report.endpoints, ...touched].map(({ endpoint }) => endpoint));
    for (const check of ["status", "headers", "body", "transport"]) {
      expect([check, cases.filter(({ name: called }) => called.endsWith(` ${check}`)).length]).toEqual([check, endpoints.size]);
    }
  });
});

describe("the runs whose reports are kept", () => {
  it("have every verdict, state, class and severity between them", () => {
    const findings = goldenRuns.flatMap(({ report }) => report.findings);
    expect(new Set(goldenRuns.map(({ report }) => report.verdict)).size).toBe(3);
    expect(new Set(findings.map(({ state }) => state)).size).toBe(7);
    expect(new Set(findings.map((finding) => finding.class)).size).toBe(7);
    expect(new Set(findings.map(({ severity }) => severity)).size).toBe(4);
  });
});
