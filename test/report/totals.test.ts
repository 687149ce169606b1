/** The same figures whatever the format: they are read back out of each one. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { githubReporter } from "../../report/github.ts";
import { gitlabReporter } from "../../report/gitlab.ts";
import { htmlReporter } from "../../report/html.ts";
import { jsonReporter } from "../../report/json.ts";
import { junitReporter } from "../../report/junit.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { reporters } from "../../report/reporters.ts";
import { textReporter } from "../../report/text.ts";
import { arbitraryReport } from "./arbitrary-report.ts";
import { emptyReport, noDetails, richDetails, richReport } from "./fixture.ts";
import { goldenRuns } from "./golden-runs.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import {
  type Figures,
  figuresInAnnotations,
  figuresInCodeQuality,
  figuresInHtml,
  figuresInJson,
  figuresInJunit,
  figuresInMarkdown,
  figuresInText,
  figuresOf,
} from "./readers/read-back.ts";

/** Formats that have every figure. */
const whole: readonly (readonly [string, (report: Report) => Figures])[] = [
  ["json", (report) => figuresInJson(jsonReporter(report, noDetails).output)],
  ["text", (report) => figuresInText(textReporter(report, noDetails).output)],
  ["markdown", (report) => figuresInMarkdown(markdownReporter(report, noDetails).output)],
  ["github", (report) => figuresInMarkdown(githubReporter(report, noDetails).output)],
  ["junit", (report) => figuresInJunit(junitReporter(report, noDetails).output)],
  ["html", (report) => figuresInHtml(htmlReporter(report, noDetails).output)],
];

/** Formats that have the sum of what was not comparable only. */
const short: readonly (readonly [string, (report: Report) => Figures | null])[] = [
  ["github annotations", (report) => figuresInAnnotations(githubReporter(report, noDetails).annotations ?? [])],
  ["gitlab", (report) => figuresInCodeQuality(gitlabReporter(report, noDetails).output)],
];

const big: Report = { ...richReport, totals: { ...richReport.totals, exchanges: 1_234_567, compared: 1_234_555, same: 1_234_409 } };
const cases: readonly (readonly [string, Report])[] = [
  ...goldenRuns.filter(({ name }) => name !== "hostile").map(({ name, report }) => [name, report] as const),
  ["a run with nothing compared", emptyReport],
  ["a big run", big],
  ["a pass with a reason", { ...big, verdict: "pass", findings: [] }],
];

/** What such a format has to say: nothing of a pass, where it has no place for it. */
function shortFigures(report: Report, says: Figures | null): Figures | null {
  const { byReason: _, ...figures } = figuresOf(report);
  return says === null && figures.verdict === "pass" ? null : figures;
}

describe.each(cases)("the figures of %s", (_, report) => {
  it("add up in the report itself", () => {
    const { exchanges, compared, notComparable, same, different } = figuresOf(report);
    expect([compared + notComparable, same + different]).toEqual([exchanges, compared]);
  });

  it.each(whole)("are the same in %s", (_format, read) => {
    expect(read(report)).toEqual(figuresOf(report));
  });

  it.each(short)("are the same in %s, as far as it has them", (_format, read) => {
    expect(read(report)).toEqual(shortFigures(report, read(report)));
  });
});

describe("the figures of any run", () => {
  it.each(whole)("are the same in %s", (_, read) => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        expect(read(report)).toEqual(figuresOf(report));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it.each(short)("are the same in %s, as far as it has them", (_, read) => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        expect(read(report)).toEqual(shortFigures(report, read(report)));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe("every registered reporter", () => {
  it("is one of the formats that the command line offers", () => {
    expect([...reporters.keys()]).toEqual(["text", "json", "html", "markdown", "junit", "github", "gitlab"]);
  });

  it.each([...reporters])("%s gives the same characters for the same report", (_, reporter) => {
    expect(reporter(richReport, richDetails)).toEqual(reporter(structuredClone(richReport), structuredClone(richDetails)));
    expect(reporter(hostileReport, hostileDetails)).toEqual(reporter(structuredClone(hostileReport), structuredClone(hostileDetails)));
  });

  it.each([...reporters])("%s does not depend on the order in which samples arrive", (_, reporter) => {
    expect(reporter(richReport, { ...richDetails, samples: richDetails.samples.toReversed() })).toEqual(reporter(richReport, richDetails));
  });
});
