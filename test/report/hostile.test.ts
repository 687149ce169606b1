/** Whatever the traffic holds, it stays text: seen through a parser of each format, there is nothing but what the reporter put there. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../model/report.ts";
import type { ReportDetails, Sample } from "../../report/details.ts";
import { count } from "../../report/figures.ts";
import { githubReporter } from "../../report/github.ts";
import { gitlabReporter } from "../../report/gitlab.ts";
import { jsonReporter } from "../../report/json.ts";
import { junitReporter } from "../../report/junit.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { reporters } from "../../report/reporters.ts";
import { textReporter } from "../../report/text.ts";
import { displayWidth } from "../../report/text-layout.ts";
import { acting } from "../../report/visible.ts";
import { arbitraryReport, hostileText } from "./arbitrary-report.ts";
import { answered, findingWith, noDetails, requestOf, richReport } from "./fixture.ts";
import { hostileDetails, hostileReport } from "./hostile-fixture.ts";
import { readCodeQuality } from "./readers/code-quality.ts";
import { readJunit } from "./readers/junit.ts";
import { logCommandsIn } from "./readers/log-commands.ts";
import { type RenderedElement, renderedElements, tablesOf } from "./readers/rendered-markdown.ts";
import { seenLines } from "./readers/terminal.ts";

interface AnyRun {
  readonly report: Report;
  readonly details: ReportDetails;
}

/** A sample of a finding, with hostile heads, bodies and differences. */
const arbitrarySample: fc.Arbitrary<Omit<Sample, "exchangeId">> = fc
  .tuple(hostileText, hostileText, hostileText, hostileText)
  .map(([method, target, header, body]) => ({
    request: requestOf(method, target, [[header, body]], body),
    primary: answered(200, header, [[header, header]], body),
    control: null,
    candidate: answered(200, header, [[header, header]], target),
    differences: [
      { location: "header", path: header, kind: "header.value", level: "value", from: body, to: target, transition: header },
      { location: "body", path: target, kind: "text.line", level: "value", from: header, to: null, transition: method },
    ],
  }));

const anyRun: fc.Arbitrary<AnyRun> = fc.tuple(arbitraryReport, arbitrarySample, hostileText).map(([report, sample, directory]) => ({
  report,
  details: {
    samples: report.findings.flatMap(({ exemplars }) => exemplars.slice(0, 1).map((exchangeId) => ({ ...sample, exchangeId }))),
    runDirectory: directory,
    acceptedFile: directory,
  },
}));

const hostileRun: AnyRun = { report: hostileReport, details: { ...hostileDetails, color: false } };

/** @param numRuns each a whole report */
function forAnyRun(check: (run: AnyRun) => void, numRuns = 50): void {
  check(hostileRun);
  // Shrinking a whole report takes minutes: the seed that is printed is enough to see it again.
  fc.assert(fc.property(anyRun, check), { numRuns, endOnFailure: true });
}

const openStates: ReadonlySet<string> = new Set(["new", "returned", "unconfirmed"]);
const openIn = ({ report }: AnyRun): number => report.findings.filter(({ state }) => openStates.has(state)).length;

