import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { markdownMarker, markdownReporter } from "../../report/markdown.ts";
import { emptyReport, findingWith, noDetails, passingReport, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import { renderedElements, tablesOf } from "./readers/rendered-markdown.ts";

function reportWith(findings: number, title: (index: number) => string): Report {
  return {
    ...richReport,
    findings: Array.from({ length: findings }, (_, index) =>
      findingWith({
        id: index.toString(16).padStart(12, "0"),
        title: title(index),
        condition: title(index),
        example: { from: title(index), to: title(index) },
        transition: title(index),
      }),
    ),
  };
}

describe("the Markdown report", () => {
  it("starts with the marker that makes the comment sticky", () => {
    for (const report of [richReport, passingReport, emptyReport]) {
      expect(markdownReporter(report, noDetails).output.split("\n")[0]).toBe(markdownMarker);
    }
  });

  it("shows at most 20 findings and counts the rest", () => {
    const { output } = markdownReporter(
      reportWith(33, (index) => `GET /posts · field ${index}`),
      noDetails,
    );
    expect(output.match(/^\| 🟠/gmu)).toHaveLength(20);
    expect(output).toContain("13 more findings left out");
  });

  it("stays within 60,000 characters however hostile the titles, and says what it dropped", () => {
    const { output } = markdownReporter(
      reportWith(40, (index) => `${index}${"<|`*@#".repeat(200)}`),
      noDetails,
    );
    expect(output.length).toBeLessThanOrEqual(60_000);
    expect(output).toContain("20 more findings left out");
    expect(output).toMatch(/_The details of \d+ findings left out for size\._/);
    expect(output.endsWith("</details>\n")).toBe(true);
  });

  it("lets no recorded text become markup, a table cell, a mention or a link", () => {
    const { output } = markdownReporter(hostileReport, hostileDetails);
    const ours = /<\/?(?:code|details|summary)>|<pre lang="diff">|<\/pre>|<!-- penumbra-report -->/g;
    expect(output.replace(ours, "")).not.toMatch(/[<>]/);
    for (const row of output.split("\n").filter((line) => line.startsWith("|"))) expect(row.match(/\|/g)).toHaveLength(7);
    // Forges look for these outside of code only.
    const outsideOfCode = output.replace(/<code>.*?<\/code>/g, "").replace(/<pre lang="diff">[\s\S]*?<\/pre>/g, "");
    expect(outsideOfCode).not.toMatch(/@\w|(?<!&)#\d|:\/\/|`|\[|\]|www\.|&#(?:64|35);(?!&#8203;|\s)/);
  });

  it("is read by a forge as the same elements whatever the traffic holds", () => {
    const elements = renderedElements(markdownReporter(hostileReport, hostileDetails).output);
    expect(new Set(elements.map(({ name }) => name))).toEqual(
      new Set("h2 p strong br ul li code table thead tbody tr th td details summary pre".split(" ")),
    );
    expect(elements.flatMap(({ attributes }) => Object.entries(attributes))).toEqual(hostileReport.findings.map(() => ["lang", "diff"]));
    const [table, ...others] = tablesOf(elements);
    expect(others).toEqual([]);
    expect(table?.map((cells) => cells.length)).toEqual(Array.from({ length: hostileReport.findings.length + 1 }, () => 6));
    expect(table?.slice(1).map((cells) => cells[5])).toEqual(hostileReport.findings.map(({ id }) => id));
  });

  it("emits no acting character of the traffic", () => {
    expect(markdownReporter(hostileReport, hostileDetails).output.replaceAll("\n", "").replaceAll("️", "")).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
    );
  });
});
