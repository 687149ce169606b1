/** The same numbers whatever the format: the totals are read back out of each one. */

import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import { htmlReporter } from "../../report/html.ts";
import { jsonReporter } from "../../report/json.ts";
import { junitReporter } from "../../report/junit.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { reporters } from "../../report/reporters.ts";
import { textReporter } from "../../report/text.ts";
import { emptyReport, noDetails, passingReport, richDetails, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";

interface Totals {
  readonly exchanges: number;
  readonly compared: number;
  readonly notComparable: number;
  readonly same: number;
  readonly noiseOnly: number;
  readonly different: number;
}

function totalsOf({ totals }: Report): Totals {
  const { exchanges, compared, same, noiseOnly, different } = totals;
  const notComparable = Object.values(totals.notComparable).reduce((sum, n) => sum + n, 0);
  return { exchanges, compared, notComparable, same, noiseOnly, different };
}

/** Reads "262 exchanges = 250 compared + 12 not comparable" and "250 compared = 104 same (41 with …) + 146 different". */
function totalsIn(text: string): Totals {
  const all = /([\d,]+) exchanges? = ([\d,]+) compared \+ ([\d,]+) not comparable/.exec(text);
  const compared = /([\d,]+) compared = ([\d,]+) same(?: \(([\d,]+) with noise only\))? \+ ([\d,]+) different/.exec(text);
  const number = (digits: string | undefined): number => Number((digits ?? "0").replaceAll(",", ""));
  expect(compared?.[1]).toBe(all?.[2]);
  return {
    exchanges: number(all?.[1]),
    compared: number(all?.[2]),
    notComparable: number(all?.[3]),
    same: number(compared?.[2]),
    noiseOnly: number(compared?.[3]),
    different: number(compared?.[4]),
  };
}

interface Part {
  readonly key: string;
  readonly n: number;
}

function partsIn(html: string): readonly Part[] {
  const block = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
  return (JSON.parse(block) as { data: { parts: readonly Part[] } }).data.parts;
}

const big: Report = { ...richReport, totals: { ...richReport.totals, exchanges: 1_234_567, compared: 1_234_555, same: 1_234_409 } };
const cases: readonly (readonly [string, Report])[] = [
  ["a failed run", richReport],
  ["a passing run", passingReport],
  ["an empty run", emptyReport],
  ["a big run", big],
];

describe.each(cases)("the totals of %s", (_, report) => {
  it("add up in the report itself", () => {
    const { exchanges, compared, notComparable, same, different } = totalsOf(report);
    expect([compared + notComparable, same + different]).toEqual([exchanges, compared]);
  });

  it.each([
    ["text", textReporter],
    ["markdown", markdownReporter],
    ["junit", junitReporter],
    ["html", htmlReporter],
  ])("are the same in %s", (_format, reporter) => {
    expect(totalsIn(reporter(report, noDetails).output)).toEqual(totalsOf(report));
  });

  it("are the same in json", () => {
    expect(totalsOf(JSON.parse(jsonReporter(report, noDetails).output) as Report)).toEqual(totalsOf(report));
  });

  it("are the parts of the page's bar, each exchange in exactly one", () => {
    const parts = partsIn(htmlReporter(report, noDetails).output);
    const sum = (...keys: string[]): number => parts.filter(({ key }) => keys.includes(key)).reduce((total, { n }) => total + n, 0);
    const { exchanges, notComparable, same, noiseOnly, different } = totalsOf(report);
    expect(parts.reduce((total, { n }) => total + n, 0)).toBe(exchanges);
    expect([sum("same", "noise"), sum("noise"), sum("different"), sum("skipped")]).toEqual([same, noiseOnly, different, notComparable]);
  });
});

describe("every registered reporter", () => {
  it("is one of the formats that the command line offers", () => {
    expect([...reporters.keys()]).toEqual(["text", "json", "html", "markdown", "junit", "github", "gitlab"]);
  });

  it.each([...reporters])("%s gives the same characters for the same report", (_, reporter) => {
    expect(reporter(richReport, richDetails).output).toBe(reporter(structuredClone(richReport), structuredClone(richDetails)).output);
    expect(reporter(hostileReport, hostileDetails).output).toBe(
      reporter(structuredClone(hostileReport), structuredClone(hostileDetails)).output,
    );
  });

  it.each([...reporters])("%s does not depend on the order in which samples arrive", (_, reporter) => {
    expect(reporter(richReport, { ...richDetails, samples: richDetails.samples.toReversed() }).output).toBe(
      reporter(richReport, richDetails).output,
    );
  });
});