describe("hostile traffic", () => {
  it("sends nothing to the terminal but printable text and our own colours, and keeps the lines within its columns", () => {
    forAnyRun(({ report, details }) => {
      for (const width of [40, 80, 137]) {
        const plain = seenLines(textReporter(report, { ...details, width }).output);
        expect(Math.max(...plain.map(displayWidth))).toBeLessThanOrEqual(width);
        expect(seenLines(textReporter(report, { ...details, width, color: true }).output, { coloured: true })).toEqual(plain);
      }
    }, 30);
  });

  it.each([
    ["text", textReporter],
    ["json", jsonReporter],
    ["markdown", markdownReporter],
    ["junit", junitReporter],
    ["github", githubReporter],
    ["gitlab", gitlabReporter],
  ])("holds no command for a CI server that reads %s in a log, and no character that acts on who reads it", (_, reporter) => {
    forAnyRun(({ report, details }) => {
      const { output } = reporter(report, { ...details, width: 60 });
      expect(logCommandsIn(output)).toEqual([]);
      expect(output.replaceAll("\n", "").match(acting)).toBeNull();
    });
  });

  it("makes no annotation, changes no level and adds no property to one", () => {
    forAnyRun((run) => {
      const { report, details } = run;
      const lines = githubReporter(report, details).annotations ?? [];
      const commands = logCommandsIn(lines.join("\n"));
      const levels = report.verdict === "fail" ? ["error", "warning"] : report.verdict === "pass" ? ["notice"] : ["warning"];
      expect(commands).toHaveLength(Math.min(5, 1 + openIn(run)));
      expect(
        lines
          .join("\n")
          .match(acting)
          ?.filter((found) => found !== "\n") ?? [],
      ).toEqual([]);
      for (const { name, properties } of commands) {
        expect(levels).toContain(name);
        expect([...properties.keys()]).toEqual(["title"]);
      }
    });
  });

  it("makes no row, cell, link, image or element of Markdown", () => {
    forAnyRun((run) => {
      const { output } = markdownReporter(run.report, run.details);
      expect(output.length).toBeLessThanOrEqual(60_000);
      const elements = renderedElements(output);
      expectOurs(elements);
      const rows = tablesOf(elements).flat();
      expect(rows.map((cells) => cells.length)).toEqual(rows.map(() => 6));
      // A renderer drops cells that are too many: only the last one shows whether those before it are what they should be.
      const ids = run.report.findings.filter(({ state }) => openStates.has(state)).map(({ id }) => id);
      const shown = rows.slice(1).map((cells) => cells[5] ?? "");
      expect(shown.toSorted()).toEqual(ids.toSorted());
    });
  });

  it("makes no row, cell, link, image or element of the step summary", () => {
    forAnyRun(({ report, details }) => {
      const { output } = githubReporter(report, details);
      const elements = renderedElements(output);
      expectOurs(elements);
      const rows = tablesOf(elements).flatMap((table) => table.slice(1));
      const shown = report.findings.filter(({ state }) => state !== "noise").map(({ id, state }) => `${id} ${state}`);
      const findings = rows.filter((cells) => cells.length === 7).map((cells) => `${cells[5]} ${cells[6]}`);
      expect(findings.toSorted()).toEqual(shown.toSorted());
      const compared = rows.filter((cells) => cells.length === 6).map((cells) => `${cells[1]} ${cells[2]}`);
      const counted = report.endpoints.map((each) => `${count(each.compared)} ${count(each.different)}`);
      expect(compared.toSorted()).toEqual(counted.toSorted());
      expect(rows).toHaveLength(shown.length + counted.length);
    });
  });

  it("makes no testcase, and hides none", () => {
    forAnyRun(({ report, details }) => {
      const { cases } = readJunit(junitReporter(report, details).output);
      const open = report.findings.filter(({ state }) => openStates.has(state));
      const places = [...report.endpoints, ...open, ...open.flatMap(({ signatures }) => signatures)];
      const endpoints = new Set(places.map(({ endpoint }) => endpoint)).size;
      expect(cases.filter(({ name }) => name.endsWith(" body"))).toHaveLength(endpoints);
      expect(cases.length).toBeGreaterThanOrEqual(1 + 4 * endpoints);
      expect(cases.length).toBeLessThanOrEqual(1 + 5 * endpoints);
    });
  });

  it("makes no issue for GitLab, and no path out of the repository", () => {
    forAnyRun((run) => {
      const issues = readCodeQuality(gitlabReporter(run.report, run.details).output);
      expect(issues).toHaveLength(openIn(run) + (run.report.verdict === "pass" ? 0 : 1));
      for (const { description } of issues) expect(description.match(acting)).toBeNull();
    });
  });

  it("makes no report large: a megabyte is cut in every place", () => {
    const megabyte = `${"|<&`".repeat(250_000)}END`;
    const finding = findingWith({
      title: megabyte,
      endpoint: megabyte,
      path: megabyte,
      transition: megabyte,
      condition: megabyte,
      labels: { instance: megabyte },
      example: { from: megabyte, to: megabyte },
    });
    const report: Report = {
      ...richReport,
      reasons: [{ code: "new-finding", text: megabyte }],
      findings: [finding],
      endpoints: [{ endpoint: megabyte, compared: 1, different: 1, latency: null, upperBound: null }],
      blindSpots: [{ endpoint: megabyte, kind: "low-fidelity", path: megabyte, text: megabyte }],
    };
    for (const [format, reporter] of reporters) {
      if (["json", "html"].includes(format)) continue;
      expect([format, reporter(report, noDetails).output.length < 60_000]).toEqual([format, true]);
    }
    expect(Math.max(...seenLines(textReporter(report, noDetails).output).map(displayWidth))).toBeLessThanOrEqual(80);
    expect((githubReporter(report, noDetails).annotations ?? []).join("").length).toBeLessThan(10_000);
  });
});

const ours: ReadonlySet<string> = new Set("h2 h3 p strong em br sub ul li code table thead tbody tr th td details summary pre".split(" "));

function expectOurs(elements: readonly RenderedElement[]): void {
  for (const { name, attributes } of elements) {
    expect(ours).toContain(name);
    expect(attributes).toEqual(name === "pre" ? { lang: "diff" } : {});
  }
}
