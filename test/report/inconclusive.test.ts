/** A run that cannot say anything is never taken for a pass: not by its words, not by its signs, not by what a machine reads of it. */

import { describe, expect, it } from "vitest";
import type { Report, Verdict } from "../../model/report.ts";
import { exitCodeOf } from "../../report/exit-code.ts";
import { githubReporter } from "../../report/github.ts";
import { gitlabReporter } from "../../report/gitlab.ts";
import { htmlReporter } from "../../report/html.ts";
import { jsonReporter } from "../../report/json.ts";
import { junitReporter } from "../../report/junit.ts";
import { markdownReporter } from "../../report/markdown.ts";
import { textReporter } from "../../report/text.ts";
import { noDetails, passingReport } from "./fixture.ts";
import { readCodeQuality } from "./readers/code-quality.ts";
import { pageDataOf } from "./readers/html-data.ts";
import { readJunit } from "./readers/junit.ts";
import { logCommandsIn } from "./readers/log-commands.ts";
import { renderedElements } from "./readers/rendered-markdown.ts";

/** The same run, but for its verdict. */
const runWith = (verdict: Verdict): Report => ({ ...passingReport, verdict });

/** What each format says in words, and what in a sign or in what a machine goes by. */
const looks: readonly (readonly [string, (report: Report) => readonly [words: string, sign: string]])[] = [
  ["exit code", (report) => [String(exitCodeOf(report)), String(exitCodeOf(report))]],
  ["text", (report) => [wordIn(textReporter(report, noDetails).output), textReporter(report, noDetails).output.slice(0, 1)]],
  [
    "text sign",
    (report) => [wordIn(textReporter(report, noDetails).output), /\n (\S) /.exec(textReporter(report, noDetails).output)?.[1] ?? ""],
  ],
  ["json", (report) => [(JSON.parse(jsonReporter(report, noDetails).output) as Report).verdict, jsonReporter(report, noDetails).output]],
  ["markdown", (report) => headingIn(markdownReporter(report, noDetails).output)],
  ["step summary", (report) => headingIn(githubReporter(report, noDetails).output)],
  [
    "annotation",
    (report) => {
      const [command] = logCommandsIn((githubReporter(report, noDetails).annotations ?? []).join("\n"));
      return [command?.properties.get("title") ?? "", command?.name ?? ""];
    },
  ],
  [
    "junit",
    (report) => {
      const { cases, properties } = readJunit(junitReporter(report, noDetails).output);
      return [properties.get("verdict") ?? "", [...new Set(cases.filter(({ name }) => name !== "x").map(({ result }) => result))].join()];
    },
  ],
  [
    "gitlab",
    (report) => {
      const [issue] = readCodeQuality(gitlabReporter(report, noDetails).output);
      return [issue?.description ?? "none", issue?.severity ?? "none"];
    },
  ],
  [
    "html",
    (report) => {
      const { output } = htmlReporter(report, noDetails);
      return [/<title>([^<]*)/.exec(output)?.[1] ?? "", pageDataOf(output).verdict];
    },
  ],
];

function wordIn(output: string): string {
  return /[A-Z]{4,}/.exec(output)?.[0] ?? "";
}

function headingIn(output: string): readonly [string, string] {
  const heading = renderedElements(output).find(({ name }) => name === "h2")?.text ?? "";
  return [heading, heading.slice(0, 1)];
}

describe("an inconclusive run", () => {
  it.each(looks)("looks unlike a pass and unlike a failure: %s", (_, look) => {
    const verdicts = (["pass", "fail", "inconclusive"] as const).map((verdict) => look(runWith(verdict)));
    expect(new Set(verdicts.map(([words]) => words)).size).toBe(3);
    expect(new Set(verdicts.map(([, sign]) => sign)).size).toBe(3);
  });

  it("has no testcase that passed", () => {
    const { cases } = readJunit(junitReporter(runWith("inconclusive"), noDetails).output);
    expect(cases.length).toBeGreaterThan(20);
    expect(new Set(cases.map(({ result }) => result))).toEqual(new Set(["skipped"]));
  });
});
