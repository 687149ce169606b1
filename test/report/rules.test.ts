import { describe, expect, it } from "vitest";
import type { Report, RuleSummary } from "../../model/report.ts";
import { htmlReporter } from "../../report/html.ts";
import { jsonReporter } from "../../report/json.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { reportSchema } from "../../report/schema.ts";
import { textReporter } from "../../report/text.ts";
import { displayWidth } from "../../report/text-layout.ts";
import { noDetails, passingReport } from "./fixture.ts";
import { pageDataOf } from "./readers/html-data.ts";

const place = (index: number): RuleSummary["places"][number] => ({
  endpoint: `GET /posts/{id}/part${index}`,
  location: "body",
  path: "/served",
  kind: "json.value",
});
const rules: readonly RuleSummary[] = [
  { text: "ignore body $.typo", reason: "a | typo", hidden: 0, exchanges: 0, places: [], idle: "nothing-differed" },
  { text: "key sku of body $.items", reason: null, hidden: 0, exchanges: 7, places: [], idle: null },
  {
    text: "ignore body $.served",
    reason: "names the machine",
    hidden: 1200,
    exchanges: 600,
    places: Array.from({ length: 8 }, (_, index) => place(index)),
    idle: null,
  },
  { text: "ignore status at GET /gone", reason: "gone", hidden: 0, exchanges: 0, places: [], idle: "no-endpoint" },
];
const report: Report = { ...passingReport, rules };

describe("rules in reports", () => {
  it("are listed in text with what they hid, where and why; those that did nothing last", () => {
    const section = textReporter(report, { ...noDetails, width: 120 })
      .output.split("\n\n")
      .find((block) => block.startsWith("Rules"));
    expect(section?.split("\n")).toEqual([
      "Rules of the configuration",
      "  · key sku of body $.items: used in 7 exchanges",
      "  · ignore body $.served: hid 1,200 differences in 600 exchanges (names the machine)",
      ...[0, 1, 2, 3, 4].map((index) => `      GET /posts/{id}/part${index} · body /served · json.value`),
      "      and 3 more",
      "  · ignore body $.typo: had nothing to do: nothing differs there (a | typo)",
      "  · ignore status at GET /gone: had nothing to do: no endpoint is called so (gone)",
    ]);
  });

  it("are grey in a terminal, and within its width", () => {
    const colored = textReporter(report, { ...noDetails, color: true }).output;
    expect(colored).toContain("\u001b[2m  · key sku of body $.items: used in 7 exchanges\u001b[22m");
    const narrow = textReporter(report, { ...noDetails, width: 40 }).output.split("\n");
    expect(Math.max(...narrow.map(displayWidth))).toBeLessThanOrEqual(40);
  });

  it("are folded away in Markdown", () => {
    const { output } = markdownReporter(report, noDetails);
    expect(output).toContain("<summary>1 rule of the configuration hid 1,200 differences</summary>");
    expect(output).toMatch(/^- .*ignore body \S*served<\/code>: hid 1,200 differences in 600 exchanges \(names the machine\)<br><sub>/m);
    expect(markdownReporter(passingReport, noDetails).output).not.toContain("of the configuration");
  });

  it("are in the page's data, and absent from a report without any", () => {
    expect(pageDataOf(htmlReporter(report, noDetails).output).rules).toContainEqual(
      expect.objectContaining({ did: "hid 1,200 differences in 600 exchanges", reason: "names the machine" }),
    );
    expect(pageDataOf(htmlReporter(passingReport, noDetails).output)).toMatchObject({ rules: [], rulesSentence: "" });
    expect(textReporter(passingReport, noDetails).output).not.toContain("Rules of the configuration");
  });

  it("come back from report.json as they were", () => {
    expect(reportSchema.parse(JSON.parse(jsonReporter(report, noDetails).output))).toEqual(report);
    expect(reportSchema.parse(JSON.parse(jsonReporter(passingReport, noDetails).output))).toEqual(passingReport);
  });

  it("explain what was not tested", () => {
    expect(textReporter(report, noDetails).output).toMatch(/was not tested, what rules ignore\s+included/);
  });
});
